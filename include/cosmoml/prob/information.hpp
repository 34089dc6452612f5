// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/log_density.hpp>
#include <cosmoml/prob/normals.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// How the columns of a table fall into the two sides of a mutual information, and what is given: the first x, the next y, the rest z.
struct column_groups {
  index_t x = 1, y = 1, z = 0;
  index_t all() const { return x + y + z; }
};

// A number found by drawing, and the standard error of the drawing alone (0 where it is exact).
struct drawn_value {
  double value = 0, error = 0;
};

namespace detail {

// Draws of a mixture stratified by component: component k takes its share of `draws`, at least two, and its mean counts by its weight.
// The error is that of independent draws within each.
inline std::vector<index_t> strata(const mixture_parameters& p, index_t draws) {
  std::vector<index_t> n;
  double before = 0;
  for (double w : p.weight) {
    const double after = before + w * double(draws);
    n.push_back(w > 0 ? std::max<index_t>(2, index_t(std::llround(after)) - index_t(std::llround(before))) : 0);
    before = after;
  }
  return n;
}
struct strata_sum {
  double value = 0, variance = 0;
  void add(double weight, index_t n, double sum, double square) {
    const double mean = sum / double(n);
    value += weight * mean;
    variance += weight * weight * std::max(0.0, square / double(n) - mean * mean) / double(n - 1);
  }
};

// The pairwise case in lanes: no maximum is subtracted, since a draw's own component is never tiny there; exponentials of x serve the joint
// density too; one logarithm a draw.
inline drawn_value pair_information(const mixture_parameters& p, index_t draws, key r) {
  using kernels::vec;
  using V = vec<double>;
  constexpr index_t L = kernels::lanes<double>, piece = 256;
  const index_t components = p.components();
  struct one {
    double x_scale, x_offset, y_by_x, y_by_y, y_offset, m_scale, m_offset, joint, x, y;
  };
  std::vector<one> c(static_cast<std::size_t>(components));
  std::vector<double> roots(static_cast<std::size_t>(components * 3));
  for (index_t k = 0; k < components; ++k) {
    const double *m = p.mean_of(k), *v = p.covariance_of(k), w = p.weight[std::size_t(k)];
    const double a = std::sqrt(v[0]), b = v[2] / a, e = std::sqrt(v[3] - b * b), s = std::sqrt(v[3]);
    if (!(a > 0) || !(e > 0)) return {std::numeric_limits<double>::infinity(), 0};
    roots[std::size_t(3 * k)] = a, roots[std::size_t(3 * k + 1)] = b, roots[std::size_t(3 * k + 2)] = e;
    one& q = c[std::size_t(k)];
    q.x_scale = whitening_scale / a, q.x_offset = -m[0] * q.x_scale;
    q.y_by_y = whitening_scale / e, q.y_by_x = -b / a * q.y_by_y, q.y_offset = -m[0] * q.y_by_x - m[1] * q.y_by_y;
    q.m_scale = whitening_scale / s, q.m_offset = -m[1] * q.m_scale;
    q.x = w / a, q.y = w / s, q.joint = q.x / e;
  }
  const std::vector<index_t> counts = strata(p, draws);
  alignas(64) double even[piece], odd[piece];
  strata_sum result;
  std::uint64_t drawn = 0;
  for (index_t k = 0; k < components; ++k) {
    V sum{}, square{};
    const double a = roots[std::size_t(3 * k)], b = roots[std::size_t(3 * k + 1)], e = roots[std::size_t(3 * k + 2)], mx = p.mean_of(k)[0], my = p.mean_of(k)[1];
    for (index_t first = 0; first < counts[std::size_t(k)]; first += piece) {
      const index_t here = std::min(piece, counts[std::size_t(k)] - first);
      normal_pairs(r, drawn, here, even, odd);
      drawn += std::uint64_t(round_up(here, L));
      for (index_t i = 0; i < here; i += L) {
        const V z = kernels::load(even + i), t = kernels::load(odd + i), x = mx + a * z, y = my + b * z + e * t;
        V joint{}, px{}, py{};
        for (const one& q : c) {
          const V u = x * q.x_scale + q.x_offset, v = x * q.y_by_x + (y * q.y_by_y + q.y_offset), w = y * q.m_scale + q.m_offset;
          const V ex = kernels::exp2_normal(-u * u), ev = kernels::exp2_normal(-v * v), ew = kernels::exp2_normal(-w * w);
          joint += q.joint * (ex * ev);
          px += q.x * ex;
          py += q.y * ew;
        }
        V value = kernels::log(joint / (px * py));
        if (here - i < L)
          for (index_t l = here - i; l < L; ++l) value[l] = 0;
        sum += value;
        square += value * value;
      }
    }
    if (counts[std::size_t(k)]) result.add(p.weight[std::size_t(k)], counts[std::size_t(k)], kernels::sum_of_lanes<double>(sum), kernels::sum_of_lanes<double>(square));
  }
  return {result.value, std::sqrt(result.variance)};
}

// The expectation of f under a mixture by stratified draws: f(columns, n, out) for up to 256 points at a time.
template <class F>
drawn_value expectation(const mixture_parameters& p, index_t draws, key r, F f) {
  constexpr index_t piece = 256;
  const index_t d = p.dimension, pairs = (d + 1) / 2;
  const log_density joint(p, "prob::expectation");
  std::vector<double> memory(static_cast<std::size_t>((2 * pairs + d + 1) * piece));
  double *z = memory.data(), *x = z + 2 * pairs * piece, *out = x + d * piece;
  std::vector<const double*> columns;
  for (index_t c = 0; c < d; ++c) columns.push_back(x + c * piece);
  const std::vector<index_t> counts = strata(p, draws);
  strata_sum result;
  std::uint64_t drawn = 0;
  for (index_t k = 0; k < p.components(); ++k) {
    const double* l = joint.roots().data() + k * d * d;
    double sum = 0, square = 0;
    for (index_t first = 0; first < counts[std::size_t(k)]; first += piece) {
      const index_t here = std::min(piece, counts[std::size_t(k)] - first);
      for (index_t q = 0; q < pairs; ++q) normal_pairs(r.fold(std::uint64_t(q)), drawn, here, z + 2 * q * piece, z + (2 * q + 1) * piece);
      drawn += std::uint64_t(round_up(here, 16));
      for (index_t a = 0; a < d; ++a) {
        double* to = x + a * piece;
        std::fill_n(to, piece, p.mean_of(k)[a]);
        for (index_t b = 0; b <= a; ++b)
          for (index_t i = 0; i < here; ++i) to[i] += l[a * d + b] * z[b * piece + i];
      }
      f(columns.data(), here, out);
      for (index_t i = 0; i < here; ++i) sum += out[i], square += out[i] * out[i];
    }
    if (counts[std::size_t(k)]) result.add(p.weight[std::size_t(k)], counts[std::size_t(k)], sum, square);
  }
  return {result.value, std::sqrt(result.variance)};
}

// ln p(x, y, z) + ln p(z) - ln p(x, z) - ln p(y, z) of points given as columns; without z, ln p(x, y) - ln p(x) - ln p(y).
class pointwise_information {
public:
  pointwise_information(const mixture_parameters& p, column_groups g) : groups_(g) {
    const auto x = axes_between(0, g.x), y = axes_between(g.x, g.x + g.y), z = axes_between(g.x + g.y, g.all());
    auto join = [](std::vector<index_t> a, const std::vector<index_t>& b) {
      a.insert(a.end(), b.begin(), b.end());
      return a;
    };
    add(p, axes_between(0, g.all()), 1);
    add(p, join(x, z), -1);
    add(p, join(y, z), -1);
    if (g.z) add(p, z, 1);
  }
  void operator()(const double* const* x, index_t rows, double* out) {
    piece_.resize(std::size_t(round_up(rows, 16)));
    std::fill_n(out, rows, 0.0);
    for (part& q : parts_) {
      pointers_.clear();
      for (index_t a : q.axes) pointers_.push_back(x[a]);
      q.density(pointers_.data(), rows, piece_.data(), work_);
      for (index_t i = 0; i < rows; ++i) out[i] += q.sign * piece_[std::size_t(i)];
    }
  }

private:
  struct part {
    std::vector<index_t> axes;
    log_density density;
    double sign;
  };
  void add(const mixture_parameters& p, std::vector<index_t> axes, double sign) {
    mixture_parameters m = marginal_of(p, axes, "prob::mutual_information");
    parts_.push_back({std::move(axes), log_density(m, "prob::mutual_information"), sign});
  }
  column_groups groups_;
  std::vector<part> parts_;
  std::vector<double> piece_;
  std::vector<const double*> pointers_;
  pass_workspace<double> work_;
};

// Exact for one component: differences of log-determinants.
inline double gaussian_information(const mixture_parameters& p, column_groups g) {
  auto half = [&](index_t first, index_t middle, index_t rest, index_t last) {
    std::vector<index_t> axes = axes_between(first, middle);
    for (index_t a : axes_between(rest, last)) axes.push_back(a);
    if (axes.empty()) return 0.0;
    const mixture_parameters m = marginal_of(p, axes);
    std::vector<double> l(static_cast<std::size_t>(m.dimension * m.dimension));
    if (!cholesky(m.dimension, m.covariance_of(0), l.data())) return -std::numeric_limits<double>::infinity();
    return 0.5 * log_determinant(m.dimension, l.data());
  };
  const index_t xy = g.x + g.y;
  return half(0, g.x, xy, g.all()) + half(g.x, xy, xy, g.all()) - half(0, xy, xy, g.all()) - (g.z ? half(xy, g.all(), 0, 0) : 0.0);
}

}

// The mutual information I(x; y) or I(x; y | z) of a mixture whose first axes are x, the next y, the rest z (nat): the mean over its own draws of
// ln p(x, y) - ln p(x) - ln p(y), or ln p(x, y, z) + ln p(z) - ln p(x, z) - ln p(y, z). Exact for one component.
// Errors: shape_mismatch, numerical_error. Cost draws x K exponentials.
inline drawn_value mutual_information(const mixture_parameters& p, column_groups groups = {}, index_t draws = 100000, key randomness = {}) {
  const char* asked = "prob::mutual_information";
  expect<shape_mismatch>(groups.x > 0 && groups.y > 0 && groups.z >= 0 && groups.all() == p.dimension, asked, "give groups that make up the mixture's axes", groups.x, " + ",
                         groups.y, " + ", groups.z, " axes of ", p.dimension);
  expect<invalid_argument>(draws > 1, asked, "draw at least two points", draws, " draws");
  if (p.components() == 1) return {detail::gaussian_information(p, groups), 0};
  if (p.dimension == 2) return detail::pair_information(p, draws, randomness);
  return detail::expectation(p, draws, randomness, detail::pointwise_information(p, groups));
}

// KL(p_x || p_y) between the marginals of a mixture whose first half of axes is x and second half y, as densities of the same quantity (nat).
// `reverse`: KL(p_y || p_x). Errors: shape_mismatch.
inline drawn_value marginal_divergence(const mixture_parameters& p, bool reverse = false, index_t draws = 100000, key randomness = {}) {
  expect<shape_mismatch>(p.dimension % 2 == 0, "prob::marginal_divergence", "give as many axes of x as of y", p.dimension, " axes");
  const index_t half = p.dimension / 2;
  const mixture_parameters x = detail::marginal_of(p, detail::axes_between(0, half)), y = detail::marginal_of(p, detail::axes_between(half, p.dimension));
  const mixture_parameters &from = reverse ? y : x, &to = reverse ? x : y;
  const detail::log_density a(from, "prob::marginal_divergence"), b(to, "prob::marginal_divergence");
  detail::pass_workspace<double> work, work_b;
  std::vector<double> other(272);
  return detail::expectation(from, draws, randomness, [&](const double* const* points, index_t n, double* out) {
    a(points, n, out, work);
    b(points, n, other.data(), work_b);
    for (index_t i = 0; i < n; ++i) out[i] -= other[std::size_t(i)];
  });
}

}
