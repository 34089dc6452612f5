// EM against scikit-learn from equal starts, the reference's trace, and its own laws.
#include "support/golden.hpp"

#include <cosmoml/prob/em.hpp>
#include <cosmoml/prob/gaussian.hpp>
#include <cosmoml/prob/mixture.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

namespace {
const auto golden = tests::read_golden("mixtures.txt");
const auto reference = tests::read_golden("gmm_mi.txt");

double worst(const double* a, const ndarray<double>& b) {
  double w = 0;
  for (index_t i = 0; i < b.size(); ++i) w = std::max(w, std::abs(a[i] - b[i]) / (1 + std::abs(b[i])));
  return w;
}
prob::mixture_parameters start(const ndarray<double>& weights, const ndarray<double>& means) {
  const index_t k = weights.size(), d = means.row_size();
  prob::mixture_parameters p(k, d);
  p.weight.assign(weights.begin(), weights.end());
  p.mean.assign(means.begin(), means.end());
  for (index_t i = 0; i < k; ++i)
    for (index_t a = 0; a < d; ++a) p.covariance_of(i)[a * d + a] = 1;
  return p;
}
// Two correlated clouds, three columns, far from the origin.
ndarray<double> clouds(index_t n, key k) {
  ndarray<double> x(n, 3);
  for (index_t i = 0; i < n; ++i) {
    const double a = k.normal(std::uint64_t(3 * i)), b = k.normal(std::uint64_t(3 * i + 1)), c = k.normal(std::uint64_t(3 * i + 2)), s = i % 3 ? 2 : -1;
    x[3 * i] = 100 + s + a, x[3 * i + 1] = 0.02 * (a + b), x[3 * i + 2] = -7 + s * c;
  }
  return x;
}
}

TEST_CASE("prob/em: twelve iterations equal scikit-learn's, every covariance, dimensions 1 to 10") {
  for (const char* d : {"d1", "d2", "d3", "d5", "d8", "d10"}) {
    const std::string name = d;
    const auto& x = golden.at(name + "_x");
    const prob::table<double> data(x);
    for (auto [kind, label] : {std::pair{prob::covariance::full, "_full"}, {prob::covariance::tied, "_tied"}, {prob::covariance::diagonal, "_diag"}, {prob::covariance::spherical, "_spherical"}}) {
      const std::string key = name + label;
      INFO(key);
      auto p = start(golden.at(name + "_start_weights"), golden.at(name + "_start_means"));
      const auto r = prob::fit_em(p, data, {.covariance = kind, .threshold_fit = 0, .max_iter = 12, .reg_covar = 1e-6, .relative = false});
      CHECK(r.iterations == 12);
      CHECK(worst(p.weight.data(), golden.at(key + "_weights")) < 1e-8);
      CHECK(worst(p.mean.data(), golden.at(key + "_means")) < 1e-8);
      CHECK(worst(p.covariance.data(), golden.at(key + "_covariances")) < 1e-8);
      const prob::mixture<> m(p);
      const auto log_prob = m.log_prob(ndview<const double>(x.data(), 20, x.row_size()));
      CHECK(worst(log_prob.data(), golden.at(key + "_log_prob")) < 1e-8);
      double total = 0;
      for (double v : m.log_prob(x)) total += v;
      const double free = double(p.free(kind));
      CHECK(-2 * total + 2 * free == doctest::Approx(golden.at(key + "_criteria")[0]).epsilon(1e-9));
      CHECK(-2 * total + free * std::log(double(x.rows())) == doctest::Approx(golden.at(key + "_criteria")[1]).epsilon(1e-9));
    }
  }
}

TEST_CASE("prob/em: the reference's trace, likelihood by likelihood, its stop and its result") {
  const auto& z = reference.at("normals");
  ndarray<double> x(400, 2);
  for (index_t i = 0; i < 400; ++i) x[2 * i] = z[2 * i] + (i < 200 ? 0 : 3), x[2 * i + 1] = 0.6 * z[2 * i] + 0.8 * z[2 * i + 1] - (i < 200 ? 0 : 2);
  const prob::table<double> data(x);
  auto begin = [] { return start(ndarray<double>({2}, {0.5, 0.5}), ndarray<double>({2, 2}, {0, 0, 2, -1})); };
  auto p = begin();
  const auto r = prob::fit_em(p, data, {.reg_covar = 1e-15, .relative = false, .trace = true});
  CHECK(r.status == prob::em_status::converged);
  CHECK(r.iterations == 8);
  for (int i = 0; i < 8; ++i) CHECK(std::abs(r.history[std::size_t(i)] - reference.at("trace")[i]) < 1e-8);
  CHECK(worst(p.weight.data(), reference.at("trace_weights")) < 1e-8);
  CHECK(worst(p.mean.data(), reference.at("trace_means")) < 1e-8);
  CHECK(worst(p.covariance.data(), reference.at("trace_covariances")) < 1e-8);
  for (int it : {1, 2, 5}) {
    auto q = begin();
    prob::fit_em(q, data, {.threshold_fit = 0, .max_iter = it, .reg_covar = 1e-15, .relative = false});
    CHECK(worst(q.mean.data(), reference.at("trace_" + std::to_string(it) + "_means")) < 1e-8);
    CHECK(worst(q.covariance.data(), reference.at("trace_" + std::to_string(it) + "_covariances")) < 1e-8);
  }
}

TEST_CASE("prob/em: two iterations against plain loops, one to nine dimensions, every covariance, weights of rows") {
  using prob::covariance;
  const index_t n = 203, k_all = 3;
  for (index_t d = 1; d <= 9; ++d) {
    const key r{std::uint64_t(30 + d)};
    ndarray<double> x(n, d), w(n);
    prob::mixture_parameters begin(k_all, d);
    for (index_t i = 0; i < x.size(); ++i) x[i] = 5 + (i / d % 3 ? 2 : -1) + r.normal(std::uint64_t(i)) * (1 + double(i % d));
    for (index_t i = 0; i < n; ++i) w[i] = double(r.fold(1).below(4, std::uint64_t(i)));
    begin.weight = {0.2, 0.3, 0.5};
    for (index_t k = 0; k < k_all; ++k)
      for (index_t a = 0; a < d; ++a) begin.mean_of(k)[a] = 4 + double(k) + 0.1 * double(a), begin.covariance_of(k)[a * d + a] = 4;
    prob::table<double> data(x);
    data.set_weights(w);
    for (auto kind : {covariance::full, covariance::tied, covariance::diagonal, covariance::spherical}) {
      auto p = begin, q = begin;
      prob::fit_em(p, data, {.covariance = kind, .threshold_fit = 0, .max_iter = 2, .reg_covar = 1e-6, .relative = false});
      for (int iteration = 0; iteration < 2; ++iteration) {
        const prob::mixture<> now(q);
        std::vector<double> share(std::size_t(n * k_all)), total(k_all);
        double all = 0;
        for (index_t i = 0; i < n; ++i)
          for (index_t k = 0; k < k_all; ++k) {
            prob::mixture_parameters one(1, d);
            one.weight = {1};
            one.mean.assign(q.mean_of(k), q.mean_of(k) + d), one.covariance.assign(q.covariance_of(k), q.covariance_of(k) + d * d);
            const double s = w[i] * q.weight[std::size_t(k)] * std::exp(prob::mixture<>(one).log_prob_at(x.row(i)) - now.log_prob_at(x.row(i)));
            share[std::size_t(i * k_all + k)] = s, total[std::size_t(k)] += s, all += s;
          }
        std::vector<double> tied(std::size_t(d * d));
        for (index_t k = 0; k < k_all; ++k) {
          q.weight[std::size_t(k)] = total[std::size_t(k)] / all;
          for (index_t a = 0; a < d; ++a) {
            double m = 0;
            for (index_t i = 0; i < n; ++i) m += share[std::size_t(i * k_all + k)] * x[i * d + a];
            q.mean_of(k)[a] = m / total[std::size_t(k)];
          }
          for (index_t a = 0; a < d; ++a)
            for (index_t b = 0; b < d; ++b) {
              double c = 0;
              for (index_t i = 0; i < n; ++i) c += share[std::size_t(i * k_all + k)] * (x[i * d + a] - q.mean_of(k)[a]) * (x[i * d + b] - q.mean_of(k)[b]);
              q.covariance_of(k)[a * d + b] = c / total[std::size_t(k)] + (a == b ? 1e-6 : 0);
              tied[std::size_t(a * d + b)] += c / all + (a == b ? 1e-6 / k_all : 0);
            }
        }
        for (index_t k = 0; k < k_all; ++k) {
          double* c = q.covariance_of(k);
          double ball = 0;
          for (index_t a = 0; a < d; ++a) ball += c[a * d + a] / double(d);
          for (index_t a = 0; a < d; ++a)
            for (index_t b = 0; b < d; ++b) {
              if (kind == covariance::tied) c[a * d + b] = tied[std::size_t(a * d + b)];
              if ((kind == covariance::diagonal || kind == covariance::spherical) && a != b) c[a * d + b] = 0;
              if (kind == covariance::spherical && a == b) c[a * d + b] = ball;
            }
        }
      }
      INFO(d << " dimensions, kind " << int(kind));
      double off = 0;
      for (std::size_t i = 0; i < p.mean.size(); ++i) off = std::max(off, std::abs(p.mean[i] - q.mean[i]));
      for (std::size_t i = 0; i < p.covariance.size(); ++i) off = std::max(off, std::abs(p.covariance[i] - q.covariance[i]));
      for (std::size_t i = 0; i < p.weight.size(); ++i) off = std::max(off, std::abs(p.weight[i] - q.weight[i]));
      CHECK(off < 1e-10);
      const prob::mixture<> m(p);
      const auto log_prob = m.log_prob(x);
      for (index_t i = 0; i < n; i += 19) CHECK(log_prob[i] == doctest::Approx(m.log_prob_at(x.row(i))).epsilon(1e-12));
    }
  }
}

TEST_CASE("prob/em: the likelihood never falls, in float and double, with weights and without") {
  const auto x = clouds(5003, key{3});
  ndarray<double> w(x.rows());
  for (index_t i = 0; i < w.size(); ++i) w[i] = key{4}.uniform(std::uint64_t(i));
  auto check = [&]<class S>(S slack, bool weighted) {
    prob::table<S> data(x);
    if (weighted) data.set_weights(w);
    prob::mixture_parameters p(4, 3);
    for (index_t k = 0; k < 4; ++k) {
      p.weight[std::size_t(k)] = 0.25;
      for (int a = 0; a < 3; ++a) p.mean_of(k)[a] = x[3 * (7 * k + 1) + a], p.covariance_of(k)[4 * a] = a == 1 ? 0.01 : 1;
    }
    const auto r = prob::fit_em(p, data, {.threshold_fit = 0, .max_iter = 60, .reg_covar = 0, .trace = true});
    REQUIRE(r.iterations == 60);
    for (std::size_t i = 1; i < r.history.size(); ++i) CHECK(r.history[i] >= r.history[i - 1] - slack);
  };
  check(1e-12, false);
  check(1e-12, true);
  check(2e-6f, false);
  check(2e-6f, true);
}

TEST_CASE("prob/em: weights of rows are copies of rows") {
  const auto x = clouds(900, key{5});
  std::vector<int> times(900);
  for (int i = 0; i < 900; ++i) ++times[key{6}.below(900, std::uint64_t(i))];
  std::vector<double> copies;
  for (int i = 0; i < 900; ++i)
    for (int m = 0; m < times[std::size_t(i)]; ++m) copies.insert(copies.end(), x.row(i), x.row(i) + 3);
  const prob::table<double> data(x), copied(ndview<const double>(copies.data(), 900, 3)), multiplied = data.multiplied(times);
  auto p = start(ndarray<double>({2}, {0.5, 0.5}), ndarray<double>({2, 3}, {99, 0, -8, 102, 0, -6}));
  auto q = p;
  prob::mixture_parameters scaled = data.to_scaled(p);
  prob::detail::em_engine<double> engine(multiplied, prob::em_options{.reg_covar = 0});
  const auto a = engine.fit(scaled);
  const auto b = prob::fit_em(q, copied, {.reg_covar = 0});
  CHECK(a.iterations == b.iterations);
  CHECK(a.log_likelihood - data.log_volume() == doctest::Approx(b.log_likelihood).epsilon(1e-13));
  const auto back = data.to_user(scaled);
  for (std::size_t i = 0; i < back.mean.size(); ++i) CHECK(back.mean[i] == doctest::Approx(q.mean[i]).epsilon(1e-11));
}

TEST_CASE("prob/em: the same bits on one to four threads") {
  const auto x = clouds(30011, key{7});
  const prob::table<double> data(x);
  prob::mixture_parameters first;
  for (int threads = 1; threads <= 4; ++threads) {
    auto p = start(ndarray<double>({2}, {0.5, 0.5}), ndarray<double>({2, 3}, {99, 0, -8, 102, 0, -6}));
    prob::fit_em(p, data, {.max_iter = 20, .threads = threads});
    if (threads == 1) first = p;
    CHECK(p.weight == first.weight);
    CHECK(p.mean == first.mean);
    CHECK(p.covariance == first.covariance);
  }
}

TEST_CASE("prob/em: failures are data, mistakes are errors") {
  ndarray<double> x(6, 2);
  for (int i = 0; i < 6; ++i) x[2 * i] = i, x[2 * i + 1] = 5;   // a constant column
  const prob::table<double> data(x);
  auto p = start(ndarray<double>({1}, {1}), ndarray<double>({1, 2}, {2, 5}));
  CHECK(prob::fit_em(p, data, {.reg_covar = 1e-6}).status == prob::em_status::singular);
  p = start(ndarray<double>({1}, {1}), ndarray<double>({1, 2}, {2, 5}));
  CHECK(prob::fit_em(p, data, {.reg_covar = 1e-6, .relative = false}).collapsed);
  p = start(ndarray<double>({1}, {1}), ndarray<double>({1, 3}, {2, 5, 1}));
  CHECK_THROWS_AS(prob::fit_em(p, data), shape_mismatch);
  CHECK_THROWS_AS(prob::fit_em(p, data, {.max_iter = 0}), invalid_argument);
  x[3] = NAN;
  CHECK_THROWS_WITH_AS(prob::table<double>{x}, "cosmoml: prob::table: nan in row 1, column 1; remove rows that are not finite, or give missing columns to deconvolve", numerical_error);
}

TEST_CASE("prob/mixture: densities, marginals, conditionals and closed forms") {
  const prob::mixture<2> d5p(std::vector<double>{.2, .35, .15, .12, .18}, ndarray<double>({5, 2}, {-1, 1, 0, 2, -1.5, 2, 3, 1, -.25, 0}),
                             ndarray<double>({5, 2, 2}, {1, 0, 0, .1, .5, .2, .2, .5, .1, .05, .05, .1, .5, -.1, -.1, .9, .2, -.05, -.05, .1}));
  const auto& points = reference.at("points");
  const auto joint = d5p.log_prob(points);
  const auto mx = d5p.marginal({0}), my = d5p.marginal({1});
  for (index_t i = 0; i < points.rows(); ++i) {
    CHECK(joint[i] == doctest::Approx(reference.at("points_logp")[i]).epsilon(1e-9));
    CHECK(d5p.log_prob_at(points.row(i)) == doctest::Approx(joint[i]).epsilon(1e-13));
    CHECK(mx.log_prob_at(points.row(i)) == doctest::Approx(reference.at("points_logpx")[i]).epsilon(1e-9));
    CHECK(my.log_prob_at(points.row(i) + 1) == doctest::Approx(reference.at("points_logpy")[i]).epsilon(1e-9));
    const auto given = d5p.conditional({1}, {points.row(i)[1]});   // p(x | y) p(y) = p(x, y)
    CHECK(given.log_prob_at(points.row(i)) + my.log_prob_at(points.row(i) + 1) == doctest::Approx(joint[i]).epsilon(1e-12));
  }
  const auto draws = d5p.sample(200000, key{1});
  const auto m = d5p.mean();
  const auto c = d5p.covariance();
  double sx = 0, sy = 0, sxy = 0;
  for (index_t i = 0; i < draws.rows(); ++i) sx += draws[2 * i], sy += draws[2 * i + 1], sxy += draws[2 * i] * draws[2 * i + 1];
  const double n = double(draws.rows());
  CHECK(std::abs(sx / n - m[0]) < 5 * std::sqrt(c[0] / n));
  CHECK(std::abs(sy / n - m[1]) < 5 * std::sqrt(c[3] / n));
  CHECK(sxy / n - sx / n * sy / n == doctest::Approx(c[1]).epsilon(0.1));

  const prob::gaussian<2> a(std::vector<double>{7, 1}, ndarray<double>({2, 2}, {16, 0, 0, 1})), b(std::vector<double>{-3, 1}, ndarray<double>({2, 2}, {25, 0, 0, 1}));
  CHECK(a.divergence(b) == doctest::Approx(2.043143551));
  CHECK(b.divergence(a) == doctest::Approx(3.183106449));
  CHECK(a.entropy() == doctest::Approx(std::log(2 * 3.14159265358979 * 2.71828182845905 * 4)));
  CHECK_THROWS_AS(prob::mixture<>(std::vector<double>{1}, ndarray<double>({1, 2}, {0, 0}), ndarray<double>({1, 2, 2}, {1, 2, 2, 1})), numerical_error);
  CHECK_THROWS_AS(prob::mixture<>(std::vector<double>{0.5}, ndarray<double>({1, 1}, {0}), ndarray<double>({1, 1, 1}, {1})), invalid_argument);
  CHECK_THROWS_AS(prob::mixture<3>(std::vector<double>{1}, ndarray<double>({1, 2}, {0, 0}), ndarray<double>({1, 2, 2}, {1, 0, 0, 1})), shape_mismatch);
  CHECK_THROWS_AS(d5p.marginal({2}), invalid_argument);
}
