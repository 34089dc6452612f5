// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <cmath>
#include <string>

namespace cosmoml::inline COSMOML_ABI::prob {

// What a density is: a distribution over points of d numbers that can be evaluated and drawn from.
//
//   p.dimension()          d
//   p.log_prob(x)          ln p of each row of x (n, d): (n), nat
//   p.log_prob_at(point)   ln p at one point of d numbers
//   p.sample(n, key)       n draws (n, d); number i depends on the key and i alone
//
// Laws (check_density, tests/laws/densities.cpp): it integrates to one; draws follow it; log_prob and log_prob_at agree.
template <class P>
concept Density = requires(const P& p, const ndarray<double>& x, const double* point, key k) {
  { p.dimension() } -> std::convertible_to<index_t>;
  { p.log_prob(x) } -> std::same_as<ndarray<double>>;
  { p.log_prob_at(point) } -> std::convertible_to<double>;
  { p.sample(index_t(1), k) } -> std::same_as<ndarray<double>>;
};

// What check_density found.
struct density_report {
  double mass = 0, mass_error = 0;         // the integral of p, with the standard error of its estimate
  double surprise = 0, surprise_error = 0; // mean of -ln p over draws minus the integral of -p ln p: zero if draws follow p
  double disagreement = 0;                 // largest difference of log_prob and log_prob_at
  bool repeatable = true;                  // a longer sample begins with the shorter one
  bool holds() const {
    return std::abs(mass - 1) < 5 * mass_error + 1e-9 && std::abs(surprise) < 5 * surprise_error + 1e-9 && disagreement < 1e-9 && repeatable;
  }
  std::string describe() const {
    return text("mass ", mass, " +- ", mass_error, ", surprise ", surprise, " +- ", surprise_error, ", log_prob and log_prob_at differ by ", disagreement,
                repeatable ? "" : ", samples do not repeat");
  }
};

// Holds a density against the laws: integrals by points drawn around a sample of it with three times its spread on every axis, in Cauchy's
// distribution, whose tails are wider than those of anything with a variance. Meant for one to four dimensions.
template <Density P>
density_report check_density(const P& p, key k, index_t draws = 100000) {
  const index_t d = p.dimension();
  const auto [own_key, around_key] = split<2>(k);
  const ndarray<double> own = p.sample(draws, own_key);
  density_report r;
  const ndarray<double> shorter = p.sample(7, own_key);
  for (index_t i = 0; i < 7 * d; ++i) r.repeatable = r.repeatable && shorter[i] == own[i];

  std::vector<double> middle(static_cast<std::size_t>(d)), spread(static_cast<std::size_t>(d));
  for (index_t i = 0; i < draws; ++i)
    for (index_t a = 0; a < d; ++a) middle[std::size_t(a)] += own[i * d + a] / double(draws);
  for (index_t i = 0; i < draws; ++i)
    for (index_t a = 0; a < d; ++a) spread[std::size_t(a)] += (own[i * d + a] - middle[std::size_t(a)]) * (own[i * d + a] - middle[std::size_t(a)]) / double(draws);
  for (double& s : spread) s = std::sqrt(s);

  ndarray<double> x(draws, d);
  std::vector<double> log_around(static_cast<std::size_t>(draws));
  for (index_t i = 0; i < draws; ++i)
    for (index_t a = 0; a < d; ++a) {
      const double t = std::tan(3.14159265358979323846 * (around_key.uniform(std::uint64_t(i * d + a)) - 0.5)), s = spread[std::size_t(a)];
      x[i * d + a] = middle[std::size_t(a)] + s * t;
      log_around[std::size_t(i)] -= std::log(3.14159265358979323846 * s * (1 + t * t));
    }
  const ndarray<double> at = p.log_prob(x), at_own = p.log_prob(own);
  auto mean_of = [&](auto f, double& mean, double& error) {
    double sum = 0, square = 0;
    for (index_t i = 0; i < draws; ++i) {
      const double v = f(i);
      sum += v, square += v * v;
    }
    mean = sum / double(draws);
    error = std::sqrt(std::max(0.0, square / double(draws) - mean * mean) / double(draws));
  };
  mean_of([&](index_t i) { return std::exp(at[i] - log_around[std::size_t(i)]); }, r.mass, r.mass_error);
  double drawn = 0, drawn_error = 0, integral = 0, integral_error = 0;
  mean_of([&](index_t i) { return -at_own[i]; }, drawn, drawn_error);
  mean_of([&](index_t i) { const double w = std::exp(at[i] - log_around[std::size_t(i)]); return w > 0 ? -w * at[i] : 0; }, integral, integral_error);
  r.surprise = drawn - integral;
  r.surprise_error = std::hypot(drawn_error, integral_error);
  for (index_t i = 0; i < std::min<index_t>(draws, 200); ++i) r.disagreement = std::max(r.disagreement, std::abs(p.log_prob_at(own.row(i)) - at_own[i]));
  return r;
}

}
