// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/grid.hpp>
#include <cosmoml/kernels/winograd_transform.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels::winograd {

// Tiles of M outputs on each of Axes (2 or 3) axes for a filter of R taps on each.
template <int M_, int R_, int Axes_>
struct tile {
  static constexpr int M = M_, R = R_, Axes = Axes_, Alpha = M + R - 1;
  static constexpr int deep_m = Axes == 3 ? M : 1, deep_r = Axes == 3 ? R : 1, deep = Axes == 3 ? Alpha : 1;   // along z
  static constexpr int products = deep * Alpha * Alpha, taps = deep_r * R * R;
};

// Which of a tile's values lie inside the map.
struct inside {
  int z, y, x;
};

// One vector of channels of one tile brought to the domain of products, `to` taking product i at i * step. Gradient: dy by A, else the
// input by B^T. Values outside the map are zeros. The next tile's part is fetched meanwhile.
template <class T, bool Gradient, bool Edge, class S>
[[gnu::always_inline]] inline void tile_in(const S* x, index_t plane, index_t line, inside in, S* to, index_t step) {
  constexpr int L = lanes<S>, A = T::Alpha, deep = Gradient ? T::deep_m : T::deep, side = Gradient ? T::M : A;
  vec<S> all[deep * A * A];
  for (int z = 0; z < deep; ++z) {
#pragma GCC unroll 1
    for (int y = 0; y < side; ++y) {
      vec<S> v[side], w[A];
      const S* const row = x + z * plane + y * line;
#pragma GCC unroll 16
      for (int i = 0; i < T::M; ++i) __builtin_prefetch(row + (side + i) * L);
#pragma GCC unroll 16
      for (int i = 0; i < side; ++i) v[i] = !Edge || (z < in.z && y < in.y && i < in.x) ? load(row + i * L) : vec<S>{};
      if constexpr (Gradient) transform_gradient<A, T::M, S>(v, w);
      else transform_data<A, A, S>(v, w);
#pragma GCC unroll 16
      for (int i = 0; i < A; ++i) all[(z * A + y) * A + i] = w[i];
    }
#pragma GCC unroll 1
    for (int i = 0; i < A; ++i) {
      vec<S> v[side], w[A];
#pragma GCC unroll 16
      for (int y = 0; y < side; ++y) v[y] = all[(z * A + y) * A + i];
      if constexpr (Gradient) transform_gradient<A, T::M, S>(v, w);
      else transform_data<A, A, S>(v, w);
#pragma GCC unroll 16
      for (int y = 0; y < A; ++y) {
        if constexpr (T::Axes == 2) store(to + (y * A + i) * step, w[y]);
        else all[(z * A + y) * A + i] = w[y];
      }
    }
  }
  if constexpr (T::Axes == 3)
#pragma GCC unroll 1
    for (int i = 0; i < A * A; ++i) {
      vec<S> v[deep], w[A];
#pragma GCC unroll 16
      for (int z = 0; z < deep; ++z) v[z] = all[z * A * A + i];
      if constexpr (Gradient) transform_gradient<A, T::M, S>(v, w);
      else transform_data<A, A, S>(v, w);
#pragma GCC unroll 16
      for (int z = 0; z < A; ++z) store(to + (z * A * A + i) * step, w[z]);
    }
}

// Products back to outputs: y = f(bias + A^T m).
template <class T, bool Edge, class S, class F>
[[gnu::always_inline]] inline void tile_out(const S* m, index_t step, vec<S> bias, F f, S* out, index_t plane, index_t line, inside in) {
  constexpr int L = lanes<S>, A = T::Alpha, M = T::M;
  vec<S> all[T::deep_m * A * A];
  if constexpr (T::Axes == 3)
#pragma GCC unroll 1
    for (int i = 0; i < A * A; ++i) {
      vec<S> v[A], w[M];
#pragma GCC unroll 16
      for (int z = 0; z < A; ++z) v[z] = load(m + (z * A * A + i) * step);
      transform_output<A, M, S>(v, w);
#pragma GCC unroll 16
      for (int z = 0; z < M; ++z) all[z * A * A + i] = w[z];
    }
  for (int z = 0; z < T::deep_m; ++z) {
#pragma GCC unroll 1
    for (int i = 0; i < A; ++i) {
      vec<S> v[A], w[M];
#pragma GCC unroll 16
      for (int y = 0; y < A; ++y) {
        if constexpr (T::Axes == 2) v[y] = load(m + (y * A + i) * step);
        else v[y] = all[(z * A + y) * A + i];
      }
      transform_output<A, M, S>(v, w);
#pragma GCC unroll 16
      for (int y = 0; y < M; ++y) all[(z * A + y) * A + i] = w[y];
    }
#pragma GCC unroll 1
    for (int y = 0; y < M; ++y) {
      if (Edge && (z >= in.z || y >= in.y)) break;
      vec<S> v[A], w[M];
#pragma GCC unroll 16
      for (int i = 0; i < A; ++i) v[i] = all[(z * A + y) * A + i];
      transform_output<A, M, S>(v, w);
      S* const row = out + z * plane + y * line;
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) __builtin_prefetch(row + (M + i) * L, 1);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i)
        if (!Edge || i < in.x) store(row + i * L, f(bias + w[i]));
    }
  }
}

// `count` vectors of filters, tap t of them at w + t * tap_step, to products at u + i * step.
template <class T, class S>
[[gnu::noinline]] void filters_in(const S* w, index_t tap_step, index_t count, S* u, index_t step) {
  constexpr int L = lanes<S>, A = T::Alpha, R = T::R, D = T::deep_r;
  for (index_t j = 0; j < count; ++j, w += L, u += L) {
    vec<S> one[D * R * A], two[D * A * A];
#pragma GCC unroll 1
    for (int r = 0; r < D * R; ++r) {
      vec<S> v[R];
#pragma GCC unroll 16
      for (int k = 0; k < R; ++k) v[k] = load(w + (r * R + k) * tap_step);
      transform_filter<A, R, S>(v, one + r * A);
    }
    for (int d = 0; d < D; ++d)
#pragma GCC unroll 1
      for (int i = 0; i < A; ++i) {
        vec<S> v[R], to[A];
#pragma GCC unroll 16
        for (int k = 0; k < R; ++k) v[k] = one[(d * R + k) * A + i];
        transform_filter<A, R, S>(v, to);
#pragma GCC unroll 16
        for (int k = 0; k < A; ++k) {
          if constexpr (T::Axes == 2) store(u + (k * A + i) * step, to[k]);
          else two[(d * A + k) * A + i] = to[k];
        }
      }
    if constexpr (T::Axes == 3)
#pragma GCC unroll 1
      for (int i = 0; i < A * A; ++i) {
        vec<S> v[R], to[A];
#pragma GCC unroll 16
        for (int k = 0; k < R; ++k) v[k] = two[k * A * A + i];
        transform_filter<A, R, S>(v, to);
#pragma GCC unroll 16
        for (int k = 0; k < A; ++k) store(u + (k * A * A + i) * step, to[k]);
      }
  }
}
// The gradients of filters from those of products: w += G^T u.
template <class T, class S>
[[gnu::noinline]] void filters_back(const S* u, index_t step, index_t count, S* w, index_t tap_step) {
  constexpr int L = lanes<S>, A = T::Alpha, R = T::R, D = T::deep_r;
  for (index_t j = 0; j < count; ++j, w += L, u += L) {
    vec<S> two[D * A * A], one[D * R * A];
#pragma GCC unroll 1
    for (int i = 0; i < A * A; ++i) {
      if constexpr (T::Axes == 2) two[i] = load(u + i * step);
      else {
        vec<S> v[A], to[R];
#pragma GCC unroll 16
        for (int k = 0; k < A; ++k) v[k] = load(u + (k * A * A + i) * step);
        transform_filter_back<A, R, S>(v, to);
#pragma GCC unroll 16
        for (int k = 0; k < R; ++k) two[k * A * A + i] = to[k];
      }
    }
    for (int d = 0; d < D; ++d)
#pragma GCC unroll 1
      for (int i = 0; i < A; ++i) {
        vec<S> v[A], to[R];
#pragma GCC unroll 16
        for (int k = 0; k < A; ++k) v[k] = two[(d * A + k) * A + i];
        transform_filter_back<A, R, S>(v, to);
#pragma GCC unroll 16
        for (int k = 0; k < R; ++k) one[(d * R + k) * A + i] = to[k];
      }
#pragma GCC unroll 1
    for (int r = 0; r < D * R; ++r) {
      vec<S> to[R];
      transform_filter_back<A, R, S>(one + r * A, to);
#pragma GCC unroll 16
      for (int k = 0; k < R; ++k) {
        S* const at = w + (r * R + k) * tap_step;
        store(at, load(at) + to[k]);
      }
    }
  }
}

}
