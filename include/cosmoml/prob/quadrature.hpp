// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/information.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

namespace detail {

// The expectation of f under a mixture of one or two dimensions: for each component the trapezium rule in its own whitened coordinates, which
// converges exponentially for smooth f; steps are halved until the sum over components stays within the tolerance. f as in expectation().
template <class F>
drawn_value quadrature(const mixture_parameters& p, double tolerance, F f) {
  const char* asked = "prob::quadrature";
  const index_t d = p.dimension;
  expect<shape_mismatch>(d <= 2, asked, "use it in one or two dimensions, and draws beyond", d, " dimensions");
  constexpr index_t piece = 256;
  const log_density joint(p, asked);
  std::vector<double> memory(static_cast<std::size_t>(4 * piece));
  double *x = memory.data(), *y = x + piece, *out = y + piece, *weight = out + piece;
  const double* columns[2] = {x, y};
  double before = std::numeric_limits<double>::infinity();
  for (index_t steps = 48;; steps *= 2) {
    const double reach = 9, h = 2 * reach / double(steps);
    double total = 0;
    for (index_t k = 0; k < p.components(); ++k) {
      const double* l = joint.roots().data() + k * d * d;
      double sum = 0;
      index_t held = 0;
      auto flush = [&] {
        f(columns, held, out);
        for (index_t i = 0; i < held; ++i) sum += weight[i] * out[i];
        held = 0;
      };
      for (index_t i = 0; i <= steps; ++i) {
        const double a = -reach + h * double(i), wa = std::exp(-0.5 * a * a) * h * 0.39894228040143267794;
        for (index_t j = 0; j <= (d == 2 ? steps : 0); ++j) {
          const double b = d == 2 ? -reach + h * double(j) : 0, wb = d == 2 ? std::exp(-0.5 * b * b) * h * 0.39894228040143267794 : 1;
          if (wa * wb < 1e-22) continue;
          x[held] = p.mean_of(k)[0] + l[0] * a;
          if (d == 2) y[held] = p.mean_of(k)[1] + l[2] * a + l[3] * b;
          weight[held++] = wa * wb;
          if (held == piece) flush();
        }
      }
      if (held) flush();
      total += p.weight[std::size_t(k)] * sum;
    }
    const double change = std::abs(total - before);
    if (change <= tolerance || steps >= (d == 2 ? 1536 : 1 << 16)) return {total, change};
    before = total;
  }
}

}

// I(x; y) of a mixture of two dimensions by quadrature (nat); error: the change at the last halving of the steps. For tests and for values
// that must not depend on draws.
inline drawn_value mutual_information_by_quadrature(const mixture_parameters& p, double tolerance = 1e-9) {
  expect<shape_mismatch>(p.dimension == 2, "prob::mutual_information_by_quadrature", "give a mixture of two dimensions", p.dimension, " dimensions");
  if (p.components() == 1) return {detail::gaussian_information(p, {}), 0};
  return detail::quadrature(p, tolerance, detail::pointwise_information(p, {}));
}

// The entropy of a mixture, -E[ln p] (nat): by quadrature in one and two dimensions, by draws beyond.
inline drawn_value entropy(const mixture_parameters& p, index_t draws = 100000, key randomness = {}) {
  const detail::log_density density(p, "prob::entropy");
  detail::pass_workspace<double> work;
  auto minus_log = [&](const double* const* x, index_t n, double* out) {
    density(x, n, out, work);
    for (index_t i = 0; i < n; ++i) out[i] = -out[i];
  };
  return p.dimension <= 2 ? detail::quadrature(p, 1e-10, minus_log) : detail::expectation(p, draws, randomness, minus_log);
}

// KL(p || q) between two mixtures of equal dimension (nat): by quadrature in one and two dimensions, by draws beyond.
inline drawn_value divergence(const mixture_parameters& p, const mixture_parameters& q, index_t draws = 100000, key randomness = {}) {
  expect<shape_mismatch>(p.dimension == q.dimension, "prob::divergence", "compare densities of equal dimension", p.dimension, " and ", q.dimension, " dimensions");
  const detail::log_density a(p, "prob::divergence"), b(q, "prob::divergence");
  detail::pass_workspace<double> work, work_b;
  std::vector<double> other(272);
  auto ratio = [&](const double* const* x, index_t n, double* out) {
    a(x, n, out, work);
    b(x, n, other.data(), work_b);
    for (index_t i = 0; i < n; ++i) out[i] -= other[std::size_t(i)];
  };
  return p.dimension <= 2 ? detail::quadrature(p, 1e-10, ratio) : detail::expectation(p, draws, randomness, ratio);
}

}
