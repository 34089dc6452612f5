// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/blocks.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Windows on a map, three axes: window o of an axis holds elements o stride - before + k, k < kernel, as far as they are in [0, in).
struct window_sizes {
  int in[3] = {1, 1, 1}, out[3] = {1, 1, 1}, kernel[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, before[3] = {};
};
struct window_span {
  int first, last;   // [first, last)
};
constexpr window_span taps_of_window(const window_sizes& w, int a, int o) {
  const int from = o * w.stride[a] - w.before[a], first = from < 0 ? -from : 0, end = w.in[a] - from;
  return {first, end < w.kernel[a] ? end : w.kernel[a]};
}
constexpr window_span windows_of_element(const window_sizes& w, int a, int i) {
  const int at = i + w.before[a], low = at - w.kernel[a] + 1;
  const int first = low > 0 ? (low + w.stride[a] - 1) / w.stride[a] : 0, end = at / w.stride[a] + 1;
  return {first, end < w.out[a] ? end : w.out[a]};
}

// The largest of each window and, at `winner` if that is not null, the number of its tap as a scalar: the first of equal ones.
template <class X, class Y, class T, class S>
void window_maximum(const window_sizes& w, const S* x, S* y, S* winner, index_t batch) {
  constexpr int L = lanes<S>;
  using fx = block_form<X, L>;
  using fy = block_form<Y, L>;
  using ft = block_form<T, L>;
  share(batch * fx::blocks, 1, batch * fx::blocks * w.out[0] * w.out[1] * w.out[2] > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      const index_t n = g / fx::blocks, b = g % fx::blocks;
      const S* const from = x + fx::origin(n, b);
      for (int z = 0; z < w.out[0]; ++z)
        for (int v = 0; v < w.out[1]; ++v)
          for (int h = 0; h < w.out[2]; ++h) {
            const window_span sz = taps_of_window(w, 0, z), sv = taps_of_window(w, 1, v), sh = taps_of_window(w, 2, h);
            vec<S> best{}, won{};
            bool begun = false;
            for (int i = sz.first; i < sz.last; ++i)
              for (int j = sv.first; j < sv.last; ++j) {
                const S* const line = from + (z * w.stride[0] - w.before[0] + i) * fx::plane_step + (v * w.stride[1] - w.before[1] + j) * fx::line_step + index_t(h * w.stride[2] - w.before[2]) * L;
                for (int k = sh.first; k < sh.last; ++k) {
                  const vec<S> value = load(line + k * L), tap = broadcast(S((i * w.kernel[1] + j) * w.kernel[2] + k));
                  if (begun) {
                    const auto keeps = value <= best;
                    best = keeps ? best : value;
                    won = keeps ? won : tap;
                  } else {
                    best = value;
                    won = tap;
                    begun = true;
                  }
                }
              }
            store(y + fy::origin(n, b) + z * fy::plane_step + v * fy::line_step + index_t(h) * L, best);
            if (winner) store(winner + ft::origin(n, b) + z * ft::plane_step + v * ft::line_step + index_t(h) * L, won);
          }
    }
  });
}

// What an average divides by along one axis: all taps, or those inside (CountPadding: inside the padded map).
template <bool CountPadding>
constexpr int window_elements(const window_sizes& w, int a, int o) {
  if constexpr (CountPadding) {
    const int end = o * w.stride[a] - w.before[a] + w.kernel[a], most = w.in[a] + w.before[a];
    return (end < most ? end : most) - (o * w.stride[a] - w.before[a]);
  } else {
    const window_span s = taps_of_window(w, a, o);
    return s.last - s.first;
  }
}
template <bool CountPadding, class X, class Y, class S>
void window_average(const window_sizes& w, const S* x, S* y, index_t batch) {
  constexpr int L = lanes<S>;
  using fx = block_form<X, L>;
  using fy = block_form<Y, L>;
  share(batch * fx::blocks, 1, batch * fx::blocks * w.out[0] * w.out[1] * w.out[2] > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      const index_t n = g / fx::blocks, b = g % fx::blocks;
      const S* const from = x + fx::origin(n, b);
      for (int z = 0; z < w.out[0]; ++z)
        for (int v = 0; v < w.out[1]; ++v)
          for (int h = 0; h < w.out[2]; ++h) {
            const window_span sz = taps_of_window(w, 0, z), sv = taps_of_window(w, 1, v), sh = taps_of_window(w, 2, h);
            vec<S> sum{};
            for (int i = sz.first; i < sz.last; ++i)
              for (int j = sv.first; j < sv.last; ++j) {
                const S* const line = from + (z * w.stride[0] - w.before[0] + i) * fx::plane_step + (v * w.stride[1] - w.before[1] + j) * fx::line_step + index_t(h * w.stride[2] - w.before[2]) * L;
                for (int k = sh.first; k < sh.last; ++k) sum += load(line + k * L);
              }
            const int count = window_elements<CountPadding>(w, 0, z) * window_elements<CountPadding>(w, 1, v) * window_elements<CountPadding>(w, 2, h);
            store(y + fy::origin(n, b) + z * fy::plane_step + v * fy::line_step + index_t(h) * L, sum / broadcast(S(count)));
          }
    }
  });
}

// dx[i] = the sum over windows that hold element i of share(dy, where the window's vectors lie, tap, windows), a vector at a time.
template <class DY, class DX, class S, class Share>
void window_adjoint(const window_sizes& w, const S* dy, S* dx, index_t batch, Share share_of) {
  constexpr int L = lanes<S>;
  using fy = block_form<DY, L>;
  using fx = block_form<DX, L>;
  share(batch * fx::blocks, 1, batch * fx::blocks * w.in[0] * w.in[1] * w.in[2] > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      const index_t n = g / fx::blocks, b = g % fx::blocks;
      for (int z = 0; z < w.in[0]; ++z)
        for (int v = 0; v < w.in[1]; ++v)
          for (int h = 0; h < w.in[2]; ++h) {
            const window_span sz = windows_of_element(w, 0, z), sv = windows_of_element(w, 1, v), sh = windows_of_element(w, 2, h);
            vec<S> sum{};
            for (int i = sz.first; i < sz.last; ++i)
              for (int j = sv.first; j < sv.last; ++j)
                for (int k = sh.first; k < sh.last; ++k) {
                  const int o[3] = {i, j, k};
                  const int tap = ((z + w.before[0] - i * w.stride[0]) * w.kernel[1] + v + w.before[1] - j * w.stride[1]) * w.kernel[2] + h + w.before[2] - k * w.stride[2];
                  sum += share_of(n, b, o, tap, load(dy + fy::origin(n, b) + i * fy::plane_step + j * fy::line_step + index_t(k) * L));
                }
            store(dx + fx::origin(n, b) + z * fx::plane_step + v * fx::line_step + index_t(h) * L, sum);
          }
    }
  });
}

// The gradient of windows that lie side by side: of the largest, looked for again in x, or of the mean. Elements in no window get zeros.
template <bool Maximum, class X, class DY, class DX, class S>
void side_by_side_adjoint(const window_sizes& w, const S* x, const S* dy, S* dx, index_t batch) {
  constexpr int L = lanes<S>;
  using fx = block_form<X, L>;
  using fy = block_form<DY, L>;
  using fd = block_form<DX, L>;
  bool all = true;
  for (int a = 0; a < 3; ++a) all = all && w.out[a] * w.kernel[a] >= w.in[a];
  share(batch * fx::blocks, 1, batch * fx::blocks * w.in[0] * w.in[1] * w.in[2] > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      const index_t n = g / fx::blocks, b = g % fx::blocks;
      S* const to = dx + fd::origin(n, b);
      if (!all)
        for (int z = 0; z < w.in[0]; ++z)
          for (int v = 0; v < w.in[1]; ++v)
            for (int h = 0; h < w.in[2]; ++h) store(to + z * fd::plane_step + v * fd::line_step + index_t(h) * L, vec<S>{});
      for (int z = 0; z < w.out[0]; ++z)
        for (int v = 0; v < w.out[1]; ++v)
          for (int h = 0; h < w.out[2]; ++h) {
            const int sz = taps_of_window(w, 0, z).last, sv = taps_of_window(w, 1, v).last, sh = taps_of_window(w, 2, h).last;
            const vec<S> gradient = load(dy + fy::origin(n, b) + z * fy::plane_step + v * fy::line_step + index_t(h) * L);
            const auto each = [&](auto visit) __attribute__((always_inline)) {
              for (int i = 0; i < sz; ++i)
                for (int j = 0; j < sv; ++j)
                  for (int k = 0; k < sh; ++k) visit(z * w.kernel[0] + i, v * w.kernel[1] + j, index_t(h * w.kernel[2] + k) * L, S((i * sv + j) * sh + k));
            };
            if constexpr (Maximum) {
              const S* const from = x + fx::origin(n, b);
              vec<S> best = load(from + z * w.kernel[0] * fx::plane_step + v * w.kernel[1] * fx::line_step + index_t(h) * w.kernel[2] * L), won{};
              each([&](int i, int j, index_t k, S tap) __attribute__((always_inline)) {
                const vec<S> value = load(from + i * fx::plane_step + j * fx::line_step + k);
                const auto keeps = value <= best;
                best = keeps ? best : value;
                won = keeps ? won : broadcast(tap);
              });
              each([&](int i, int j, index_t k, S tap) __attribute__((always_inline)) {
                store(to + i * fd::plane_step + j * fd::line_step + k, won == broadcast(tap) ? gradient : vec<S>{});
              });
            } else {
              const vec<S> part = gradient / broadcast(S(sz * sv * sh));
              each([&](int i, int j, index_t k, S) __attribute__((always_inline)) { store(to + i * fd::plane_step + j * fd::line_step + k, part); });
            }
          }
    }
  });
}

}
