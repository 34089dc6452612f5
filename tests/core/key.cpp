#include <cosmoml/core/key.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace cosmoml;

TEST_CASE("core/key: Philox 4x32-10 gives the published known answers") {
  // Random123's kat_vectors
  CHECK(philox::at({{0, 0, 0, 0}}, 0, 0) == philox::block{{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  CHECK(philox::at({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u) == philox::block{{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  CHECK(philox::at({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0) ==
        philox::block{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
  static_assert(philox::at({{0, 0, 0, 0}}, 0, 0).word[0] == 0x6627e8d5, "also at compile time");
}

TEST_CASE("core/key: folded and split keys differ from one another and from their parent") {
  const key parent{7};
  std::set<std::uint64_t> seen{parent.value};
  for (std::uint64_t i = 0; i < 1000; ++i) seen.insert(parent.fold(i).value);
  CHECK(seen.size() == 1001);
  const auto [a, b] = split<2>(parent);
  CHECK(a == parent.fold(0));
  CHECK(b == parent.fold(1));
}

TEST_CASE("core/key: uniforms have the moments of their law and stay in [0, 1)") {
  const key k{2024};
  const int n = 200000;
  auto moments = [&](auto number) {
    double sum = 0, square = 0, low = 1, high = 0;
    for (int i = 0; i < n; ++i) {
      const double u = number(std::uint64_t(i));
      sum += u, square += u * u, low = std::min(low, u), high = std::max(high, u);
    }
    CHECK(low >= 0);
    CHECK(high < 1);
    CHECK(std::abs(sum / n - 0.5) < 5 * std::sqrt(1.0 / 12 / n));
    CHECK(std::abs(square / n - 1.0 / 3) < 5 * std::sqrt((1.0 / 5 - 1.0 / 9) / n));
  };
  moments([&](std::uint64_t i) { return k.uniform(i); });
  moments([&](std::uint64_t i) { return double(k.uniform<float>(i)); });
}

TEST_CASE("core/key: normals have mean 0, variance 1, kurtosis 3, and neighbours do not correlate") {
  const key k{99};
  const int n = 200000;
  auto check = [&](auto number) {
    double s1 = 0, s2 = 0, s4 = 0, lag = 0, last = 0;
    for (int i = 0; i < n; ++i) {
      const double z = number(std::uint64_t(i));
      s1 += z, s2 += z * z, s4 += z * z * z * z, lag += z * last, last = z;
    }
    CHECK(std::abs(s1 / n) < 5 / std::sqrt(n));
    CHECK(std::abs(s2 / n - 1) < 5 * std::sqrt(2.0 / n));
    CHECK(std::abs(s4 / n - 3) < 5 * std::sqrt(96.0 / n));
    CHECK(std::abs(lag / n) < 5 / std::sqrt(n));
  };
  check([&](std::uint64_t i) { return k.normal(i); });
  check([&](std::uint64_t i) { return double(k.normal<float>(i)); });
}

TEST_CASE("core/key: below(n) is uniform over 0 ... n - 1") {
  const key k{5};
  std::vector<int> counts(7);
  for (std::uint64_t i = 0; i < 70000; ++i) ++counts[k.below(7, i)];
  for (int c : counts) CHECK(std::abs(c - 10000) < 5 * 93);
  CHECK(k.below(1, 3) == 0);
  __extension__ typedef unsigned __int128 wide;   // below(n) is the high half of a 128-bit product
  const std::uint64_t n = 0xfedcba9876543211u;
  for (std::uint64_t i = 0; i < 100; ++i) CHECK(k.below(n, i) == std::uint64_t((static_cast<wide>(k.bits64(i)) * n) >> 64));
}
