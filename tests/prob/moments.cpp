// Streaming and merged mean and covariance against two passes in long double.
#include <doctest/doctest.h>

#include <cosmoml/core/key.hpp>
#include <cosmoml/prob/moments.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <cmath>
#include <vector>

using namespace cosmoml;
using prob::moments;

namespace {
constexpr index_t d = 3;
ndarray<double> rows(index_t n, double shift) {
  ndarray<double> x(n, d);
  for (index_t i = 0; i < n; ++i) {
    const double a = key{1}.normal(std::uint64_t(3 * i)), b = key{1}.normal(std::uint64_t(3 * i + 1)), c = key{1}.normal(std::uint64_t(3 * i + 2));
    x[i * d] = shift + a, x[i * d + 1] = -2 * shift + 0.5 * a + 3 * b, x[i * d + 2] = 1e-3 * c - 1e-3 * b;
  }
  return x;
}
struct truth {
  long double mean[d] = {}, covariance[d][d] = {};
  explicit truth(const ndarray<double>& x) {
    const index_t n = x.rows();
    for (index_t i = 0; i < n * d; ++i) mean[i % d] += static_cast<long double>(x[i]) / static_cast<long double>(n);
    for (index_t r = 0; r < n; ++r)
      for (index_t i = 0; i < d; ++i)
        for (index_t j = 0; j < d; ++j) covariance[i][j] += (x[r * d + i] - mean[i]) * (x[r * d + j] - mean[j]) / static_cast<long double>(n - 1);
  }
};
void near(const moments& m, const truth& t, double tolerance) {
  const auto c = m.covariance();
  for (index_t i = 0; i < d; ++i) {
    CHECK(std::abs(m.mean()[std::size_t(i)] - double(t.mean[i])) <= 2e-15 * std::abs(double(t.mean[i])) + 1e-15);
    CHECK(m.variance()[std::size_t(i)] == c[i * d + i]);
    for (index_t j = 0; j < d; ++j) {
      const double scale = std::sqrt(double(t.covariance[i][i] * t.covariance[j][j]));
      CHECK(std::abs(c[i * d + j] - double(t.covariance[i][j])) <= tolerance * scale);
      CHECK(c[i * d + j] == c[j * d + i]);
    }
  }
}
}

TEST_CASE("prob/moments: four numbers near 1e9 have variance 30 exactly, one by one, merged in any split, as a block") {
  const double x[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
  for (int split = 0; split <= 4; ++split) {
    moments a(1), b(1);
    for (int i = 0; i < 4; ++i) (i < split ? a : b).add({x + i, 1});
    a.merge(b);
    CHECK(a.variance()[0] == 30);
    CHECK(a.mean()[0] == 1e9 + 10);
    CHECK(a.weight() == 4);
    CHECK(a.variance(true)[0] == 22.5);
  }
  moments block(1);
  block.add_rows(std::vector<double>(x, x + 4));
  CHECK(block.covariance()[0] == 30);
}
TEST_CASE("prob/moments: a stream, blocks and merged parts are two passes in long double, far from zero too") {
  for (const double shift : {0.0, 1e6}) {
    const auto x = rows(4099, shift);
    const truth t(x);
    const double tolerance = shift == 0 ? 1e-13 : 1e-9;
    moments stream(d), blocks(d), tree(d);
    for (index_t r = 0; r < x.rows(); ++r) stream.add({x.data() + r * d, std::size_t(d)});
    near(stream, t, tolerance);
    for (index_t first = 0; first < x.rows(); first += 500) {
      const index_t n = std::min<index_t>(500, x.rows() - first);
      moments part(d);
      part.add_rows(ndview<const double>(x.data() + first * d, n, d));
      blocks.add_rows(ndview<const double>(x.data() + first * d, n, d));
      tree.merge(moments::from_numbers(d, part.numbers()));
    }
    near(blocks, t, tolerance);
    near(tree, t, tolerance);
    CHECK(tree.numbers() == blocks.numbers());
    const ndarray<double> half = x;
    // region: merge
    prob::moments seen(3), of_another_thread(3);
    seen.add_rows(x);                                    // (n, 3), float or double, any strides
    of_another_thread.add_rows(half);
    seen.merge(of_another_thread);
    const std::vector<double>& mean = seen.mean();
    const ndarray<double> covariance = seen.covariance();   // (3, 3), divided by n - 1
    const std::vector<double> to_send = seen.numbers();     // plain numbers for MPI; from_numbers(3, to_send) is their other end
    // end region
    CHECK(seen.weight() == 2 * 4099);
    CHECK(std::abs(mean[1] - double(t.mean[1])) <= 2e-15 * std::abs(double(t.mean[1])) + 1e-15);
    CHECK(covariance[4] == doctest::Approx(double(t.covariance[1][1]) * 2 * 4098 / (2 * 4099 - 1)).epsilon(1e-9));
    CHECK(to_send.size() == 10);
    CHECK(tree.weight() == 4099);
  }
}
TEST_CASE("prob/moments: weights are copies, weight zero is nothing") {
  moments weighted(2), copied(2);
  const double x[][2] = {{1, 5}, {2, -3}, {7, 0.25}};
  const int times[] = {3, 0, 2};
  for (int i = 0; i < 3; ++i) {
    weighted.add(x[i], times[i]);
    for (int k = 0; k < times[i]; ++k) copied.add(x[i]);
  }
  for (int i = 0; i < 4; ++i) CHECK(weighted.covariance()[i] == doctest::Approx(copied.covariance()[i]).epsilon(1e-14));
  CHECK(weighted.mean()[0] == doctest::Approx(17.0 / 5).epsilon(1e-15));
  CHECK(weighted.weight() == 5);
}
TEST_CASE("prob/moments: what is wrong is told, and changes nothing") {
  moments m(2);
  const double good[] = {1, 2}, bad[] = {1, NAN};
  m.add(good);
  CHECK_THROWS_AS(m.add(bad), numerical_error);
  CHECK_THROWS_AS(m.add({good, 1}), shape_mismatch);
  CHECK_THROWS_AS(m.add(good, -1), invalid_argument);
  CHECK_THROWS_AS(m.covariance(), invalid_argument);   // one row has none
  CHECK_THROWS_AS(moments(0), invalid_argument);
  CHECK_THROWS_AS(m.merge(moments(3)), shape_mismatch);
  CHECK_THROWS_AS(moments::from_numbers(2, std::vector<double>(5)), shape_mismatch);
  ndarray<double> block(3, 2);
  block[5] = INFINITY;
  CHECK_THROWS_WITH_AS(m.add_rows(block), "cosmoml: prob::moments.add_rows: inf in row 2, column 1; leave such rows out, or fill them in", numerical_error);
  CHECK_THROWS_AS(m.add_rows(ndarray<double>(2, 3)), shape_mismatch);
  m.add_rows(ndarray<double>(0, 2));
  m.merge(moments(2));
  CHECK(m.weight() == 1);
  CHECK(m.mean() == std::vector<double>{1, 2});
  CHECK(m.covariance(true)[0] == 0);
}
