// The laws of densities, what breaks them, and the derived quantities of mixtures.
#include "support/worse.hpp"

#include <cosmoml/prob/density.hpp>
#include <cosmoml/prob/gaussian.hpp>
#include <cosmoml/prob/information_gradient.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

namespace {
prob::mixture_parameters random_mixture(index_t k, index_t d, key r) {
  prob::mixture_parameters p(k, d);
  double total = 0;
  for (index_t c = 0; c < k; ++c) {
    total += p.weight[std::size_t(c)] = 0.2 + r.uniform(std::uint64_t(c));
    std::vector<double> a(static_cast<std::size_t>(d * d));
    for (index_t i = 0; i < d; ++i) {
      p.mean_of(c)[i] = 2 * r.fold(1).normal(std::uint64_t(c * d + i));
      for (index_t j = 0; j <= i; ++j) a[std::size_t(i * d + j)] = i == j ? 0.5 + r.fold(2).uniform(std::uint64_t(c * d + i)) : 0.4 * r.fold(3).normal(std::uint64_t((c * d + i) * d + j));
    }
    for (index_t i = 0; i < d; ++i)
      for (index_t j = 0; j < d; ++j)
        for (index_t q = 0; q < d; ++q) p.covariance_of(c)[i * d + j] += a[std::size_t(i * d + q)] * a[std::size_t(j * d + q)];
  }
  for (double& w : p.weight) w /= total;
  return p;
}
// A density that forgets to be normalised.
struct too_heavy : prob::mixture<2> {
  using prob::mixture<2>::mixture;
  template <HostArray X>
  ndarray<double> log_prob(const X& x) const {
    auto l = prob::mixture<2>::log_prob(x);
    for (double& v : l) v += 0.1;
    return l;
  }
  double log_prob_at(const double* x) const { return prob::mixture<2>::log_prob_at(x) + 0.1; }
};
}

static_assert(prob::Density<prob::mixture<>> && prob::Density<prob::mixture<2>> && prob::Density<prob::gaussian<3>>, "mixtures and Gaussians are densities");
static_assert(!prob::Density<int>, "a number is none");

TEST_CASE("laws/densities: Gaussians, mixtures, marginals and conditionals keep them") {
  for (index_t d = 1; d <= 4; ++d)
    for (index_t k : {1, 3}) {
      const prob::mixture<> m(random_mixture(k, d, key{std::uint64_t(10 * d + k)}));
      const auto r = prob::check_density(m, key{1}, 60000);
      INFO(r.describe());
      CHECK(r.holds());
      if (d < 3) continue;
      const auto marginal = prob::check_density(m.marginal({2, 0}), key{2}, 60000), conditional = prob::check_density(m.conditional({1}, {0.3}), key{3}, 60000);
      INFO(marginal.describe(), conditional.describe());
      CHECK(marginal.holds());
      CHECK(conditional.holds());
    }
  const prob::gaussian<2> g(std::vector<double>{1, 2}, ndarray<double>({2, 2}, {2, 0.5, 0.5, 1}));
  CHECK(prob::check_density(g, key{4}).holds());
  CHECK_FALSE(prob::check_density(too_heavy(random_mixture(2, 2, key{5})), key{6}).holds());
}

TEST_CASE("prob/quadrature: entropy and divergence against the Gaussian's closed forms, and against draws") {
  const auto a = random_mixture(1, 2, key{7}), b = random_mixture(1, 2, key{8});
  const prob::gaussian<> ga{prob::mixture<>(a)}, gb{prob::mixture<>(b)};
  CHECK(prob::entropy(a).value == doctest::Approx(ga.entropy()).epsilon(1e-9));
  CHECK(prob::divergence(a, b).value == doctest::Approx(ga.divergence(gb)).epsilon(1e-9));
  const auto a4 = random_mixture(1, 4, key{9}), b4 = random_mixture(1, 4, key{10});
  const auto drawn = prob::divergence(a4, b4, 50000, key{1});
  CHECK(std::abs(drawn.value - prob::gaussian<>{prob::mixture<>(a4)}.divergence(prob::gaussian<>{prob::mixture<>(b4)})) < 5 * drawn.error);
  const auto m = random_mixture(3, 2, key{11});   // I(x; y) = H(x) + H(y) - H(x, y)
  const double by_entropies = prob::entropy(prob::detail::marginal_of(m, {0})).value + prob::entropy(prob::detail::marginal_of(m, {1})).value - prob::entropy(m).value;
  CHECK(prob::mutual_information_by_quadrature(m).value == doctest::Approx(by_entropies).epsilon(1e-7));
}

TEST_CASE("prob/information_gradient: equals central differences, vectors and conditions included") {
  for (auto groups : {prob::column_groups{1, 1, 0}, {2, 1, 0}, {1, 1, 2}, {1, 2, 1}}) {
    const index_t d = groups.all(), n = 5;
    const auto p = random_mixture(3, d, key{12});
    ndarray<double> x = prob::mixture<>(p).sample(n, key{13});
    const auto at = prob::information_gradient(p, x, groups);
    double worst = 0;
    for (index_t i = 0; i < n * d; ++i) {
      const double kept = x[i], h = 1e-5;
      x[i] = kept + h;
      const double up = prob::information_gradient(p, x, groups).mean;
      x[i] = kept - h;
      worst = tests::worse(worst, std::abs((up - prob::information_gradient(p, x, groups).mean) / (2 * h) - at.gradient[i]));
      x[i] = kept;
    }
    CHECK(worst < 1e-8);
  }
  const auto p = random_mixture(3, 2, key{14});
  const auto many = prob::information_gradient(p, prob::mixture<>(p).sample(100000, key{15}));
  CHECK(many.mean == doctest::Approx(prob::mutual_information_by_quadrature(p).value).epsilon(0.05));
}
