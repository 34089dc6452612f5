// Categorical and pairwise estimates, the peers beside them, and tables that nobody should be surprised by.
#include "support/golden.hpp"

#include <cosmoml/prob/categorical.hpp>
#include <cosmoml/prob/mi_matrix.hpp>
#include <cosmoml/prob/normal_scores.hpp>
#include <cosmoml/prob/peers.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

namespace {
const auto golden = tests::read_golden("gmm_mi.txt");

ndarray<double> correlated(double rho, index_t n, key k) {
  ndarray<double> x(n, 2);
  for (index_t i = 0; i < n; ++i) x[2 * i] = k.normal(std::uint64_t(2 * i)), x[2 * i + 1] = rho * x[2 * i] + std::sqrt(1 - rho * rho) * k.normal(std::uint64_t(2 * i + 1));
  return x;
}
ndarray<double> column(const ndarray<double>& x, index_t c, index_t rows) {
  ndarray<double> v(rows);
  for (index_t i = 0; i < rows; ++i) v[i] = x[i * x.row_size() + c];
  return v;
}
}

TEST_CASE("prob/categorical: three classes within the reference's error, empirical and equal weights") {
  const auto& all = golden.at("categorical");
  const auto &large = golden.at("run_categorical_3gauss_n3000"), &small = golden.at("run_categorical_3gauss_n300");
  prob::estimate_categorical_mi<> e;
  e.fit(column(all, 0, 3000), column(all, 1, 3000));
  const auto a = e.estimate({.mc_samples = 30000});
  CHECK(std::abs(a.mean - large[1]) < 2 * large[2]);
  CHECK(std::abs(a.sd / large[2] - 1) < 0.4);
  CHECK(a.classes == std::vector<int>{0, 1, 2});
  e.fit(column(all, 0, 300), column(all, 1, 300));
  const auto b = e.estimate({.mc_samples = 30000});
  CHECK(std::abs(b.mean - small[1]) < 2 * small[2]);

  // every row of class 0, the first 500 of class 1, the first 100 of class 2
  std::vector<double> x;
  std::vector<int> c;
  int kept[3] = {};
  const int most[3] = {1000, 500, 100};
  for (index_t i = 0; i < 3000; ++i) {
    const int k = int(all[2 * i + 1]);
    if (kept[k]++ < most[k]) x.push_back(all[2 * i]), c.push_back(7 * k - 3);   // labels need not count from 0
  }
  const auto& unbalanced = golden.at("run_categorical_unbalanced_1000_500_100");
  e.fit(x, c);
  const auto empirical = e.estimate({.mc_samples = 30000});
  CHECK(std::abs(empirical.mean - unbalanced[0]) < 3 * empirical.sd);
  prob::estimate_categorical_mi<> like_reference({}, {}, prob::class_weights::equal);
  like_reference.fit(x, c);
  const auto equal = like_reference.estimate({.mc_samples = 30000});
  CHECK(std::abs(equal.mean - unbalanced[1]) < 2 * unbalanced[2]);
  CHECK(empirical.classes == std::vector<int>{-3, 4, 11});
  CHECK(empirical.rows_of_class == std::vector<index_t>{1000, 500, 100});

  c[0] = 99;
  CHECK_THROWS_WITH_AS(e.fit(x, c),
                       "cosmoml: prob::estimate_categorical_mi::fit: class 99 with 1 rows where 4 are needed; leave out classes with so few rows, or join them", invalid_argument);
  CHECK_THROWS_AS(e.fit(x, std::vector<int>(x.size(), 1)), invalid_argument);
  CHECK_THROWS_AS(e.fit(x, std::vector<double>(x.size(), 0.5)), invalid_argument);
}

TEST_CASE("prob/mi_matrix: each pair is estimate_mi's answer to the bit, on one to four threads; a bad column does not hurt the others") {
  const index_t n = 400;
  ndarray<double> x(n, 2), y(n, 3);
  for (index_t i = 0; i < n; ++i) {
    const auto at = std::uint64_t(5 * i);
    x[2 * i] = key{1}.normal(at), x[2 * i + 1] = key{1}.normal(at + 1);
    y[3 * i] = x[2 * i] + key{1}.normal(at + 2), y[3 * i + 1] = 4, y[3 * i + 2] = x[2 * i] * x[2 * i + 1] + 0.1 * key{1}.normal(at + 3);
  }
  index_t heard = 0;
  auto listen = [&](const prob::mi_progress& p) {
    CHECK(p.done == ++heard);
    CHECK(p.total == 6);
  };
  prob::mi_matrix_options o{.dist = {.n_bootstrap = 5, .mc_samples = 3000}, .threads = 1, .progress = listen};
  const auto one = prob::mutual_information_matrix(x, y, o);
  CHECK(heard == 6);
  o.progress = {};
  for (int threads = 2; threads <= 4; ++threads) {
    o.threads = threads;
    const auto more = prob::mutual_information_matrix(x, y, o);
    for (index_t i = 0; i < 2; ++i)
      for (index_t j : {0, 2}) CHECK(more(i, j).values == one(i, j).values);
  }
  prob::estimate_mi<> e;
  e.fit(column(x, 1, n), column(y, 2, n));
  CHECK(e.estimate(o.dist).values == one(1, 2).values);
  CHECK(std::isnan(one(0, 1).mean));
  INFO(one(0, 1).warnings.at(0));
  CHECK(one(0, 1).warnings.at(0).find("constant") != std::string::npos);
  CHECK(one.means()[0] == one(0, 0).mean);
  CHECK(one(1, 2).mean > 0.1);
}

TEST_CASE("prob/peers: nearest neighbours and KSG against brute force and the listed values") {
  const index_t n = 300, d = 3;
  std::vector<double> p(static_cast<std::size_t>(n * d));
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = key{2}.normal(i);
  for (std::size_t i = 0; i < 60; ++i) p[i + 90] = p[i];   // repeated points
  const prob::neighbours tree(p, d);
  for (index_t i = 0; i < n; i += 7) {
    std::vector<double> all;
    for (index_t j = 0; j < n; ++j) {
      double r = 0;
      for (index_t a = 0; a < d; ++a) r = std::max(r, std::abs(p[std::size_t(i * d + a)] - p[std::size_t(j * d + a)]));
      if (j != i) all.push_back(r);
    }
    std::sort(all.begin(), all.end());
    CHECK(tree.distance(i, 4) == all[3]);
    CHECK(tree.closer(i, all[20]) == std::count_if(all.begin(), all.end(), [&](double r) { return r < all[20]; }));
  }
  CHECK(prob::digamma(1) == doctest::Approx(-0.57721566490153286).epsilon(1e-14));
  CHECK(prob::digamma(0.5) == doctest::Approx(-1.9635100260214235).epsilon(1e-14));
  CHECK(prob::digamma(37.5) == doctest::Approx(3.6109483445963386).epsilon(1e-14));
  for (auto name : {"gammaexp_alpha1_n1000", "weinman_alpha1_n1000", "mixture_d5p_n2000"}) {
    INFO(name);
    const auto& x = golden.at(std::string(name).substr(0, 2) == "ga" ? "gammaexp" : std::string(name).substr(0, 1) == "w" ? "weinman" : "d5p");
    const auto& listed = golden.at(std::string("ksg_") + name);
    prob::ksg_mi one(1, true), three(3, true);   // the listed values are scikit-learn's, of columns divided by their spread, ties broken by noise
    one.fit(x), three.fit(x);
    CHECK(one.estimate().mean == doctest::Approx(listed[0]).epsilon(5e-4));
    CHECK(three.estimate().mean == doctest::Approx(listed[1]).epsilon(5e-4));
  }
}

TEST_CASE("prob/peers: kernel density and histogram approach the Gaussian's value, with errors and in bits") {
  const auto x = correlated(0.6, 4000, key{4});
  const double truth = -0.5 * std::log(1 - 0.36);
  prob::ksg_mi ksg;
  prob::kde_mi kde;
  prob::histogram_mi histogram(12), quantiles(12, true);
  ksg.fit(x), kde.fit(x), histogram.fit(x), quantiles.fit(x);
  const auto a = ksg.estimate({.n_halves = 10}), b = kde.estimate({.n_halves = 4}), c = histogram.estimate({.n_halves = 10}), d = quantiles.estimate();
  CHECK(std::abs(a.mean - truth) < 4 * a.sd);
  CHECK(std::abs(b.mean - truth) < 0.04);
  CHECK(std::abs(c.mean - truth) < 0.04);
  CHECK(std::abs(d.mean - truth) < 0.04);
  CHECK(ksg.estimate({.base = prob::unit::bit}).mean == doctest::Approx(a.mean / std::log(2.0)));
  CHECK(ksg.estimate({.threads = 1}).mean == ksg.estimate({.threads = 4}).mean);
  CHECK(kde.estimate({.threads = 1}).mean == kde.estimate({.threads = 3}).mean);
  CHECK(std::isnan(d.sd));
}

TEST_CASE("prob/gmm_mi: a hundred nasty tables end in an answer, a flag or an error, and say so") {
  int answered = 0, flagged = 0, refused = 0;
  auto estimate = [&](const ndarray<double>& x, const char* what) {
    INFO(what);
    try {
      prob::estimate_mi<> e({}, {.max_components = 8});
      const auto mi = e.fit_estimate(x, {.n_bootstrap = 8, .mc_samples = 2000});
      if (mi.degenerate || !mi.warnings.empty()) ++flagged;
      else {
        ++answered;
        CHECK(std::isfinite(mi.mean));
        CHECK(mi.mean > -0.2);
        CHECK(mi.mean < 8);
      }
      CHECK((std::isfinite(mi.mean) || mi.degenerate));
      return mi;
    } catch (const error& why) {
      ++refused;
      CHECK(std::string(why.what()).find(';') != std::string::npos);
      prob::mi_estimate none;
      none.degenerate = true;
      return none;
    }
  };
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const key k{seed + 50};
    const index_t n = 60 + index_t(seed) * 35;
    const auto base = correlated(0.5, n, k);
    auto with = [&](auto change) {
      ndarray<double> x = base;
      for (index_t i = 0; i < n; ++i) change(x.row(i), i);
      return x;
    };
    CHECK(std::isnan(estimate(with([](double* r, index_t) { r[1] = 3; }), "constant column").sd));
    CHECK(estimate(with([](double* r, index_t) { r[1] = r[0]; }), "the column twice").degenerate);
    CHECK(estimate(with([](double* r, index_t) { r[1] = 5 - 2 * r[0]; }), "a linear function").degenerate);
    estimate(with([](double* r, index_t i) { if (i == 7) r[0] = NAN; }), "NaN");
    estimate(with([](double* r, index_t i) { if (i == 3) r[1] = INFINITY; }), "infinite");
    estimate(with([](double* r, index_t i) { if (i == 3) r[1] = 1e300; }), "huge number");
    estimate(with([](double* r, index_t i) { if (i == 3) r[1] = 1e9; }), "outlier");
    estimate(with([](double* r, index_t) { r[0] = std::round(r[0]), r[1] = std::round(r[1]); }), "whole numbers");
    estimate(with([](double* r, index_t i) { r[0] = double(i % 2); }), "two values");
    estimate(with([&](double* r, index_t i) { if (i % 2) r[0] = base[0], r[1] = base[1]; }), "half the rows are one row");
    estimate(with([](double* r, index_t) { r[0] *= 1e-120, r[1] *= 1e120; }), "extreme units");
    estimate(with([](double* r, index_t) { r[0] += 1e9; }), "far from the origin");
    estimate(with([](double* r, index_t) { r[0] = std::exp(4 * r[0]); }), "twelve decades");
    estimate(with([](double* r, index_t) { r[1] = r[0] * r[0]; }), "a parabola");
    estimate(with([](double* r, index_t) { const double t = 3 * r[0]; r[0] = std::cos(t), r[1] = std::sin(t); }), "a circle");
    estimate(with([](double* r, index_t i) { r[0] = double(i), r[1] = double(i); }), "ramps");
    estimate(with([](double* r, index_t i) { r[0] = i == 0 ? 1 : 0; }), "one different row");
    estimate(with([&](double* r, index_t i) { r[0] = k.fold(1).uniform(std::uint64_t(i)) < 0.5 ? -1e6 : 1e6; }), "two far clumps");
    estimate(ndarray<double>({3, 2}, {1, 2, 3, 4, 5, 7}), "three rows");
    estimate(ndarray<double>(0, 2), "no rows");
    ndarray<double> wide(n, 12);
    for (index_t i = 0; i < wide.size(); ++i) wide[i] = k.normal(std::uint64_t(i));
    estimate(wide, "twelve columns");
    ndarray<double> flat(n, 3);
    for (index_t i = 0; i < n; ++i) flat[3 * i] = base[2 * i], flat[3 * i + 1] = base[2 * i + 1], flat[3 * i + 2] = base[2 * i] + base[2 * i + 1];
    estimate(flat, "a sum of the others");
  }
  MESSAGE(answered << " answered, " << flagged << " flagged, " << refused << " refused");
  CHECK(answered + flagged + refused == 110);
}

TEST_CASE("prob/gmm_mi: messages and warnings") {
  prob::estimate_mi<> e;
  ndarray<double> x = correlated(0.5, 50, key{1});
  for (index_t i = 0; i < 50; ++i) x[2 * i + 1] = 3;
  CHECK_THROWS_WITH_AS(e.fit(x), "cosmoml: prob::estimate_mi::fit: column 1, which holds 3 in every row; drop the column: a constant tells nothing about anything", invalid_argument);
  CHECK_THROWS_WITH_AS(e.estimate(), "cosmoml: prob::estimate_mi: no data; call fit first", invalid_argument);
  CHECK_THROWS_AS(e.fit(ndarray<double>(5, 1)), error);
  prob::estimate_mi<> many({}, {.fixed_components_number = 40});
  CHECK_THROWS_WITH_AS(many.fit(correlated(0.5, 50, key{1})), "cosmoml: prob::select_components: 50 rows for 40 components in 2 folds; give more rows, or ask for fewer components or folds",
                       invalid_argument);
  // hard edges are told, tails are not
  int edges = 0, tails = 0;
  for (std::uint64_t s = 0; s < 10; ++s) {
    ndarray<double> u(1000, 2), g = correlated(0.3, 1000, key{s});
    for (index_t i = 0; i < 2000; ++i) u[i] = key{s + 20}.uniform(std::uint64_t(i));
    auto warned = [](const ndarray<double>& data) {
      std::vector<std::string> w;
      prob::detail::diagnose(prob::table<double>(data), w, "test");
      return !w.empty() && w[0].find("transform it") != std::string::npos;
    };
    edges += warned(u), tails += warned(g);
  }
  CHECK(edges == 10);
  CHECK(tails == 0);
}

TEST_CASE("prob/normal_scores: quantiles, ties, and the information of a uniform pair without its edges") {
  CHECK(prob::normal_quantile(0.5) == doctest::Approx(0).epsilon(1e-15));
  CHECK(prob::normal_quantile(0.975) == doctest::Approx(1.959963984540054).epsilon(1e-14));
  CHECK(prob::normal_quantile(1e-10) == doctest::Approx(-6.361340902404056).epsilon(1e-13));
  const auto ties = prob::normal_scores(std::vector<double>{3, 1, 3, 2});
  CHECK(ties[0] == ties[2]);
  CHECK(ties[1] == doctest::Approx(prob::normal_quantile(0.125)));
  const auto g = correlated(0.6, 2000, key{31});
  ndarray<double> u = g;
  for (double& v : u) v = 0.5 * std::erfc(-v / std::sqrt(2.0));   // uniform in (0, 1)
  prob::estimate_mi<> e;
  CHECK_FALSE(e.fit_estimate(u, {.n_bootstrap = 2, .mc_samples = 1000}).warnings.empty());
  const auto mi = e.fit_estimate(prob::normal_scores(u), {.mc_samples = 5000});
  CHECK(mi.warnings.empty());
  CHECK(std::abs(mi.mean + 0.5 * std::log(1 - 0.36)) < 4 * mi.sd);
}
