#include <cosmoml/ad/gradient_check.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace cosmoml;

TEST_CASE("ad/gradient_check: accepts a right gradient, names the entry of a wrong one, restores its point") {
  std::array<double, 3> x{0.3, -1.2, 2.5};
  const auto keep = x;
  auto value = [&] { return std::sin(x[0]) + x[1] * x[1] * x[2]; };
  std::array<double, 3> g{std::cos(x[0]), 2 * x[1] * x[2], x[1] * x[1]};
  CHECK(ad::check_gradient(value, x, g).within(1e-9));
  CHECK(x == keep);
  g[1] += 1e-3;
  const auto r = ad::check_gradient(value, x, g);
  CHECK(!r.within(1e-5));
  CHECK(r.entry == 1);
  g[1] = NAN;
  CHECK(!ad::check_gradient(value, x, g).within(1e-5));
  CHECK_THROWS_AS(ad::check_gradient(value, x, std::span<const double>(g.data(), 2)), shape_mismatch);
}
