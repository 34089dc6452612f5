// SPDX-License-Identifier: BSL-1.0
// The toy distributions of Piras et al. 2022 with their mutual information, and files of a user's own.
#pragma once
#include <cosmoml/io/csv.hpp>
#include <cosmoml/io/npy.hpp>
#include <cosmoml/prob.hpp>

#include <functional>

namespace examples {
using namespace cosmoml;

struct toy {
  std::string name, family;
  double parameter, truth;                                   // nat
  std::function<ndarray<double>(index_t, key)> draw;         // (n, 2)
};

// Pairs of numbers that `pair(u, k, i)` makes from standard normals u[2] and a key for other draws.
template <class Pair>
ndarray<double> pairs(index_t n, key k, Pair pair) {
  ndarray<double> x(n, 2);
  for (index_t i = 0; i < n; ++i) {
    const double u[2] = {k.normal(std::uint64_t(2 * i)), k.normal(std::uint64_t(2 * i + 1))};
    pair(u, k.fold(1).fold(std::uint64_t(i)), x.row(i));
  }
  return x;
}

inline double gaussian_truth(double rho) { return rho == 0 ? 0 : -0.5 * std::log(1 - rho * rho); }

// Unit variances, correlation rho; the second variable goes through a monotone map, which leaves the information as it is.
inline toy gaussian(double rho, const std::string& name = "Gaussian", std::function<double(double)> map = [](double y) { return y; }) {
  return {name, "gaussian", rho, gaussian_truth(rho),
          [=](index_t n, key k) { return pairs(n, k, [&](const double* u, key, double* to) { to[0] = u[0], to[1] = map(rho * u[0] + std::sqrt(1 - rho * rho) * u[1]); }); }};
}
// The logarithm of a draw from Gamma(alpha, 1) (Marsaglia and Tsang 2000, with their step for alpha < 1).
inline double log_gamma_draw(double alpha, key k) {
  const double a = alpha < 1 ? alpha + 1 : alpha, d = a - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  const double lift = alpha < 1 ? std::log(1 - k.fold(3).uniform(0)) / alpha : 0;
  for (std::uint64_t i = 0;; ++i) {
    const double z = k.normal(i), v = std::pow(1 + c * z, 3), u = 1 - k.fold(4).uniform(i);
    if (v > 0 && std::log(u) < 0.5 * z * z + d - d * v + d * std::log(v)) return std::log(d * v) + lift;
  }
}
// x from Gamma(alpha), y from an exponential of rate x; logarithms of both.
inline toy gamma_exponential(double alpha) {
  return {"gamma-exponential", "gammaexp", alpha, prob::digamma(alpha + 1) - std::log(alpha), [=](index_t n, key k) {
            return pairs(n, k, [&](const double*, key r, double* to) { to[0] = log_gamma_draw(alpha, r), to[1] = std::log(-std::log1p(-r.fold(5).uniform(0))) - to[0]; });
          }};
}
// x from an exponential of mean 1/2, y = x plus an exponential of mean alpha; logarithms of both.
inline toy weinman(double alpha) {
  const double a = 2 * alpha, psi1 = prob::digamma(1);
  const double truth = a < 1 ? -std::log(a / (1 - a)) + prob::digamma(1 / (1 - a)) - psi1 : a == 1 ? -psi1 : std::log((a - 1) / a) + prob::digamma(a / (a - 1)) - psi1;
  return {"ordered Weinman", "weinman", alpha, truth, [=](index_t n, key k) {
            return pairs(n, k, [&](const double*, key r, double* to) {
              const double x = -0.5 * std::log(1 - r.uniform(0)), y = x - alpha * std::log(1 - r.uniform(1));
              to[0] = std::log(x), to[1] = std::log(y);
            });
          }};
}
// A mixture; its covariances as sxx, sxy, syy. The truth is found by quadrature.
inline toy mixture(const std::string& name, std::vector<double> weights, std::vector<double> means, const std::vector<double>& covariances) {
  prob::mixture_parameters p(index_t(weights.size()), 2);
  p.weight = std::move(weights), p.mean = std::move(means);
  for (index_t k = 0; k < p.components(); ++k) {
    const double* c = covariances.data() + 3 * k;
    const double whole[4] = {c[0], c[1], c[1], c[2]};
    std::copy(whole, whole + 4, p.covariance_of(k));
  }
  return {name, "mixture", double(p.components()), prob::mutual_information_by_quadrature(p).value, [p](index_t n, key k) { return prob::mixture<>(p).sample(n, k); }};
}
inline std::vector<toy> mixtures() {
  const std::vector<double> w3{.3, .45, .25}, c3{1, 0, .1, .5, .2, .5, .1, .05, .1}, w5{.2, .35, .15, .12, .18}, c5{1, 0, .1, .5, .2, .5, .1, .05, .1, .5, -.1, .9, .2, -.05, .1};
  return {mixture("D1", {1}, {-1, 1}, {.5, .2, .5}),
          mixture("D3", w3, {-1, 1, 0, 2, -1.5, 2}, c3),
          mixture("D3p", w3, {-3, 3, 2, 4, -2.5, 5}, c3),
          mixture("D30", w3, {-1, 1, 0, 2, -1.5, 2}, {1, .1, .1, .5, .2, .5, .1, .05, .1}),
          mixture("D5", w5, {-1, 1, 0, 2, -1.5, 2, 2, 1, -.25, 0}, c5),
          mixture("D5p", w5, {-1, 1, 0, 2, -1.5, 2, 3, 1, -.25, 0}, c5)};
}

// A table of numbers from an npy or csv file.
struct named_table {
  ndarray<double> values;   // (n, d)
  std::vector<std::string> names;
};
inline named_table read_table(const std::string& path) {
  named_table t;
  if (path.ends_with(".npy")) t.values = io::read_npy<double>(path);
  else {
    io::csv c = io::read_csv(path);
    t.values = std::move(c.values), t.names = std::move(c.names);
  }
  if (t.values.rank() == 1) t.values = std::move(t.values).reshaped({t.values.size(), 1});
  expect<shape_mismatch>(t.values.rank() == 2, "gmm_mi, reading a table", "give (rows, columns)", path, " with ", t.values.rank(), " axes");
  if (t.names.empty())
    for (index_t c = 0; c < t.values.dim(1); ++c) t.names.push_back(std::to_string(c + 1));
  return t;
}
// Names of the columns, one a line; a name that is a number is cut to three digits.
inline void read_names(const std::string& path, named_table& t) {
  const auto bytes = io::read_file(path);
  std::vector<std::string> names;
  std::string line;
  for (unsigned char c : bytes)
    if (c == '\n') names.push_back(line), line.clear();
    else if (c != '\r') line += char(c);
  if (!line.empty()) names.push_back(line);
  expect<shape_mismatch>(index_t(names.size()) == t.values.dim(1), "gmm_mi, reading names", "give one line for each column", names.size(), " lines for ", t.values.dim(1), " columns");
  for (std::string& name : names) {
    char* end = nullptr;
    const double value = std::strtod(name.c_str(), &end);
    if (!name.empty() && *end == '\0') {
      char text[16];
      std::snprintf(text, sizeof text, "%.3g", value);
      name = text;
    }
  }
  t.names = std::move(names);
}
// Each n-th column.
inline void thin(named_table& t, index_t n) {
  named_table out;
  const index_t d = t.values.dim(1), kept = (d + n - 1) / n;
  out.values = ndarray<double>(t.values.rows(), kept);
  for (index_t c = 0; c < kept; ++c) {
    out.names.push_back(t.names[std::size_t(c * n)]);
    for (index_t i = 0; i < t.values.rows(); ++i) out.values[i * kept + c] = t.values[i * d + c * n];
  }
  t = std::move(out);
}
inline void transpose(named_table& t) {
  ndarray<double> x(t.values.dim(1), t.values.dim(0));
  for (index_t i = 0; i < x.dim(0); ++i)
    for (index_t j = 0; j < x.dim(1); ++j) x[i * x.dim(1) + j] = t.values[j * x.dim(0) + i];
  t.values = std::move(x);
  t.names.clear();
  for (index_t c = 0; c < t.values.dim(1); ++c) t.names.push_back(std::to_string(c + 1));
}

}
