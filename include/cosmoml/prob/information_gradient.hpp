// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/gmm_mi.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// The information of points under a fixed mixture, and how it changes as they move.
struct information_of_points {
  double mean = 0;            // over rows: an estimate of I(x; y) or I(x; y | z) (nat)
  ndarray<double> values;     // (n): ln p(x, y) - ln p(x) - ln p(y), or its conditional form
  ndarray<double> gradient;   // (n, d): of the mean, with respect to every coordinate of every point
};

// Differentiable mutual information: with the mixture held, the mean pointwise information of rows (n, d), d = groups.all(), is a smooth function of
// the rows, so it may be (part of) the loss of whatever makes them; refit the mixture now and then. grad ln p = sum_k r_k C_k^-1 (m_k - x).
// Errors: shape_mismatch, numerical_error. Cost n K d^2.
template <HostArray X>
information_of_points information_gradient(const mixture_parameters& p, const X& x, column_groups groups = {}) {
  const char* asked = "prob::information_gradient";
  expect<shape_mismatch>(groups.x > 0 && groups.y > 0 && groups.z >= 0 && groups.all() == p.dimension, asked, "give groups that make up the mixture's axes", groups.x, " + ", groups.y,
                         " + ", groups.z, " axes of ", p.dimension);
  const auto v = as_samples(x, p.dimension, asked);
  const index_t n = v.rows(), d = p.dimension, components = p.components();
  information_of_points out{0, ndarray<double>(n), ndarray<double>(n, d)};
  struct part {
    std::vector<index_t> axes;
    mixture<> density;
    double sign;
  };
  std::vector<part> parts;
  const index_t xy = groups.x + groups.y;
  auto add = [&](std::vector<index_t> axes, double sign) { parts.push_back({axes, mixture<>(detail::marginal_of(p, axes), asked), sign}); };
  auto with_z = [&](std::vector<index_t> a) {
    for (index_t i = xy; i < d; ++i) a.push_back(i);
    return a;
  };
  add(detail::axes_between(0, d), 1);
  add(with_z(detail::axes_between(0, groups.x)), -1);
  add(with_z(detail::axes_between(groups.x, xy)), -1);
  if (groups.z) add(with_z({}), 1);
  std::vector<double> e(static_cast<std::size_t>(components)), pull(static_cast<std::size_t>(components * d));
  for (index_t i = 0; i < n; ++i)
    for (const part& q : parts) {
      const index_t m = index_t(q.axes.size());
      double most = -std::numeric_limits<double>::infinity(), sum = 0;
      for (index_t k = 0; k < components; ++k) {
        double* r = pull.data() + k * d;
        for (index_t a = 0; a < m; ++a) {
          const double at = double(v(i, q.axes[std::size_t(a)]));
          if (!std::isfinite(at)) throw numerical_error(asked, text(at, " in row ", i), "give finite points");
          r[a] = q.density.mean(k, a) - at;
        }
        solve_lower(m, q.density.root(k), r);
        double square = 0;
        for (index_t a = 0; a < m; ++a) square += r[a] * r[a];
        solve_lower_transposed(m, q.density.root(k), r);
        e[std::size_t(k)] = std::log(q.density.weight(k)) - 0.5 * (square + log_determinant(m, q.density.root(k)) + double(m) * 1.83787706640934548356);
        most = std::max(most, e[std::size_t(k)]);
      }
      for (double& w : e) sum += w = std::exp(w - most);
      out.values[i] += q.sign * (most + std::log(sum));
      for (index_t k = 0; k < components; ++k)
        for (index_t a = 0; a < m; ++a) out.gradient[i * d + q.axes[std::size_t(a)]] += q.sign * e[std::size_t(k)] / sum * pull[std::size_t(k * d + a)] / double(n);
    }
  for (double value : out.values) out.mean += value / double(n);
  return out;
}

}
