// The code of docs/prob/: every block there is a region of this file, which is compiled and run; docs/check.sh holds them against each other.
#include <cosmoml/prob.hpp>
#include <cosmoml/prob/mixture_file.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

namespace {
ndarray<double> correlated(index_t n) {
  ndarray<double> x(n, 2);
  for (index_t i = 0; i < n; ++i) x[2 * i] = key{1}.normal(std::uint64_t(2 * i)), x[2 * i + 1] = 0.6 * x[2 * i] + 0.8 * key{1}.normal(std::uint64_t(2 * i + 1));
  return x;
}
}

TEST_CASE("docs/prob/mixtures") {
  // region: mixture
  const prob::mixture<2> m(std::vector<double>{0.3, 0.7},                                  // weights (K)
                           ndarray<double>({2, 2}, {-1, 1, 0, 2}),                         // means (K, d)
                           ndarray<double>({2, 2, 2}, {1, 0, 0, .1, .5, .2, .2, .5}));     // covariances (K, d, d)
  const ndarray<double> x = m.sample(1000, key{1});        // (1000, 2)
  const ndarray<double> log_p = m.log_prob(x);             // (1000), nat
  const prob::mixture<> px = m.marginal({0});              // p(x)
  const prob::mixture<> given = m.conditional({0}, {0.5}); // p(y | x = 0.5)
  // end region

  // region: entropy
  const prob::drawn_value h = prob::entropy(m.parameters());                       // value and error
  const prob::drawn_value kl = prob::divergence(m.parameters(), m.parameters());   // KL(p || q)

  prob::save("mixture.npz", m);                            // numpy.load reads it too
  const prob::mixture<2> back = prob::load_mixture<2>("mixture.npz");
  // end region
  std::remove("mixture.npz");
  CHECK(log_p.size() == 1000);
  CHECK((px.dimension() == 1 && given.dimension() == 1));
  CHECK(std::abs(kl.value) < 1e-12);
  CHECK(h.value > 0);
  CHECK(back.weight(0) == 0.3);

  // region: fit
  const prob::table<double> data(x);
  const prob::em_options options{.covariance = prob::covariance::full, .threshold_fit = 1e-6};
  prob::mixture_parameters start = m.parameters();
  const prob::em_report report = prob::fit_em(start, data, options);   // from start, and back into it
  if (!report.usable()) std::puts(prob::describe(report.status));      // a failure is data, not an exception
  // end region
  CHECK(report.usable());

  // region: deconvolve
  ndarray<double> sd(1000, 2);                                          // of the noise of every row and column
  for (double& s : sd) s = 0.1;
  prob::mixture_parameters deep = m.parameters();
  prob::deconvolve(deep, x, sd);                                        // NaN in x marks what is missing
  // end region
  CHECK(deep.covariance_of(0)[0] < start.covariance_of(0)[0]);

  // region: laws
  static_assert(prob::Density<prob::mixture<2>>, "a mixture is a density");
  const prob::density_report laws = prob::check_density(m, key{2});
  // end region
  CHECK(laws.holds());
}

TEST_CASE("docs/prob/gmm_mi") {
  const ndarray<double> x = correlated(500);   // (n, 2)
  // region: estimate
  prob::estimate_mi<> e;
  e.fit(x);
  const prob::mi_estimate mi = e.estimate();
  std::printf("%.3f +- %.3f nat, %d components\n", mi.mean, mi.sd, mi.components);
  // end region
  CHECK(std::abs(mi.mean - 0.223) < 4 * mi.sd);

  // region: options
  prob::estimate_mi<> slow({.init_type = prob::init_type::random_sklearn, .reg_covar = 1e-15, .relative = false},
                           {.n_inits = 5, .n_folds = 3, .metric_method = prob::metric::bic});
  const auto bits = slow.fit_estimate(x, {.n_bootstrap = 100, .base = prob::unit::bit});
  // end region
  CHECK(bits.mean == doctest::Approx(mi.mean / std::log(2.0)).epsilon(0.2));

  ndarray<double> latents(500, 2), properties(500, 3);
  for (index_t i = 0; i < 1000; ++i) latents[i] = x[i];
  for (index_t i = 0; i < 1500; ++i) properties[i] = latents[i / 3 * 2] + key{3}.normal(std::uint64_t(i));
  // region: matrix
  auto tell = [](const prob::mi_progress& p) { (void)p; };   // p.done of p.total pairs after p.seconds
  const prob::mi_matrix all = prob::mutual_information_matrix(latents, properties, {.threads = 2, .progress = tell});
  const ndarray<double> means = all.means(), sds = all.sds();   // (2, 3)
  // end region
  CHECK(means.size() == 6);
  CHECK(sds.size() == 6);

  std::vector<int> labels;
  for (index_t i = 0; i < 500; ++i) labels.push_back(x[2 * i] > 0);
  ndarray<double> values(500);
  for (index_t i = 0; i < 500; ++i) values[i] = x[2 * i + 1];
  // region: classes
  prob::estimate_categorical_mi<> c;   // classes count as often as they occur
  c.fit(values, labels);
  const prob::categorical_estimate by_class = c.estimate({.mc_samples = 10000});
  // end region
  CHECK(by_class.mean < std::log(2.0));

  // region: peers
  prob::ksg_mi ksg(3);
  ksg.fit(x);
  const prob::mi_estimate nearest = ksg.estimate({.n_halves = 20});
  // end region
  CHECK(std::abs(nearest.mean - 0.223) < 5 * nearest.sd);

  // region: gradient
  const prob::information_of_points loss = prob::information_gradient(e.density().parameters(), x);
  // end region
  CHECK(loss.gradient.size() == 1000);   // how I(x; y) of these points changes as each of them moves
}
