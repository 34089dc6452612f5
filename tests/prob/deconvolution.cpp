// Extreme deconvolution: plain EM without noise, a closed form with gaps, a known mixture behind noise.
#include <cosmoml/prob/deconvolution.hpp>
#include <cosmoml/prob/mixture.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

namespace {
prob::mixture_parameters truth() {
  prob::mixture_parameters p(2, 2);
  p.weight = {0.4, 0.6};
  p.mean = {-10, 1, 20, -1};
  p.covariance = {25, 1.5, 1.5, 0.25, 36, -2, -2, 0.16};
  return p;
}
prob::mixture_parameters rough_start() {
  prob::mixture_parameters p(2, 2);
  p.weight = {0.5, 0.5};
  p.mean = {-5, 0.5, 15, -0.5};
  p.covariance = {100, 0, 0, 1, 100, 0, 0, 1};
  return p;
}
double worst(const std::vector<double>& a, const std::vector<double>& b) {
  double w = 0;
  for (std::size_t i = 0; i < a.size(); ++i) w = std::max(w, std::abs(a[i] - b[i]) / (1 + std::abs(b[i])));
  return w;
}
}

TEST_CASE("prob/deconvolve: without noise and gaps it is EM, every covariance") {
  const auto x = prob::mixture<>(truth()).sample(700, key{1});
  for (auto kind : {prob::covariance::full, prob::covariance::tied, prob::covariance::diagonal, prob::covariance::spherical}) {
    const prob::em_options o{.covariance = kind, .threshold_fit = 0, .max_iter = 15};
    auto a = rough_start(), b = a;
    const auto ra = prob::deconvolve(a, x, ndarray<double>(700, 2), o);
    const auto rb = prob::fit_em(b, prob::table<double>(x), o);
    CHECK(ra.log_likelihood == doctest::Approx(rb.log_likelihood).epsilon(1e-10));
    CHECK(worst(a.mean, b.mean) < 1e-9);
    CHECK(worst(a.covariance, b.covariance) < 1e-9);
    CHECK(worst(a.weight, b.weight) < 1e-9);
  }
}

TEST_CASE("prob/deconvolve: a Gaussian with a column missing from some rows, against the closed form (Anderson 1957)") {
  const index_t n = 400, complete = 250;
  ndarray<double> x(n, 2);
  for (index_t i = 0; i < n; ++i) {
    x[2 * i] = 3 + key{2}.normal(std::uint64_t(2 * i));
    x[2 * i + 1] = i < complete ? 100 + 20 * x[2 * i] + 7 * key{2}.normal(std::uint64_t(2 * i + 1)) : NAN;
  }
  double mx = 0, vx = 0, cx = 0, cy = 0, sxx = 0, sxy = 0, syy = 0;
  for (index_t i = 0; i < n; ++i) mx += x[2 * i] / n;
  for (index_t i = 0; i < n; ++i) vx += (x[2 * i] - mx) * (x[2 * i] - mx) / n;
  for (index_t i = 0; i < complete; ++i) cx += x[2 * i] / complete, cy += x[2 * i + 1] / complete;
  for (index_t i = 0; i < complete; ++i) {
    const double a = x[2 * i] - cx, b = x[2 * i + 1] - cy;
    sxx += a * a / complete, sxy += a * b / complete, syy += b * b / complete;
  }
  const double slope = sxy / sxx;
  prob::mixture_parameters p(1, 2);
  p.weight = {1}, p.mean = {0, 50}, p.covariance = {4, 0, 0, 400};
  const auto r = prob::deconvolve(p, x, ndarray<double>(n, 2), {.threshold_fit = 1e-15, .max_iter = 5000, .reg_covar = 0, .trace = true});
  CHECK(p.mean[0] == doctest::Approx(mx).epsilon(1e-6));
  CHECK(p.mean[1] == doctest::Approx(cy + slope * (mx - cx)).epsilon(1e-6));
  CHECK(p.covariance[0] == doctest::Approx(vx).epsilon(1e-6));
  CHECK(p.covariance[1] == doctest::Approx(slope * vx).epsilon(1e-6));
  CHECK(p.covariance[3] == doctest::Approx(syy - slope * sxy + slope * slope * vx).epsilon(1e-6));
  for (std::size_t i = 1; i < r.history.size(); ++i) CHECK(r.history[i] >= r.history[i - 1] - 1e-12);
}

TEST_CASE("prob/deconvolve: recovers a mixture behind noise and gaps that plain EM broadens; the likelihood never falls; threads do not matter") {
  const index_t n = 8000;
  const auto clean = prob::mixture<>(truth()).sample(n, key{3});
  ndarray<double> x = clean, covariance(n, 2, 2), sd(n, 2);
  for (index_t i = 0; i < n; ++i) {   // noise as large as the spread itself, correlated, different in each row
    const double a = 2 + 6 * key{4}.uniform(std::uint64_t(2 * i)), b = 0.2 + 0.6 * key{4}.uniform(std::uint64_t(2 * i + 1));
    const double u = key{5}.normal(std::uint64_t(2 * i)), v = key{5}.normal(std::uint64_t(2 * i + 1));
    x[2 * i] += a * u, x[2 * i + 1] += b * (0.6 * u + 0.8 * v);
    covariance[4 * i] = a * a, covariance[4 * i + 1] = covariance[4 * i + 2] = 0.6 * a * b, covariance[4 * i + 3] = b * b;
  }
  auto plain = rough_start(), deep = rough_start();
  prob::fit_em(plain, prob::table<double>(x), {.threshold_fit = 1e-7});
  CHECK(plain.covariance[3] > 1.7 * truth().covariance[3]);
  for (index_t i = 0; i < n; i += 5) x[2 * i + i % 2] = NAN;   // a fifth of the rows lose a column
  const prob::em_options o{.threshold_fit = 1e-8, .trace = true};
  const auto r = prob::deconvolve(deep, x, covariance, o);
  CHECK(r.status == prob::em_status::converged);
  const auto t = truth();
  for (std::size_t i = 0; i < 2; ++i) CHECK(std::abs(deep.weight[i] - t.weight[i]) < 0.02);
  CHECK(std::abs(deep.mean[0] - t.mean[0]) < 0.5);
  CHECK(std::abs(deep.mean[3] - t.mean[3]) < 0.05);
  for (std::size_t i : {0u, 3u, 4u, 7u}) CHECK(deep.covariance[i] == doctest::Approx(t.covariance[i]).epsilon(0.12));
  for (std::size_t i : {1u, 5u}) CHECK(std::abs(deep.covariance[i] - t.covariance[i]) < 0.25);
  for (std::size_t i = 1; i < r.history.size(); ++i) CHECK(r.history[i] >= r.history[i - 1] - 1e-12);
  for (int threads = 1; threads <= 4; ++threads) {
    auto again = rough_start();
    prob::deconvolve(again, x, covariance, {.threshold_fit = 1e-8, .threads = threads});
    CHECK(again.mean == deep.mean);
    CHECK(again.covariance == deep.covariance);
  }
}

TEST_CASE("prob/deconvolve: weights of rows are copies of rows") {
  const auto x = prob::mixture<>(truth()).sample(300, key{6});
  ndarray<double> sd(300, 2), copies_sd(600, 2), copies(600, 2);
  std::vector<double> w(300);
  index_t n = 0;
  for (index_t i = 0; i < 300; ++i) {
    w[std::size_t(i)] = double(i % 4);
    for (int a : {0, 1}) sd[2 * i + a] = (a ? 0.3 : 3) * (1 + key{7}.uniform(std::uint64_t(2 * i + a)));
    for (index_t m = 0; m < i % 4; ++m, ++n)
      for (int a : {0, 1}) copies[2 * n + a] = x[2 * i + a], copies_sd[2 * n + a] = sd[2 * i + a];
  }
  REQUIRE(n == 450);
  const prob::em_options o{.threshold_fit = 0, .max_iter = 20, .reg_covar = 0};
  auto a = rough_start(), b = a;
  const auto ra = prob::deconvolve(a, x, sd, o, w);
  const auto rb = prob::deconvolve(b, as_ndview(copies).middle_rows(0, n), as_ndview(copies_sd).middle_rows(0, n), o);
  CHECK(ra.log_likelihood == doctest::Approx(rb.log_likelihood).epsilon(1e-12));
  CHECK(worst(a.mean, b.mean) < 1e-10);
  CHECK(worst(a.covariance, b.covariance) < 1e-10);
  CHECK(worst(a.weight, b.weight) < 1e-10);
  w[3] = -1;
  CHECK_THROWS_AS(prob::deconvolve(a, x, sd, o, w), invalid_argument);
}

TEST_CASE("prob/deconvolve: mistakes") {
  auto p = rough_start();
  ndarray<double> x(10, 2);
  for (index_t i = 0; i < 20; ++i) x[i] = double(i * i % 7);
  CHECK_THROWS_AS(prob::deconvolve(p, x, ndarray<double>(10, 3)), shape_mismatch);
  CHECK_THROWS_AS(prob::deconvolve(p, x, ndarray<double>(9, 2)), shape_mismatch);
  ndarray<double> noise(10, 2);
  noise[3] = -1;
  CHECK_THROWS_AS(prob::deconvolve(p, x, noise), invalid_argument);
  x[0] = INFINITY;
  CHECK_THROWS_AS(prob::deconvolve(p, x, ndarray<double>(10, 2)), numerical_error);
}
