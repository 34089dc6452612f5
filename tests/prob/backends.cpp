// EM and the estimator on every backend against native<double>.
#include "support/backends.hpp"
#include "support/golden.hpp"

#include <cosmoml/prob/gmm_mi.hpp>
#include <cosmoml/prob/portable_em.hpp>

using namespace cosmoml;
using tests::tested;

namespace {
const auto golden = tests::read_golden("gmm_mi.txt");

template <class B>
std::vector<prob::mixture_parameters> replicas(const ndarray<double>& x, prob::covariance kind, std::vector<prob::em_report>& reports) {
  using S = typename B::scalar;
  const prob::table<S> data(x);
  const prob::table<double> exact(x);
  std::vector<prob::mixture_parameters> out(5);
  reports.resize(5);
  prob::em_runner<B>::run(
      data, 5, {.covariance = kind, .threshold_fit = 0, .max_iter = 10}, [&](index_t i) { return prob::detail::make_start(exact, 3, {prob::init_type::kmeans_sklearn}, {}, key{std::uint64_t(i)}); },
      [&](index_t i) { return i == 0 ? std::vector<int>{} : prob::bootstrap_times(data.rows(), key{1}, i); },
      [&](index_t i, const prob::mixture_parameters& p, const prob::em_report& r) { out[std::size_t(i)] = data.to_user(p), reports[std::size_t(i)] = r; });
  return out;
}
}

TEST_CASE("prob/em_runner: a replica that becomes singular leaves the others alone") {
  using S = tested::scalar;
  ndarray<double> x(40, 2);
  for (index_t i = 0; i < 80; ++i) x[i] = key{3}.normal(std::uint64_t(i));
  const prob::table<S> data(x);
  std::vector<prob::em_report> reports(3);
  prob::em_runner<tested>::run(
      data, 3, {.reg_covar = 0}, [&](index_t) { return prob::detail::m_step_from(data, 1, [](index_t, index_t) { return 1.0; }); },
      [&](index_t i) {
        std::vector<int> times(40, i == 1 ? 0 : 1);
        times[0] = 1;   // replica 1 has this row alone
        return times;
      },
      [&](index_t i, const prob::mixture_parameters&, const prob::em_report& r) { reports[std::size_t(i)] = r; });
  CHECK(reports[0].status == prob::em_status::converged);
  CHECK_FALSE(reports[1].usable());
  CHECK(reports[2].status == prob::em_status::converged);
}

#if !defined(__CUDACC__)   // native beside it: nvcc 13 breaks off at its vectors ("unsupported aggregate constant")
TEST_CASE("prob/em_runner: replicas equal native's in double") {
  const auto& x = golden.at("trivariate");
  for (auto kind : {prob::covariance::full, prob::covariance::tied, prob::covariance::diagonal, prob::covariance::spherical}) {
    std::vector<prob::em_report> reports, expected_reports;
    const auto expected = replicas<backend::native<double>>(x, kind, expected_reports), got = replicas<tested>(x, kind, reports);
    const double tolerance = sizeof(tested::scalar) == 4 ? 2e-3 : 1e-9;
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(reports[i].iterations == 10);
      CHECK(reports[i].log_likelihood == doctest::Approx(expected_reports[i].log_likelihood).epsilon(sizeof(tested::scalar) == 4 ? 1e-5 : 1e-12));
      for (std::size_t j = 0; j < expected[i].mean.size(); ++j) CHECK(std::abs(got[i].mean[j] - expected[i].mean[j]) < tolerance);
      for (std::size_t j = 0; j < expected[i].covariance.size(); ++j) CHECK(std::abs(got[i].covariance[j] - expected[i].covariance[j]) < tolerance);
    }
  }
}

TEST_CASE("prob/estimate_mi: the estimate on every backend") {
  prob::estimate_mi<tested> e({}, {.n_inits = 1, .max_components = 2});
  ndarray<double> x(300, 2);
  const auto& z = golden.at("normals");
  for (index_t i = 0; i < 300; ++i) x[2 * i] = z[2 * i], x[2 * i + 1] = 0.6 * z[2 * i] + 0.8 * z[2 * i + 1];
  const auto mi = e.fit_estimate(x, {.n_bootstrap = 10, .mc_samples = 2000});
  prob::estimate_mi<backend::native<double>> exact({}, {.n_inits = 1, .max_components = 2});
  const auto expected = exact.fit_estimate(x, {.n_bootstrap = 10, .mc_samples = 2000});
  CHECK(mi.components == expected.components);
  CHECK(mi.mean == doctest::Approx(expected.mean).epsilon(1e-4));
  CHECK(mi.sd == doctest::Approx(expected.sd).epsilon(1e-3));
}
#endif
