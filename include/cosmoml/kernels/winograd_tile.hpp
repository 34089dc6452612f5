// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/grid.hpp>
#include <cosmoml/kernels/registers.hpp>
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

// N vectors of channels of one tile, `group` apart, brought to the domain of products in one register, `to` taking product i at i * step.
// Gradient: dy by A, else the input by B^T. Values outside the map are zeros. The next tile's part is fetched meanwhile.
template <int N, class T, bool Gradient, bool Edge, class S>
[[gnu::always_inline]] inline void tile_in(const S* x, index_t group, index_t plane, index_t line, inside in, S* to, index_t step) {
  using V = reg<S, N>;
  constexpr int L = lanes<S>, A = T::Alpha, deep = Gradient ? T::deep_m : T::deep, side = Gradient ? T::M : A;
  V all[deep * A * A];
  for (int z = 0; z < deep; ++z) {
#pragma GCC unroll 1
    for (int y = 0; y < side; ++y) {
      V v[side], w[A];
      const S* const row = x + z * plane + y * line;
#pragma GCC unroll 16
      for (int i = 0; i < T::M; ++i)
        for (int b = 0; b < N; ++b) __builtin_prefetch(row + b * group + (side + i) * L);
#pragma GCC unroll 16
      for (int i = 0; i < side; ++i) v[i] = !Edge || (z < in.z && y < in.y && i < in.x) ? joined<S, N>([&](int b) __attribute__((always_inline)) { return load(row + b * group + i * L); }) : V{};
      if constexpr (Gradient) transform_gradient<A, T::M>(v, w);
      else transform_data<A, A>(v, w);
#pragma GCC unroll 16
      for (int i = 0; i < A; ++i) all[(z * A + y) * A + i] = w[i];
    }
#pragma GCC unroll 1
    for (int i = 0; i < A; ++i) {
      V v[side], w[A];
#pragma GCC unroll 16
      for (int y = 0; y < side; ++y) v[y] = all[(z * A + y) * A + i];
      if constexpr (Gradient) transform_gradient<A, T::M>(v, w);
      else transform_data<A, A>(v, w);
#pragma GCC unroll 16
      for (int y = 0; y < A; ++y) {
        if constexpr (T::Axes == 2) store_register<N>(to + (y * A + i) * step, w[y]);
        else all[(z * A + y) * A + i] = w[y];
      }
    }
  }
  if constexpr (T::Axes == 3)
#pragma GCC unroll 1
    for (int i = 0; i < A * A; ++i) {
      V v[deep], w[A];
#pragma GCC unroll 16
      for (int z = 0; z < deep; ++z) v[z] = all[z * A * A + i];
      if constexpr (Gradient) transform_gradient<A, T::M>(v, w);
      else transform_data<A, A>(v, w);
#pragma GCC unroll 16
      for (int z = 0; z < A; ++z) store_register<N>(to + (z * A * A + i) * step, w[z]);
    }
}

// Products back to outputs: y = f(bias + A^T m).
template <int N, class T, bool Edge, class S, class F>
[[gnu::always_inline]] inline void tile_out(const S* m, index_t step, reg<S, N> bias, F f, S* out, index_t group, index_t plane, index_t line, inside in) {
  using V = reg<S, N>;
  constexpr int L = lanes<S>, A = T::Alpha, M = T::M;
  V all[T::deep_m * A * A];
  if constexpr (T::Axes == 3)
#pragma GCC unroll 1
    for (int i = 0; i < A * A; ++i) {
      V v[A], w[M];
#pragma GCC unroll 16
      for (int z = 0; z < A; ++z) v[z] = load_register<N>(m + (z * A * A + i) * step);
      transform_output<A, M>(v, w);
#pragma GCC unroll 16
      for (int z = 0; z < M; ++z) all[z * A * A + i] = w[z];
    }
  for (int z = 0; z < T::deep_m; ++z) {
#pragma GCC unroll 1
    for (int i = 0; i < A; ++i) {
      V v[A], w[M];
#pragma GCC unroll 16
      for (int y = 0; y < A; ++y) {
        if constexpr (T::Axes == 2) v[y] = load_register<N>(m + (y * A + i) * step);
        else v[y] = all[(z * A + y) * A + i];
      }
      transform_output<A, M>(v, w);
#pragma GCC unroll 16
      for (int y = 0; y < M; ++y) all[(z * A + y) * A + i] = w[y];
    }
#pragma GCC unroll 1
    for (int y = 0; y < M; ++y) {
      if (Edge && (z >= in.z || y >= in.y)) break;
      V v[A], w[M];
#pragma GCC unroll 16
      for (int i = 0; i < A; ++i) v[i] = all[(z * A + y) * A + i];
      transform_output<A, M>(v, w);
      S* const row = out + z * plane + y * line;
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i)
        for (int b = 0; b < N; ++b) __builtin_prefetch(row + b * group + (M + i) * L, 1);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i)
        if (!Edge || i < in.x) apart<S, N>(bias + w[i], [&](int b, vec<S> part) __attribute__((always_inline)) { store(row + b * group + i * L, f(part)); });
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
      transform_filter<A, R>(v, one + r * A);
    }
    for (int d = 0; d < D; ++d)
#pragma GCC unroll 1
      for (int i = 0; i < A; ++i) {
        vec<S> v[R], to[A];
#pragma GCC unroll 16
        for (int k = 0; k < R; ++k) v[k] = one[(d * R + k) * A + i];
        transform_filter<A, R>(v, to);
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
        transform_filter<A, R>(v, to);
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
        transform_filter_back<A, R>(v, to);
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
        transform_filter_back<A, R>(v, to);
#pragma GCC unroll 16
        for (int k = 0; k < R; ++k) one[(d * R + k) * A + i] = to[k];
      }
#pragma GCC unroll 1
    for (int r = 0; r < D * R; ++r) {
      vec<S> to[R];
      transform_filter_back<A, R>(one + r * A, to);
#pragma GCC unroll 16
      for (int k = 0; k < R; ++k) {
        S* const at = w + (r * R + k) * tap_step;
        store(at, load(at) + to[k]);
      }
    }
  }
}

}
