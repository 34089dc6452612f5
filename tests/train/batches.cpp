#include <cosmoml/train/batches.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace cosmoml;

TEST_CASE("train/batches: cover every sample once, the last one shorter") {
  const train::batches b(10, 4);
  CHECK(b.count() == 3);
  CHECK(b.size(2) == 2);
  CHECK(b.first(2) == 8);
  CHECK(train::batches(3, 10).size(0) == 3);
  CHECK_THROWS_AS(train::batches(0, 4), invalid_argument);
  CHECK_THROWS_AS(train::batches(4, 0), invalid_argument);
}

TEST_CASE("train/permutation: holds each number once, and the key decides") {
  auto p = train::permutation(100, key{1});
  CHECK(p == train::permutation(100, key{1}));
  CHECK(p != train::permutation(100, key{2}));
  std::sort(p.begin(), p.end());
  for (int i = 0; i < 100; ++i) CHECK(p[std::size_t(i)] == i);
  // each of the six orders of three comes up about equally often
  std::vector<int> counts(27);
  for (std::uint64_t s = 0; s < 6000; ++s) {
    const auto q = train::permutation(3, key{s});
    ++counts[std::size_t(q[0] * 9 + q[1] * 3 + q[2])];
  }
  int orders = 0;
  for (int c : counts)
    if (c > 0) {
      ++orders;
      CHECK(std::abs(c - 1000) < 5 * 29);
    }
  CHECK(orders == 6);
}
