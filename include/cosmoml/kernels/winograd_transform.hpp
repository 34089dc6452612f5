// SPDX-License-Identifier: BSL-1.0
// The one-dimensional transforms of Winograd's convolution (S. Winograd, Arithmetic complexity of computations, 1980; A. Lavin and
// S. Gray, arXiv:1509.09308). F(M, R): M outputs of a filter of R taps from Alpha = M + R - 1 products, one for each of Alpha - 1 points
// and one for infinity:
//
//   y = A^T [(G g) * (B^T d)]      and, for the gradient of the filter,      dg = G^T [(B^T d) * (A dy)]
#pragma once
#include <cosmoml/kernels/lanes.hpp>
#include <cosmoml/kernels/number.hpp>

#include <array>

namespace cosmoml::inline COSMOML_ABI::kernels::winograd {

// Points in pairs +-p behind 0, an odd one at the end. Those of F(4, 3) were searched for: 0, +-3/4, +-3/2 have a third of the error of
// the usual 0, +-1, +-2, at the level of a direct sum. Those of F(5, 3) have
// three quarters of the error of 0, +-1, +-1/2, -2, and half of it in the weight adjoint; for F(4, 5) none better than the usual ones was found.
template <int Alpha>
inline constexpr std::array<double, std::size_t(Alpha) - 1> points = {};
template <>
inline constexpr std::array<double, 3> points<4> = {0, 1, -1};
template <>
inline constexpr std::array<double, 5> points<6> = {0, 0.75, -0.75, 1.5, -1.5};
template <>
inline constexpr std::array<double, 6> points<7> = {0, 1, -1, 0.5625, -0.5625, -3};
template <>
inline constexpr std::array<double, 7> points<8> = {0, 1, -1, 2, -2, 0.5, -0.5};

constexpr double power(double a, int n) {
  double r = 1;
  for (int i = 0; i < n; ++i) r *= a;
  return r;
}

// B^T with the leading Alpha - 1 points that `Count` asks for: row i holds the product of all (x - p_l), l != i, by powers of x.
template <int Count, int Of>
constexpr auto data_matrix() {
  std::array<std::array<double, std::size_t(Count)>, std::size_t(Count)> b{};
  for (int i = 0; i < Count; ++i) {
    double c[Count + 1] = {1};
    int degree = 0;
    for (int l = 0; l < Count - 1; ++l) {
      if (l == i) continue;
      double next[Count + 1] = {};
      for (int k = 0; k <= degree; ++k) {
        next[k + 1] += c[k];
        next[k] -= points<Of>[std::size_t(l)] * c[k];
      }
      ++degree;
      for (int k = 0; k <= degree; ++k) c[k] = next[k];
    }
    for (int k = 0; k <= degree; ++k) b[std::size_t(i)][std::size_t(k)] = c[k];
  }
  return b;
}
template <int Count, int Of>
inline constexpr auto data_rows = data_matrix<Count, Of>();

// G: row i holds powers of the point over the product of its distances from the others.
template <int Alpha, int R>
inline constexpr auto filter_rows = [] {
  std::array<std::array<double, std::size_t(R)>, std::size_t(Alpha)> g{};
  for (int i = 0; i < Alpha - 1; ++i) {
    double n = 1;
    for (int l = 0; l < Alpha - 1; ++l)
      if (l != i) n *= points<Alpha>[std::size_t(i)] - points<Alpha>[std::size_t(l)];
    for (int k = 0; k < R; ++k) g[std::size_t(i)][std::size_t(k)] = power(points<Alpha>[std::size_t(i)], k) / n;
  }
  g[std::size_t(Alpha) - 1][std::size_t(R) - 1] = 1;
  return g;
}();

// Powers 0 ... Count - 1 of each point.
template <int Alpha, int Count>
inline constexpr auto point_powers = [] {
  std::array<std::array<double, std::size_t(Count)>, std::size_t(Alpha) - 1> t{};
  for (std::size_t i = 0; i + 1 < std::size_t(Alpha); ++i)
    for (int j = 0; j < Count; ++j) t[i][std::size_t(j)] = power(points<Alpha>[i], j);
  return t;
}();

// A sum with constant weights: those that are 0, 1 or -1 cost what they must.
template <class V>
struct weighted_sum {
  V value{};
  bool empty = true;
  [[gnu::always_inline]] void add(double weight, V x) {
    using S = scalar_of<V>;
    if (weight == 0) return;
    if (empty) value = weight == 1 ? x : S(weight) * x;
    else if (weight == 1) value = value + x;
    else if (weight == -1) value = value - x;
    else value += S(weight) * x;
    empty = false;
  }
};

// y = B^T x. Rows of a pair of points share their even and odd parts; an odd point is split off as a difference first.
template <int Count, int Of, class V>
[[gnu::always_inline]] inline void transform_data(const V* x, V* y) {
  constexpr auto& b = data_rows<Count, Of>;
  const auto row = [&](int i, int parity) __attribute__((always_inline)) {
    weighted_sum<V> s;
#pragma GCC unroll 16
    for (int k = 0; k < Count; ++k)
      if (parity == 2 || k % 2 == parity) s.add(b[std::size_t(i)][std::size_t(k)], x[k]);
    return s.value;
  };
  if constexpr (Count % 2 == 1) {
    using S = scalar_of<V>;
    constexpr S odd = S(points<Of>[std::size_t(Count) - 2]);
    constexpr auto& inner = data_rows<Count - 1, Of>;
    V z[Count - 1], o[Count - 1];
#pragma GCC unroll 16
    for (int k = 0; k < Count - 1; ++k) z[k] = x[k + 1] - odd * x[k];
    transform_data<Count - 1, Of>(z, o);
#pragma GCC unroll 16
    for (int k = 0; k < Count - 2; ++k) y[k] = o[k];
    y[Count - 1] = o[Count - 2];
    weighted_sum<V> s;
#pragma GCC unroll 16
    for (int k = 0; k < Count - 1; ++k) s.add(inner[std::size_t(Count) - 2][std::size_t(k)], x[k]);
    y[Count - 2] = s.value;
  } else {
    y[0] = row(0, 2);
#pragma GCC unroll 16
    for (int i = 1; i + 1 < Count - 1; i += 2) {
      const V even = row(i, 0), odd = row(i, 1);
      y[i] = even + odd;
      y[i + 1] = even - odd;
    }
    y[Count - 1] = row(Count - 1, 2);
  }
}

// y = A x: M values to Alpha, powers of the points.
template <int Alpha, int M, class V>
[[gnu::always_inline]] inline void transform_gradient(const V* x, V* y) {
  constexpr auto& p = point_powers<Alpha, M>;
  y[0] = x[0];
#pragma GCC unroll 16
  for (int i = 1; i + 1 < Alpha - Alpha % 2; i += 2) {
    weighted_sum<V> even, odd;
#pragma GCC unroll 16
    for (int j = 0; j < M; ++j) (j % 2 ? odd : even).add(p[std::size_t(i)][std::size_t(j)], x[j]);
    y[i] = even.value + odd.value;
    y[i + 1] = even.value - odd.value;
  }
  if constexpr (Alpha % 2 == 1) {
    weighted_sum<V> s;
#pragma GCC unroll 16
    for (int j = 0; j < M; ++j) s.add(p[std::size_t(Alpha) - 2][std::size_t(j)], x[j]);
    y[Alpha - 2] = s.value;
  }
  y[Alpha - 1] = x[M - 1];
}

// y = A^T x: Alpha products to M outputs.
template <int Alpha, int M, class V>
[[gnu::always_inline]] inline void transform_output(const V* x, V* y) {
  constexpr auto& p = point_powers<Alpha, M>;
  constexpr int pairs = (Alpha - 2) / 2;
  V sum[pairs], difference[pairs];
#pragma GCC unroll 16
  for (int q = 0; q < pairs; ++q) {
    sum[q] = x[1 + 2 * q] + x[2 + 2 * q];
    difference[q] = x[1 + 2 * q] - x[2 + 2 * q];
  }
#pragma GCC unroll 16
  for (int j = 0; j < M; ++j) {
    weighted_sum<V> s;
    if (j == 0) s.add(1, x[0]);
    if (j == M - 1) s.add(1, x[Alpha - 1]);
#pragma GCC unroll 16
    for (int q = 0; q < pairs; ++q) s.add(p[std::size_t(1 + 2 * q)][std::size_t(j)], j % 2 ? difference[q] : sum[q]);
    if constexpr (Alpha % 2 == 1) s.add(p[std::size_t(Alpha) - 2][std::size_t(j)], x[Alpha - 2]);
    y[j] = s.value;
  }
}

// y = G x and y = G^T x.
template <int Alpha, int R, class V>
[[gnu::always_inline]] inline void transform_filter(const V* x, V* y) {
  constexpr auto& g = filter_rows<Alpha, R>;
#pragma GCC unroll 16
  for (int i = 0; i < Alpha; ++i) {
    weighted_sum<V> s;
#pragma GCC unroll 16
    for (int k = 0; k < R; ++k) s.add(g[std::size_t(i)][std::size_t(k)], x[k]);
    y[i] = s.value;
  }
}
template <int Alpha, int R, class V>
[[gnu::always_inline]] inline void transform_filter_back(const V* x, V* y) {
  constexpr auto& g = filter_rows<Alpha, R>;
#pragma GCC unroll 16
  for (int k = 0; k < R; ++k) {
    weighted_sum<V> s;
#pragma GCC unroll 16
    for (int i = 0; i < Alpha; ++i) s.add(g[std::size_t(i)][std::size_t(k)], x[i]);
    y[k] = s.value;
  }
}

}
