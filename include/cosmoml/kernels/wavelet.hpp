// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/wavelet_sizes.hpp>
#include <cosmoml/kernels/interleave.hpp>
#include <cosmoml/kernels/threads.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// One axis of one level: `n` numbers give `m` of each half, low[k], high[k] = sum_t f[t] x[2 k + shift - t].
template <class S, int Taps>
struct wavelet_axis {
  static_assert(Taps % 2 == 0, "cosmoml: filters of wavelets have an even number of taps; pad them with zeros");
  int n, m, shift;
  extension mode;
  const filter_pair<S, Taps>& f;

  // The number at position p of the extended line.
  S at(const S* x, int p) const {
    const extended_sample e = extended(p, n, mode);
    S s = 0;
    for (int i = 0; i < e.count; ++i) s += S(e.weight[i]) * x[e.index[i]];
    return s;
  }
};

// So many coefficients at a time: their even and odd samples stay in the first cache.
inline constexpr int wavelet_block = 512;

// ---- one line: coefficients first <= k < last
template <class S, int Taps>
void analyse_line(const wavelet_axis<S, Taps>& axis, const S* __restrict x, int first, int last, S* __restrict low, S* __restrict high) {
  constexpr int L = lanes<S>, half = Taps / 2;
  alignas(64) S even[wavelet_block + half + L], odd[wavelet_block + half + L];
  for (int k = first; k < last; k += wavelet_block) {
    const int count = last - k < wavelet_block ? last - k : wavelet_block, pairs = count + half - 1, base = 2 * k + axis.shift - (Taps - 1);
    // even[q] = x[base + 2 q], odd[q] = x[base + 2 q + 1]
    int q = 0;
    for (; q < pairs && base + 2 * q < 0; ++q) even[q] = axis.at(x, base + 2 * q), odd[q] = axis.at(x, base + 2 * q + 1);
    for (; q + L <= pairs && base + 2 * (q + L) <= axis.n; q += L) {
      vec<S> e, o;
      deinterleave<S>(load(x + base + 2 * q), load(x + base + 2 * q + L), e, o);
      store(even + q, e);
      store(odd + q, o);
    }
    for (; q < pairs && base + 2 * q + 1 < axis.n; ++q) even[q] = x[base + 2 * q], odd[q] = x[base + 2 * q + 1];
    for (; q < pairs; ++q) even[q] = axis.at(x, base + 2 * q), odd[q] = axis.at(x, base + 2 * q + 1);
    for (; q < pairs + L; ++q) even[q] = odd[q] = S(0);
    for (int j = 0; j < count; j += L) {
      vec<S> a{}, d{};
#pragma GCC unroll 40
      for (int i = 0; i < half; ++i) {
        const vec<S> e = load(even + j + i), o = load(odd + j + i);
        a += axis.f.low[Taps - 1 - 2 * i] * e + axis.f.low[Taps - 2 - 2 * i] * o;
        d += axis.f.high[Taps - 1 - 2 * i] * e + axis.f.high[Taps - 2 - 2 * i] * o;
      }
      if (j + L <= count) {
        store(low + k + j, a);
        store(high + k + j, d);
      } else {
        store_first(low + k + j, a, count - j);
        store_first(high + k + j, d, count - j);
      }
    }
  }
}

// ---- many lines side by side, rows of `width`: row k of both halves. `beyond` holds the rows of the extended array that are no plain
// copies of others, `taps` of them before and as many behind.
template <class S, int Taps>
const S* extended_row(const wavelet_axis<S, Taps>& axis, const S* x, index_t width, int p, S* beyond) {
  if (p >= 0 && p < axis.n) return x + p * width;
  const extended_sample e = extended(p, axis.n, axis.mode);
  if (e.plain()) return x + e.index[0] * width;
  S* row = beyond + (p < 0 ? -1 - p : Taps + (p - axis.n) % Taps) * width;
  for (index_t j = 0; j < width; ++j) {
    S s = 0;
    for (int i = 0; i < e.count; ++i) s += S(e.weight[i]) * x[e.index[i] * width + j];
    row[j] = s;
  }
  return row;
}
template <class S, int Taps>
void analyse_rows(const wavelet_axis<S, Taps>& axis, const S* x, index_t width, int k, S* beyond, S* __restrict low, S* __restrict high) {
  constexpr int L = lanes<S>;
  const S* row[Taps];
  for (int t = 0; t < Taps; ++t) row[t] = extended_row(axis, x, width, 2 * k + axis.shift - t, beyond);
  index_t j = 0;
  for (; j + L <= width; j += L) {
    vec<S> a{}, d{};
#pragma GCC unroll 40
    for (int t = 0; t < Taps; ++t) {
      const vec<S> v = load(row[t] + j);
      a += axis.f.low[t] * v;
      d += axis.f.high[t] * v;
    }
    store(low + j, a);
    store(high + j, d);
  }
  for (; j < width; ++j) {
    S a = 0, d = 0;
#pragma GCC unroll 40
    for (int t = 0; t < Taps; ++t) a += axis.f.low[t] * row[t][j], d += axis.f.high[t] * row[t][j];
    low[j] = a;
    high[j] = d;
  }
}

// What falls beyond the ends goes back: fold(p, i, w) for every position p outside of the line of which w times belongs to sample i.
template <bool Fold, class S, int Taps, class F>
void for_beyond(const wavelet_axis<S, Taps>& axis, F fold) {
  const int first = axis.shift - (Taps - 1), last = 2 * (axis.m - 1) + axis.shift, period = axis.n + axis.n % 2;
  auto one = [&](int p) {
    if (Fold) {
      const extended_sample e = extended(p, axis.n, axis.mode);
      for (int i = 0; i < e.count; ++i) fold(p, e.index[i], S(e.weight[i]));
    } else if (axis.mode == extension::periodization) {
      const int q = (p % period + period) % period;
      if (q < axis.n) fold(p, q, S(1));
    }
  };
  for (int p = first; p < 0; ++p) one(p);
  for (int p = axis.n; p <= last; ++p) one(p);
}
// The coefficients k that position p went into, with t = 2 k + shift - p: from begin(p) while k < m and t < taps.
template <class S, int Taps>
constexpr int first_coefficient(const wavelet_axis<S, Taps>& axis, int p) {
  const int q = p - axis.shift;
  return q <= 0 ? 0 : (q + 1) / 2;
}

template <bool Fold, class S, int Taps>
void synthesise_line(const wavelet_axis<S, Taps>& axis, const S* __restrict low, const S* __restrict high, S* __restrict x) {
  constexpr int L = lanes<S>, half = Taps / 2;
  alignas(64) S a[wavelet_block + half + L], d[wavelet_block + half + L];
  // x[2 j + shift - 1] and x[2 j + shift] need coefficients j ... j + taps / 2 - 1
  const int begin = -(axis.shift / 2), end = (axis.n - axis.shift) / 2 + 1;
  for (int k = begin; k < end; k += wavelet_block) {
    const int count = end - k < wavelet_block ? end - k : wavelet_block, need = count + half + L - 1;
    for (int q = 0; q < need; ++q) {
      const bool inside = k + q >= 0 && k + q < axis.m;
      a[q] = inside ? low[k + q] : S(0);
      d[q] = inside ? high[k + q] : S(0);
    }
    for (int j = 0; j < count; j += L) {
      vec<S> even{}, odd{}, first, second;
#pragma GCC unroll 40
      for (int i = 0; i < half; ++i) {
        const vec<S> l = load(a + j + i), h = load(d + j + i);
        odd += axis.f.low[2 * i] * l + axis.f.high[2 * i] * h;
        even += axis.f.low[2 * i + 1] * l + axis.f.high[2 * i + 1] * h;
      }
      interleave<S>(even, odd, first, second);
      const int p = 2 * (k + j) + axis.shift - 1;
      if (p >= 0 && p + 2 * L <= axis.n) {
        store(x + p, first);
        store(x + p + L, second);
      } else
        for (int i = 0; i < 2 * L; ++i)
          if (p + i >= 0 && p + i < axis.n) x[p + i] = i < L ? first[i] : second[i - L];
    }
  }
  for_beyond<Fold>(axis, [&](int p, int to, S weight) {
    S s = 0;
    for (int k = first_coefficient(axis, p); k < axis.m && 2 * k + axis.shift - p < Taps; ++k) {
      const int t = 2 * k + axis.shift - p;
      s += axis.f.low[t] * low[k] + axis.f.high[t] * high[k];
    }
    x[to] += weight * s;
  });
}
template <bool Fold, class S, int Taps>
void synthesise_rows(const wavelet_axis<S, Taps>& axis, const S* __restrict low, const S* __restrict high, index_t width, S* __restrict x) {
  // x[p] + weight times: all that position p went into
  auto gather = [&](int p, int to, S weight, bool assign) {
    S* out = x + to * width;
    int k = first_coefficient(axis, p), t = 2 * k + axis.shift - p;
    if (assign && (k >= axis.m || t >= Taps))
      for (index_t j = 0; j < width; ++j) out[j] = 0;
    for (bool begin = assign; k < axis.m && t < Taps; begin = false, k += 2, t += 4) {   // two coefficients at a time
      const bool two = k + 1 < axis.m && t + 2 < Taps;
      const S* next = two ? low + (k + 1) * width : low + k * width;
      const S* next_high = two ? high + (k + 1) * width : high + k * width;
      const S l = weight * axis.f.low[t], h = weight * axis.f.high[t], l2 = two ? weight * axis.f.low[t + 2] : S(0), h2 = two ? weight * axis.f.high[t + 2] : S(0);
      const S *a = low + k * width, *d = high + k * width;
      for (index_t j = 0; j < width; ++j) out[j] = (begin ? S(0) : out[j]) + ((l * a[j] + h * d[j]) + (l2 * next[j] + h2 * next_high[j]));
    }
  };
  for (int p = 0; p < axis.n; ++p) gather(p, p, S(1), true);
  for_beyond<Fold>(axis, [&](int p, int to, S weight) { gather(p, to, weight, false); });
}

// ---- two taps along two axes, rows first <= k < last of all four bands: one pass, two rows at a time
template <class S, class Place>
void analyse_pairs(const wavelet_axis<S, 2>& rows, const wavelet_axis<S, 2>& columns, const S* x, int begin, int end, S* beyond, Place place) {
  constexpr int L = lanes<S>;
  const S l0 = rows.f.low[0], l1 = rows.f.low[1], h0 = rows.f.high[0], h1 = rows.f.high[1];
  const int whole = columns.n / 2;
  const extended_sample past = extended(columns.n, columns.n, columns.mode);
  for (int k = begin; k < end; ++k) {
    const S *second = extended_row(rows, x, columns.n, 2 * k + 1, beyond), *first = x + index_t(2 * k) * columns.n;
    S* const to[] = {place(0, k), place(1, k), place(2, k), place(3, k)};
    auto put = [&](int j, auto store_at, auto a0, auto a1, auto b0, auto b1) {   // even and odd samples of the first row, of the second
      const auto s0 = l1 * a0 + l0 * b0, s1 = l1 * a1 + l0 * b1, d0 = h1 * a0 + h0 * b0, d1 = h1 * a1 + h0 * b1;
      store_at(to[0] + j, l1 * s0 + l0 * s1);
      store_at(to[1] + j, l1 * d0 + l0 * d1);
      store_at(to[2] + j, h1 * s0 + h0 * s1);
      store_at(to[3] + j, h1 * d0 + h0 * d1);
    };
    auto one = [](S* p, S v) { *p = v; };
    auto lanes_at = [&](int j) {
      vec<S> a0, a1, b0, b1;
      deinterleave<S>(load(first + 2 * j), load(first + 2 * j + L), a0, a1);
      deinterleave<S>(load(second + 2 * j), load(second + 2 * j + L), b0, b1);
      put(j, [](S* p, vec<S> v) { store(p, v); }, a0, a1, b0, b1);
    };
    auto half_at = [&](int j) {
      half_vec<S> a0, a1, b0, b1;
      deinterleave<S>(load(first + 2 * j), a0, a1);
      deinterleave<S>(load(second + 2 * j), b0, b1);
      put(j, [](S* p, half_vec<S> v) { store_half(p, v); }, a0, a1, b0, b1);
    };
    if (whole >= L) {
      for (int j = 0; j + L <= whole; j += L) lanes_at(j);
      if (whole % L) lanes_at(whole - L);   // some of it for the second time
    } else if (whole >= L / 2) {
      half_at(0);
      if (whole > L / 2) half_at(whole - L / 2);
    } else
      for (int j = 0; j < whole; ++j) put(j, one, first[2 * j], first[2 * j + 1], second[2 * j], second[2 * j + 1]);
    if (whole < columns.m) {
      S a = 0, b = 0;
      for (int i = 0; i < past.count; ++i) a += S(past.weight[i]) * first[past.index[i]], b += S(past.weight[i]) * second[past.index[i]];
      put(whole, one, first[2 * whole], a, second[2 * whole], b);
    }
  }
}

// ---- one level of 1 to 3 axes of one array: all axes but the last by rows, the last by lines. `band(b)` is where band b goes (or is).
// Numbers of workspace that levels of these sizes take.
inline index_t wavelet_workspace(const int* n, const int* m, int axes, int taps) {
  index_t width = 1, all = 0;
  for (int a = axes - 1; a > 0; --a) {
    width *= n[a];
    all += 2 * width * (larger(1 + taps, m[a - 1]));
  }
  return all;
}
// What each thread's transform of one array needs beside it, and where the bands lie.
template <class S>
struct wavelet_memory {
  index_t begin[wavelet_sizes::max_levels + 1][8] = {};
  index_t room = 0, each = 0;
  S* all = nullptr;   // size() numbers
  wavelet_memory(const wavelet_sizes& z, int taps) {
    index_t most = 0, work = 0;   // short signals with long filters grow from level to level
    for (int l = 1; l <= z.levels; ++l) {
      for (int b = 0; b <= z.bands(); ++b) begin[l][b] = z.offset(l, b);
      most = larger(most, z.band_size(l));
      work = larger(work, wavelet_workspace(z.extent[l - 1], z.extent[l], z.axes, taps));
    }
    constexpr index_t line = 64 / index_t(sizeof(S));
    room = round_up(most, line);
    each = round_up(2 * room + work, line);
  }
  index_t size() const { return most_threads() * each; }
  S* approximation(int thread, int level) const { return all + thread * each + level % 2 * room; }
  S* work(int thread) const { return all + thread * each + 2 * room; }
};
// first <= k < last: the coefficients along this axis.
template <int Axis, int Axes, class S, int Taps, class Band>
void analyse_level(const S* x, const int* n, const int* m, const filter_pair<S, Taps>& f, int shift, extension mode, int first, int last, int band, index_t position, S* work,
                   const Band& to) {
  const wavelet_axis<S, Taps> axis{n[Axis], m[Axis], shift, mode, f};
  if constexpr (Axis + 1 == Axes) analyse_line(axis, x, first, last, to(band) + position, to(band | 1 << Axis) + position);
  else if constexpr (Axis + 2 == Axes && Taps == 2) {
    const wavelet_axis<S, Taps> columns{n[Axis + 1], m[Axis + 1], shift, mode, f};
    analyse_pairs(axis, columns, x, first, last, work, [&](int b, int k) { return to(band | b << Axis) + (position + k) * columns.m; });
  } else {
    index_t width = 1;
    for (int a = Axis + 1; a < Axes; ++a) width *= n[a];
    S *low = work, *high = work + width, *beyond = work + 2 * width, *rest = beyond + 2 * Taps * width;
    for (int k = first; k < last; ++k) {   // each pair of rows goes on at once, while it is in the first cache
      analyse_rows(axis, x, width, k, beyond, low, high);
      analyse_level<Axis + 1, Axes>(low, n, m, f, shift, mode, 0, m[Axis + 1], band, (position + k) * m[Axis + 1], rest, to);
      analyse_level<Axis + 1, Axes>(high, n, m, f, shift, mode, 0, m[Axis + 1], band | 1 << Axis, (position + k) * m[Axis + 1], rest, to);
    }
  }
}
template <bool Fold, int Axis, int Axes, class S, int Taps, class Band>
void synthesise_level(S* x, const int* n, const int* m, const filter_pair<S, Taps>& f, int shift, extension mode, int band, index_t position, S* work, const Band& from) {
  const wavelet_axis<S, Taps> axis{n[Axis], m[Axis], shift, mode, f};
  if constexpr (Axis + 1 == Axes) synthesise_line<Fold>(axis, from(band) + position, from(band | 1 << Axis) + position, x);
  else {
    index_t width = 1;
    for (int a = Axis + 1; a < Axes; ++a) width *= n[a];
    S *low = work, *high = work + m[Axis] * width, *rest = work + 2 * m[Axis] * width;
    for (int k = 0; k < m[Axis]; ++k) {
      synthesise_level<Fold, Axis + 1, Axes>(low + k * width, n, m, f, shift, mode, band, (position + k) * m[Axis + 1], rest, from);
      synthesise_level<Fold, Axis + 1, Axes>(high + k * width, n, m, f, shift, mode, band | 1 << Axis, (position + k) * m[Axis + 1], rest, from);
    }
    synthesise_rows<Fold>(axis, low, high, width, x);
  }
}

}
