// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/view.hpp>
#include <cosmoml/core/wavelet_sizes.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// Samples of a view, its leading axes counted as samples too.
template <class V>
struct planes {
  V v;
  index_t per_sample, size;
  COSMOML_HD auto& operator()(index_t n, index_t e) const { return v(n / per_sample, n % per_sample * size + e); }
};
template <class S>
struct flat {
  S* p;
  index_t size;
  COSMOML_HD S& operator()(index_t n, index_t e) const { return p[n * size + e]; }
};
// One level seen as one array whose axes hold low and high halves one after the other.
template <class Approximation, class Details>
struct quadrants {
  Approximation a;
  Details d;
  int axes, m[3];
  index_t band_begin[8];
  COSMOML_HD auto& operator()(index_t n, index_t e) const {
    int band = 0;
    index_t at = 0, step = 1;
    for (int axis = axes; axis-- > 0;) {
      const index_t width = 2 * m[axis], c = e % width;
      e /= width;
      band |= (c >= m[axis]) << axis;
      at += (c >= m[axis] ? c - m[axis] : c) * step;
      step *= m[axis];
    }
    return band ? d(n, band_begin[band] + at) : a(n, band_begin[0] + at);
  }
};

template <class From, class To, class Filters>
struct analyse {   // along one axis: (outer, n, inner) -> (outer, 2 m, inner)
  From from;
  To to;
  Filters f;
  int n, m, shift;
  extension mode;
  index_t outer, inner;
  COSMOML_HD void operator()(index_t i) const {
    using S = std::remove_cvref_t<decltype(f.low[0])>;
    const index_t in = i % inner, j = i / inner % (2 * m), out = i / inner / (2 * m) % outer, sample = i / inner / (2 * m) / outer;
    const bool detail = j >= m;
    const int k = int(detail ? j - m : j);
    S s = 0;
    for (int t = 0; t < Filters::taps; ++t) {
      const S weight = detail ? f.high[t] : f.low[t];
      const extended_sample p = extended(2 * k + shift - t, n, mode);
      for (int e = 0; e < p.count; ++e) s += weight * S(p.weight[e]) * from(sample, (out * n + p.index[e]) * inner + in);
    }
    to(sample, (out * 2 * m + j) * inner + in) = s;
  }
};
// The transpose of `analyse` (Fold: what lies beyond the ends is added where it came from), or the inverse (not Fold).
template <bool Fold, class From, class To, class Filters>
struct synthesise {
  From from;
  To to;
  Filters f;
  int n, m, shift;
  extension mode;
  index_t outer, inner;
  COSMOML_HD void operator()(index_t i) const {
    using S = std::remove_cvref_t<decltype(f.low[0])>;
    const index_t in = i % inner, out = i / inner / n % outer, sample = i / inner / n / outer;
    const int x = int(i / inner % n);
    S s = 0;
    const int first = shift - (Filters::taps - 1), last = 2 * (m - 1) + shift;
    auto gather = [&](int p, int times) {   // all coefficients that position p went into
      const int low = p - shift, k0 = low <= 0 ? 0 : (low + 1) / 2;
      for (int k = k0; k < m; ++k) {
        const int t = 2 * k + shift - p;
        if (t >= Filters::taps) break;
        s += S(times) * (f.low[t] * from(sample, (out * 2 * m + k) * inner + in) + f.high[t] * from(sample, (out * 2 * m + m + k) * inner + in));
      }
    };
    gather(x, 1);
    if (Fold || mode == extension::periodization) {
      const int period = n + n % 2;
      auto fold = [&](int p) {
        const int times = Fold ? extended(p, n, mode).times(x) : int((p - x) % period == 0);
        if (times) gather(p, times);
      };
      for (int p = first; p < 0; ++p) fold(p);
      for (int p = n; p <= last; ++p) fold(p);
    }
    to(sample, (out * n + x) * inner + in) = s;
  }
};

template <class S>
struct wavelet_workspace {   // two arrays for the axes of one level, two for the approximations between levels
  S *axis[2], *level[2];
};
template <class B, class S>
wavelet_workspace<S> workspace_for(typename B::context& c, const wavelet_sizes& z, index_t samples) {
  index_t quadrants = 1;
  for (int a = 0; a < z.axes; ++a) quadrants *= z.extent[0][a] > 2 * z.extent[1][a] ? z.extent[0][a] : 2 * z.extent[1][a];
  const index_t one = samples * quadrants;
  S* p = c.template scratch<S>(4 * one);
  return {{p, p + one}, {p + 2 * one, p + 3 * one}};
}
template <class A, class D>
quadrants<A, D> quadrants_of(A a, D d, const wavelet_sizes& z, int level) {
  quadrants<A, D> q{a, d, z.axes, {}, {}};
  for (int axis = 0; axis < z.axes; ++axis) q.m[axis] = z.extent[level][axis];
  for (int band = 1; band <= z.bands(); ++band) q.band_begin[band] = z.offset(level, band);
  return q;
}
// Elements before and after `axis` while the axes below it are already doubled.
inline index_t outer_of(const wavelet_sizes& z, int level, int axis) {
  index_t n = 1;
  for (int a = 0; a < axis; ++a) n *= 2 * z.extent[level][a];
  return n;
}
inline index_t inner_of(const wavelet_sizes& z, int level, int axis) {
  index_t n = 1;
  for (int a = axis + 1; a < z.axes; ++a) n *= z.extent[level - 1][a];
  return n;
}

template <class B, class S, class From, class To, class Filters>
void analyse_axes(typename B::context& c, const wavelet_sizes& z, int level, int axis, index_t samples, extension mode, const Filters& f,
                  const wavelet_workspace<S>& w, From from, To to) {
  const int n = z.extent[level - 1][axis], m = z.extent[level][axis], shift = filter_shift(Filters::taps, mode);
  const index_t outer = outer_of(z, level, axis), inner = inner_of(z, level, axis), size = outer * 2 * m * inner;
  if (axis + 1 == z.axes) B::for_each(c, samples * size, analyse<From, To, Filters>{from, to, f, n, m, shift, mode, outer, inner});
  else {
    const flat<S> next{w.axis[axis % 2], size};
    B::for_each(c, samples * size, analyse<From, flat<S>, Filters>{from, next, f, n, m, shift, mode, outer, inner});
    analyse_axes<B>(c, z, level, axis + 1, samples, mode, f, w, flat<const S>{next.p, size}, to);
  }
}
template <bool Fold, class B, class S, class From, class To, class Filters>
void synthesise_axes(typename B::context& c, const wavelet_sizes& z, int level, int axis, index_t samples, extension mode, const Filters& f,
                     const wavelet_workspace<S>& w, From from, To to) {
  const int n = z.extent[level - 1][axis], m = z.extent[level][axis], shift = filter_shift(Filters::taps, mode);
  const index_t outer = outer_of(z, level, axis), inner = inner_of(z, level, axis), size = outer * n * inner;
  if (axis == 0) B::for_each(c, samples * size, synthesise<Fold, From, To, Filters>{from, to, f, n, m, shift, mode, outer, inner});
  else {
    const flat<S> next{w.axis[axis % 2], size};
    B::for_each(c, samples * size, synthesise<Fold, From, flat<S>, Filters>{from, next, f, n, m, shift, mode, outer, inner});
    synthesise_axes<Fold, B>(c, z, level, axis - 1, samples, mode, f, w, flat<const S>{next.p, size}, to);
  }
}

}

// y = all coefficients of x. Each sample of x holds `planes` arrays of the transform's axes, each sample of y their coefficients.
// Cost: planes x size x axes x taps multiplications a level, levels shrinking by 2^axes. A backend may give its own.
template <class B, class X, class Y, class Filters>
void wavelet_analysis(typename B::context& c, const wavelet_sizes& z, extension mode, const Filters& f, index_t planes, X x, Y y) {
  if constexpr (requires { B::wavelet_analysis(c, z, mode, f, planes, x, y); }) B::wavelet_analysis(c, z, mode, f, planes, x, y);
  else {
    using S = typename Y::scalar;
    const index_t samples = x.batch * planes;
    const detail::planes<Y> details{y, planes, z.size()};
    const auto w = detail::workspace_for<B, S>(c, z, samples);
    auto level = [&](int l, auto from) {
      if (l == z.levels) detail::analyse_axes<B>(c, z, l, 0, samples, mode, f, w, from, detail::quadrants_of(details, details, z, l));
      else detail::analyse_axes<B>(c, z, l, 0, samples, mode, f, w, from, detail::quadrants_of(detail::flat<S>{w.level[l % 2], z.band_size(l)}, details, z, l));
    };
    level(1, detail::planes<X>{x, planes, z.band_size(0)});
    for (int l = 2; l <= z.levels; ++l) level(l, detail::flat<const S>{w.level[(l - 1) % 2], z.band_size(l - 1)});
  }
}

// Fold: dx = the transpose of wavelet_analysis at dy, boundaries included. Not Fold: x back from its coefficients, where f holds the
// reconstruction filters reversed (those of analysis if the wavelet is orthonormal).
template <bool Fold, class B, class DY, class DX, class Filters>
void wavelet_synthesis(typename B::context& c, const wavelet_sizes& z, extension mode, const Filters& f, index_t planes, DY dy, DX dx) {
  if constexpr (requires { B::template wavelet_synthesis<Fold>(c, z, mode, f, planes, dy, dx); }) B::template wavelet_synthesis<Fold>(c, z, mode, f, planes, dy, dx);
  else {
    using S = typename DX::scalar;
    const index_t samples = dx.batch * planes;
    const detail::planes<DY> details{dy, planes, z.size()};
    const auto w = detail::workspace_for<B, S>(c, z, samples);
    auto level = [&](int l, auto approximation) {
      const auto from = detail::quadrants_of(approximation, details, z, l);
      if (l == 1) detail::synthesise_axes<Fold, B>(c, z, l, z.axes - 1, samples, mode, f, w, from, detail::planes<DX>{dx, planes, z.band_size(0)});
      else detail::synthesise_axes<Fold, B>(c, z, l, z.axes - 1, samples, mode, f, w, from, detail::flat<S>{w.level[(l - 1) % 2], z.band_size(l - 1)});
    };
    level(z.levels, details);
    for (int l = z.levels - 1; l >= 1; --l) level(l, detail::flat<S>{w.level[l % 2], z.band_size(l)});
  }
}

}
