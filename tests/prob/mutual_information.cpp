// Mutual information against closed forms, quadrature, and the figures of the reference estimator.
#include "support/golden.hpp"

#include <cosmoml/prob/gmm_mi.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

namespace {
const auto golden = tests::read_golden("gmm_mi.txt");

ndarray<double> correlated(double rho, index_t n) {
  const auto& z = golden.at("normals");
  ndarray<double> x(n, 2);
  for (index_t i = 0; i < n; ++i) x[2 * i] = z[2 * i], x[2 * i + 1] = rho * z[2 * i] + std::sqrt(1 - rho * rho) * z[2 * i + 1];
  return x;
}
ndarray<double> correlated(double rho, index_t n, key k) {
  ndarray<double> x(n, 2);
  for (index_t i = 0; i < n; ++i) x[2 * i] = k.normal(std::uint64_t(2 * i)), x[2 * i + 1] = rho * x[2 * i] + std::sqrt(1 - rho * rho) * k.normal(std::uint64_t(2 * i + 1));
  return x;
}
ndarray<double> first_rows(const ndarray<double>& x, index_t n) {
  return ndarray<double>({n, x.row_size()}, std::vector<double>(x.begin(), x.begin() + n * x.row_size()));
}
ndarray<double> sample_of(const std::string& name) {
  if (name.starts_with("gauss_rho")) return correlated(std::stod(name.substr(9, 3)), std::stol(name.substr(14)));
  if (name.starts_with("gammaexp")) return first_rows(golden.at("gammaexp"), std::stol(name.substr(17)));
  if (name.starts_with("weinman")) return first_rows(golden.at("weinman"), std::stol(name.substr(16)));
  return golden.at("d5p");
}
prob::mixture_parameters parameters(const std::vector<double>& w, const std::vector<double>& m, const std::vector<double>& c) {   // covariances as sxx, sxy, syy
  prob::mixture_parameters p(index_t(w.size()), 2);
  p.weight = w, p.mean = m;
  for (std::size_t k = 0; k < w.size(); ++k) {
    double* v = p.covariance_of(index_t(k));
    v[0] = c[3 * k], v[1] = v[2] = c[3 * k + 1], v[3] = c[3 * k + 2];
  }
  return p;
}
const auto d3 = parameters({.3, .45, .25}, {-1, 1, 0, 2, -1.5, 2}, {1, 0, .1, .5, .2, .5, .1, .05, .1});
const auto d5p = parameters({.2, .35, .15, .12, .18}, {-1, 1, 0, 2, -1.5, 2, 3, 1, -.25, 0}, {1, 0, .1, .5, .2, .5, .1, .05, .1, .5, -.1, .9, .2, -.05, .1});
}

TEST_CASE("prob/information: six mixtures by quadrature to 1e-6, by draws within five standard errors") {
  const auto check = [](const char* name, const prob::mixture_parameters& p) {
    INFO(name);
    const double exact = golden.at(std::string("mi_") + name)[0];
    const auto q = prob::mutual_information_by_quadrature(p);
    CHECK(std::abs(q.value - exact) < 1e-6);
    const auto drawn = prob::mutual_information(p, {}, 200000, key{5});
    CHECK(std::abs(drawn.value - exact) <= 5 * drawn.error + 1e-9);
    const auto general = prob::detail::expectation(p, 200000, key{6}, prob::detail::pointwise_information(p, {}));
    CHECK(std::abs(general.value - exact) <= 5 * general.error + 1e-9);
  };
  check("D1", parameters({1}, {-1, 1}, {.5, .2, .5}));
  check("D3", d3);
  check("D3p", parameters({.3, .45, .25}, {-3, 3, 2, 4, -2.5, 5}, {1, 0, .1, .5, .2, .5, .1, .05, .1}));
  check("D3_rhoneq0", parameters({.3, .45, .25}, {-1, 1, 0, 2, -1.5, 2}, {1, .1, .1, .5, .2, .5, .1, .05, .1}));
  check("D5", parameters({.2, .35, .15, .12, .18}, {-1, 1, 0, 2, -1.5, 2, 2, 1, -.25, 0}, {1, 0, .1, .5, .2, .5, .1, .05, .1, .5, -.1, .9, .2, -.05, .1}));
  check("D5p", d5p);
}

TEST_CASE("prob/information: of mixtures, given others and of vectors: the chain rule, and a condition that says nothing") {
  prob::mixture_parameters p(3, 3);
  p.weight = {0.5, 0.3, 0.2};
  p.mean = {0, 0, 0, 2, -1, 1, -1, 2, 3};
  p.covariance = {1, .3, .2, .3, 1, .1, .2, .1, 1, .5, 0, .2, 0, .8, -.3, .2, -.3, .6, 1, -.4, 0, -.4, .7, .2, 0, .2, 1.2};
  const index_t draws = 400000;
  const auto both = prob::mutual_information(p, {1, 2, 0}, draws, key{1}), given = prob::mutual_information(p, {1, 1, 1}, draws, key{2});
  const double other = prob::mutual_information_by_quadrature(prob::detail::marginal_of(p, {0, 2})).value;   // I(x; y z) = I(x; z) + I(x; y | z)
  CHECK(std::abs(both.value - other - given.value) < 5 * std::hypot(both.error, given.error));
  CHECK(given.value > 10 * given.error);
  prob::mixture_parameters apart(3, 3);   // d3 beside a third number of its own
  apart.weight = d3.weight;
  for (index_t k = 0; k < 3; ++k) {
    for (index_t a : {0, 1}) {
      apart.mean_of(k)[a] = d3.mean_of(k)[a];
      for (index_t b : {0, 1}) apart.covariance_of(k)[3 * a + b] = d3.covariance_of(k)[2 * a + b];
    }
    apart.mean_of(k)[2] = 7, apart.covariance_of(k)[8] = 2;
  }
  const auto v = prob::mutual_information(apart, {1, 1, 1}, draws, key{3});
  CHECK(std::abs(v.value - golden.at("mi_D3")[0]) < 5 * v.error);
}

TEST_CASE("prob/information: the error of the draws is what repeats scatter by") {
  double mean = 0, square = 0, error = 0;
  const int n = 200;
  for (int i = 0; i < n; ++i) {
    const auto v = prob::mutual_information(d3, {}, 2000, key{std::uint64_t(100 + i)});
    mean += v.value / n, square += v.value * v.value / n, error += v.error / n;
  }
  CHECK(std::abs(mean - golden.at("mi_D3")[0]) < 4 * error / std::sqrt(double(n)));
  CHECK(std::sqrt(square - mean * mean) == doctest::Approx(error).epsilon(0.2));
}

TEST_CASE("prob/information: normals in lanes are the key's normals") {
  double even[16], odd[16], worst = 0;
  prob::detail::normal_pairs(key{3}, 0xfffffffa, 16, even, odd);   // across the carry of the counter's first word
  for (std::uint64_t i = 0; i < 16; ++i)
    worst = std::max({worst, std::abs(even[i] - key{3}.normal(2 * (0xfffffffa + i))), std::abs(odd[i] - key{3}.normal(2 * (0xfffffffa + i) + 1))});
  CHECK(worst < 4e-15);
}

TEST_CASE("prob/gmm_mi: the fit to all rows, one component to 1e-8, more to 1e-4 from the reference's optimum") {
  int several = 0;
  for (const auto& entry : golden) {   // clang with OpenMP captures no structured binding, as INFO does
    const auto& name = entry.first;
    const auto& run = entry.second;
    if (!name.starts_with("run_") || !golden.count(name + "_weights")) continue;
    INFO(name);
    const auto x = sample_of(name.substr(4));
    prob::mixture_parameters p;
    const auto &w = golden.at(name + "_weights"), &m = golden.at(name + "_means"), &c = golden.at(name + "_covariances");
    p.dimension = 2;
    p.weight.assign(w.begin(), w.end()), p.mean.assign(m.begin(), m.end()), p.covariance.assign(c.begin(), c.end());
    double total = 0;   // given to ten digits
    for (double v : p.weight) total += v;
    for (double& v : p.weight) v /= total;
    CHECK(std::abs(prob::mutual_information_by_quadrature(p).value - run[4]) < 1e-6);
    const prob::table<double> data(x);
    if (w.size() == 1) {
      auto q = data.to_user(prob::detail::m_step_from(data, 1, [](index_t, index_t) { return 1.0; }));
      prob::fit_em(q, data, {.reg_covar = 1e-15, .relative = false});
      const double r = q.covariance[1] / std::sqrt(q.covariance[0] * q.covariance[3]);
      CHECK(std::abs(prob::mutual_information(q).value - run[4]) < 1e-8);
      CHECK(std::abs(-0.5 * std::log1p(-r * r) - run[4]) < 1e-8);
    } else {
      ++several;
      auto q = p;
      prob::fit_em(q, data, {.threshold_fit = 1e-5, .reg_covar = 1e-15, .relative = false});
      CHECK(std::abs(prob::mutual_information_by_quadrature(q).value - run[4]) < 1e-4);
    }
  }
  CHECK(several >= 10);
  // run to the end, the reference's start and ours meet at one optimum
  const prob::table<double> data(golden.at("d5p"));
  prob::em_options tight{.threshold_fit = 1e-12, .max_iter = 20000, .reg_covar = 1e-15, .relative = false};
  prob::mixture_parameters p;
  const std::string name = "run_mixture_d5p_n2000";
  p.dimension = 2;
  for (double v : golden.at(name + "_weights")) p.weight.push_back(v);
  for (double v : golden.at(name + "_means")) p.mean.push_back(v);
  for (double v : golden.at(name + "_covariances")) p.covariance.push_back(v);
  prob::fit_em(p, data, tight);
  auto q = prob::detail::make_start(data, 5, {}, {}, key{1});
  prob::detail::em_engine<double>(data, tight).fit(q);
  const double mine = prob::mutual_information_by_quadrature(q).value, theirs = prob::mutual_information_by_quadrature(p).value;
  CHECK(std::abs(mine - theirs) < 1e-6);
}

TEST_CASE("prob/gmm_mi: means within the reference's own scatter over seeds, spreads and components as its") {
  for (const auto& entry : golden) {
    const auto& name = entry.first;
    const auto& s = entry.second;
    if (!name.starts_with("scatter_")) continue;
    INFO(name);
    prob::estimate_mi<> e;
    e.fit(sample_of(name.substr(8)));
    const auto mi = e.estimate();
    CHECK(std::abs(mi.mean - s[0]) < 3 * std::sqrt(2.0) * s[1]);
    CHECK(mi.components >= s[3]);
    CHECK(mi.components <= s[4]);
    CHECK(mi.failed == 0);
    CHECK_FALSE(mi.degenerate);
    if (s[0] > 0.01) CHECK(std::abs(mi.sd / s[2] - 1) < 0.35);
    for (auto kind : {prob::metric::aic, prob::metric::bic})
      if (name == "scatter_mixture_d5p_n2000") {
        prob::estimate_mi<> other({}, {.metric_method = kind});
        other.fit(golden.at("d5p"));
        CHECK(other.best_components() == 5);
      }
  }
}

TEST_CASE("prob/gmm_mi: every start of the reference finds the mixture; its default may stop at one component, ours does not") {
  using prob::init_type;
  for (auto type : {init_type::kmeans, init_type::kmeans_sklearn, init_type::randomized_kmeans, init_type::minmax, init_type::random, init_type::random_sklearn}) {
    prob::estimate_mi<> e({.init_type = type});
    e.fit(golden.at("d5p"));
    CHECK(e.best_components() >= 4);
    CHECK(std::abs(e.estimate({.mc_samples = 20000}).mean - 0.2186) < 0.012);
  }
  const prob::mixture<> truth(d3);
  double sum = 0;
  for (std::uint64_t set = 0; set < 5; ++set) {
    prob::estimate_mi<> e;
    const auto mi = e.fit_estimate(truth.sample(10000, key{8 + set}), {.mc_samples = 10000});
    CHECK(mi.components >= 3);
    CHECK(std::abs(mi.mean - 0.1324) < 0.02);
    sum += mi.mean / 5;
  }
  CHECK(std::abs(sum - 0.1336) < 0.006);   // the reference's mean over 501 sets
}

TEST_CASE("prob/gmm_mi: coverage of 500 realisations, rho = 0.6, 200 rows") {
  const double truth = -0.5 * std::log(1 - 0.36);
  int one = 0, two = 0;
  double mean = 0, square = 0, reported = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    prob::estimate_mi<> e;
    e.fit(correlated(0.6, 200, key{1000 + i}));
    const auto mi = e.estimate({.mc_samples = 10000});
    one += std::abs(mi.mean - truth) < mi.sd;
    two += std::abs(mi.mean - truth) < 2 * mi.sd;
    mean += mi.mean / 500, square += mi.mean * mi.mean / 500, reported += mi.sd / 500;
  }
  MESSAGE("mean " << mean << ", spread " << std::sqrt(square - mean * mean) << ", reported " << reported << ", within one sd " << one / 5.0 << " %, two " << two / 5.0 << " %");
  CHECK(one / 500.0 > 0.60);
  CHECK(one / 500.0 < 0.76);
  CHECK(two / 500.0 > 0.90);
  CHECK(two / 500.0 < 0.98);
  CHECK(std::abs(mean - 0.22965) < 0.006);
}

TEST_CASE("prob/gmm_mi: each replica has draws of its own, and their scatter is told apart from the bootstrap's") {
  double few_sd = 0, many_sd = 0, off = 0, expected = 0;
  for (std::uint64_t set = 0; set < 4; ++set) {
    prob::estimate_mi<> e({}, {.n_inits = 1, .fixed_components_number = 3}, key{set});
    e.fit(prob::mixture<>(d3).sample(4000, key{60 + set}));
    const auto few = e.estimate({.n_bootstrap = 60, .mc_samples = 2000}), many = e.estimate({.n_bootstrap = 60, .mc_samples = 100000});
    CHECK(few.mc_error > 5 * many.mc_error);
    off += std::pow(few.mean - many.mean, 2), expected += few.mc_error * few.mc_error + many.mc_error * many.mc_error;
    few_sd += few.sd / 4, many_sd += many.sd / 4;
    double raw = 0;   // with the scatter of the draws
    for (double v : few.values) raw += (v - few.mean) * (v - few.mean) / 59;
    CHECK(few.sd < 0.9 * std::sqrt(raw));
  }
  CHECK(std::sqrt(off / expected) < 2.5);   // draws in common would make it the root of 60
  INFO("sd with 2000 draws " << few_sd << ", with 100000 " << many_sd);
  CHECK(few_sd / many_sd > 0.6);
  CHECK(few_sd / many_sd < 1.5);   // the draws' own scatter would make it two
}

TEST_CASE("prob/gmm_mi: the search keeps the best number of components and ends at `patience` failures in a row") {
  int recovered = 0;
  for (std::uint64_t set = 0; set < 6; ++set) {
    const auto x = prob::mixture<>(d3).sample(1500, key{90 + set});
    for (int patience = 1; patience <= 3; ++patience) {
      prob::estimate_mi<> e({.init_type = prob::init_type::random_sklearn, .threshold_fit = 1e-4}, {.n_inits = 1, .patience = patience, .max_components = 12}, key{set});
      e.fit(x);
      const auto& scores = e.selected().scores;
      double best = -1e300;
      int chosen = 0, failures = 0;
      for (std::size_t i = 0; i < scores.size(); ++i) {
        CHECK(failures < patience);
        if (scores[i].valid - best > 1e-5) recovered += failures > 0, best = scores[i].valid, chosen = scores[i].components, failures = 0;
        else ++failures;
      }
      CHECK(chosen == e.best_components());
      CHECK((failures == patience || scores.size() == 12));
    }
  }
  CHECK(recovered > 2);   // a gain after a failure was seen
}

TEST_CASE("prob/gmm_mi: conditional, divergences, units, correction, one fit") {
  const auto& scatter = golden.at("run_trivariate_n2000");
  prob::estimate_mi<> e;
  const auto conditional = e.fit_estimate(golden.at("trivariate"));
  CHECK(conditional.components == 1);
  CHECK(conditional.full == doctest::Approx(0.22825).epsilon(1e-4));
  CHECK(std::abs(conditional.mean - scatter[1]) < 0.006);
  CHECK(std::abs(conditional.sd / scatter[2] - 1) < 0.35);

  const auto& z = golden.at("normals");
  ndarray<double> kl(10000, 2);
  for (index_t i = 0; i < 10000; ++i) kl[2 * i] = 7 + 4 * z[2 * i], kl[2 * i + 1] = -3 + 5 * z[2 * i + 1];
  e.fit(kl);
  const auto forward = e.estimate({.include_kl = true}), reverse = e.estimate({.include_kl = true, .kl_order = prob::kl_order::reverse});
  const auto &f = golden.at("run_kl_forward"), &r = golden.at("run_kl_reverse");
  CHECK(std::abs(forward.kl_mean - f[0]) < 3 * f[2]);
  CHECK(std::abs(reverse.kl_mean - r[0]) < 3 * r[2]);
  CHECK(std::abs(forward.kl_sd / f[2] - 1) < 0.35);
  CHECK(std::abs(reverse.kl_sd / r[2] - 1) < 0.35);

  e.fit(correlated(0.6, 200));
  const auto nat = e.estimate(), bit = e.estimate({.base = prob::unit::bit}), corrected = e.estimate({.bias_corrected = true}), single = e.estimate({.n_bootstrap = 0});
  CHECK(bit.mean == doctest::Approx(nat.mean / std::log(2.0)));
  CHECK(bit.sd == doctest::Approx(nat.sd / std::log(2.0)));
  CHECK(corrected.mean == doctest::Approx(2 * nat.full - nat.mean));
  CHECK(single.mean == nat.full);
  CHECK(std::isnan(single.sd));
  CHECK(e.estimate().sd == nat.sd);   // asking for one fit leaves the next call alone
  CHECK(nat.full == doctest::Approx(e.estimate({.n_bootstrap = 0, .integral_method = prob::integral::quadrature}).full));
}

TEST_CASE("prob/gmm_mi: vectors on both sides equal the Gaussian's closed form; groups and tables agree") {
  const key k{11};
  const index_t n = 3000;
  ndarray<double> x(n, 2), y(n, 1), all(n, 3);
  for (index_t i = 0; i < n; ++i) {
    x[2 * i] = k.normal(std::uint64_t(3 * i)), x[2 * i + 1] = k.normal(std::uint64_t(3 * i + 1));
    y[i] = x[2 * i] + x[2 * i + 1] + k.normal(std::uint64_t(3 * i + 2));
    all[3 * i] = x[2 * i], all[3 * i + 1] = x[2 * i + 1], all[3 * i + 2] = y[i];
  }
  prob::estimate_mi<> e;
  e.fit(x, y);
  const auto a = e.estimate();
  CHECK(std::abs(a.mean - 0.5 * std::log(3.0)) < 4 * a.sd);
  e.fit(all, {2, 1, 0});
  CHECK(e.estimate().mean == a.mean);
}

TEST_CASE("prob/gmm_mi: the same bits on one to four threads; float agrees with double") {
  prob::mi_estimate first;
  for (int threads = 1; threads <= 4; ++threads) {
    prob::estimate_mi<> e({}, {}, key{42}, threads);
    const auto mi = e.fit_estimate(golden.at("gammaexp"), {.n_bootstrap = 10, .mc_samples = 5000});
    if (threads == 1) first = mi;
    CHECK(mi.values == first.values);
    CHECK(mi.full == first.full);
  }
  prob::estimate_mi<backend::native<float>> e;
  const auto mi = e.fit_estimate(golden.at("d5p"), {.mc_samples = 10000});
  CHECK(mi.components == 5);
  CHECK(std::abs(mi.mean - 0.2186) < 0.012);
}
