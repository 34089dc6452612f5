// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/ops/wavelet.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

using ops::extension;
using ops::filter_pair;

// ---- one line: low[k], high[k] = sum_t f[t] x[2 k + shift - t]
template <class S, int Taps>
void analyse_line(const S* __restrict x, int n, const filter_pair<S, Taps>& f, int shift, extension mode, S* __restrict low, S* __restrict high, int m) {
  auto at_edge = [&](int k) {
    S a = 0, d = 0;
    for (int t = 0; t < Taps; ++t) {
      const S v = x[ops::extended(2 * k + shift - t, n, mode)];
      a += f.low[t] * v;
      d += f.high[t] * v;
    }
    low[k] = a;
    high[k] = d;
  };
  // 2 k + shift - t stays inside for first <= k < last
  int first = (Taps - shift) / 2, last = (n - 1 - shift) / 2 + 1;
  if (last > m) last = m;
  if (first > last) first = last < 0 ? 0 : last;
  for (int k = 0; k < first; ++k) at_edge(k);
  for (int k = first; k < last; ++k) {
    const S* p = x + 2 * k + shift;
    S a = 0, d = 0;
#pragma GCC unroll 40
    for (int t = 0; t < Taps; ++t) a += f.low[t] * p[-t], d += f.high[t] * p[-t];
    low[k] = a;
    high[k] = d;
  }
  for (int k = last; k < m; ++k) at_edge(k);
}

// ---- many lines side by side: rows of `width`, transformed down the rows
template <class S, int Taps>
void analyse_rows(const S* __restrict x, int n, index_t width, const filter_pair<S, Taps>& f, int shift, extension mode, S* __restrict low, S* __restrict high, int m) {
  for (int k = 0; k < m; ++k) {
    const S* row[Taps];
    for (int t = 0; t < Taps; ++t) {
      const int p = 2 * k + shift - t;
      row[t] = x + (p >= 0 && p < n ? p : ops::extended(p, n, mode)) * width;
    }
    S *a = low + k * width, *d = high + k * width;
    for (index_t j = 0; j < width; ++j) {
      S s = 0, u = 0;
#pragma GCC unroll 40
      for (int t = 0; t < Taps; ++t) s += f.low[t] * row[t][j], u += f.high[t] * row[t][j];
      a[j] = s;
      d[j] = u;
    }
  }
}

// The place of position p of the extended line in the line itself, or -1 if what lies there counts for nothing.
template <bool Fold>
constexpr int destination(int p, int n, extension mode) {
  if (p >= 0 && p < n) return p;
  if (Fold) return ops::extended(p, n, mode);
  if (mode != extension::periodization) return -1;
  const int period = n + n % 2, q = (p % period + period) % period;
  return q < n ? q : -1;
}
template <bool Fold, class S, int Taps>
void synthesise_line(const S* __restrict low, const S* __restrict high, int m, const filter_pair<S, Taps>& f, int shift, extension mode, S* __restrict x, int n) {
  for (int i = 0; i < n; ++i) x[i] = 0;
  for (int k = 0; k < m; ++k)
    for (int t = 0; t < Taps; ++t) {
      const int to = destination<Fold>(2 * k + shift - t, n, mode);
      if (to >= 0) x[to] += f.low[t] * low[k] + f.high[t] * high[k];
    }
}
template <bool Fold, class S, int Taps>
void synthesise_rows(const S* __restrict low, const S* __restrict high, int m, index_t width, const filter_pair<S, Taps>& f, int shift, extension mode, S* __restrict x, int n) {
  for (index_t i = 0; i < n * width; ++i) x[i] = 0;
  for (int k = 0; k < m; ++k)
    for (int t = 0; t < Taps; ++t) {
      const int to = destination<Fold>(2 * k + shift - t, n, mode);
      if (to < 0) continue;
      const S *a = low + k * width, *d = high + k * width, fa = f.low[t], fd = f.high[t];
      S* out = x + to * width;
      for (index_t j = 0; j < width; ++j) out[j] += fa * a[j] + fd * d[j];
    }
}

// ---- one level of 1 to 3 axes of one array: all axes but the last by rows, the last by lines. `band(b)` is where band b goes (or is).
// Workspace: 2 * (a level's elements, each axis rounded up to an even number) * axes.
template <int Axis, int Axes, class S, int Taps, class Band>
void analyse_level(const S* x, const int* n, const int* m, const filter_pair<S, Taps>& f, int shift, extension mode, int band, index_t position, S* work, const Band& to) {
  if constexpr (Axis + 1 == Axes) analyse_line(x, n[Axis], f, shift, mode, to(band) + position, to(band | 1 << Axis) + position, m[Axis]);
  else {
    index_t width = 1;
    for (int a = Axis + 1; a < Axes; ++a) width *= n[a];
    S *low = work, *high = work + m[Axis] * width, *rest = work + 2 * m[Axis] * width;
    analyse_rows(x, n[Axis], width, f, shift, mode, low, high, m[Axis]);
    for (int k = 0; k < m[Axis]; ++k) {
      analyse_level<Axis + 1, Axes>(low + k * width, n, m, f, shift, mode, band, (position + k) * m[Axis + 1], rest, to);
      analyse_level<Axis + 1, Axes>(high + k * width, n, m, f, shift, mode, band | 1 << Axis, (position + k) * m[Axis + 1], rest, to);
    }
  }
}
template <bool Fold, int Axis, int Axes, class S, int Taps, class Band>
void synthesise_level(S* x, const int* n, const int* m, const filter_pair<S, Taps>& f, int shift, extension mode, int band, index_t position, S* work, const Band& from) {
  if constexpr (Axis + 1 == Axes) synthesise_line<Fold>(from(band) + position, from(band | 1 << Axis) + position, m[Axis], f, shift, mode, x, n[Axis]);
  else {
    index_t width = 1;
    for (int a = Axis + 1; a < Axes; ++a) width *= n[a];
    S *low = work, *high = work + m[Axis] * width, *rest = work + 2 * m[Axis] * width;
    for (int k = 0; k < m[Axis]; ++k) {
      synthesise_level<Fold, Axis + 1, Axes>(low + k * width, n, m, f, shift, mode, band, (position + k) * m[Axis + 1], rest, from);
      synthesise_level<Fold, Axis + 1, Axes>(high + k * width, n, m, f, shift, mode, band | 1 << Axis, (position + k) * m[Axis + 1], rest, from);
    }
    synthesise_rows<Fold>(low, high, m[Axis], width, f, shift, mode, x, n[Axis]);
  }
}

}
