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

// visit(tap numbers along the axes) of a window, in order. One that is whole is walked with constant bounds.
template <window_sizes W, class F>
[[gnu::always_inline]] inline void for_taps(const window_span (&s)[3], F visit) {
  if (s[0].first == 0 && s[1].first == 0 && s[2].first == 0 && s[0].last == W.kernel[0] && s[1].last == W.kernel[1] && s[2].last == W.kernel[2]) {
    for (int i = 0; i < W.kernel[0]; ++i)
      for (int j = 0; j < W.kernel[1]; ++j)
        for (int k = 0; k < W.kernel[2]; ++k) visit(i, j, k);
  } else
    for (int i = s[0].first; i < s[0].last; ++i)
      for (int j = s[1].first; j < s[1].last; ++j)
        for (int k = s[2].first; k < s[2].last; ++k) visit(i, j, k);
}

// The largest of each window and, with Winners, the number of its tap as a scalar: the first of equal ones.
template <window_sizes W, bool Winners, class X, class Y, class T, class S>
void window_maximum(const S* x, S* y, S* winner, index_t batch) {
  constexpr int L = lanes<S>;
  constexpr window_sizes w = W;
  using fx = block_form<X, L>;
  using fy = block_form<Y, L>;
  using ft = block_form<T, L>;
  share(fx::samples(batch) * fx::blocks, 1, fx::samples(batch) * fx::blocks * w.out[0] * w.out[1] * w.out[2] > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      const index_t n = g / fx::blocks, b = g % fx::blocks;
      const S* const from = x + fx::origin(n, b);
      for (int z = 0; z < w.out[0]; ++z)
        for (int v = 0; v < w.out[1]; ++v)
          for (int h = 0; h < w.out[2]; ++h) {
            const window_span s[3] = {taps_of_window(w, 0, z), taps_of_window(w, 1, v), taps_of_window(w, 2, h)};
            const S* const corner = from + (z * w.stride[0] - w.before[0]) * fx::plane_step + (v * w.stride[1] - w.before[1]) * fx::line_step + index_t(h * w.stride[2] - w.before[2]) * L;
            const auto at = [&](int i, int j, int k) { return load(corner + i * fx::plane_step + j * fx::line_step + k * L); };
            const auto number = [](int i, int j, int k) { return broadcast(S((i * W.kernel[1] + j) * W.kernel[2] + k)); };
            vec<S> best = at(s[0].first, s[1].first, s[2].first), won = number(s[0].first, s[1].first, s[2].first);
            for_taps<W>(s, [&](int i, int j, int k) __attribute__((always_inline)) {
              const vec<S> value = at(i, j, k);
              const auto keeps = value <= best;
              best = keeps ? best : value;
              if constexpr (Winners) won = keeps ? won : number(i, j, k);
            });
            store(y + fy::origin(n, b) + z * fy::plane_step + v * fy::line_step + index_t(h) * L, best);
            if constexpr (Winners) store(winner + ft::origin(n, b) + z * ft::plane_step + v * ft::line_step + index_t(h) * L, won);
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
  share(fx::samples(batch) * fx::blocks, 1, fx::samples(batch) * fx::blocks * w.out[0] * w.out[1] * w.out[2] > worth_sharing, [&](index_t first, index_t last, int) {
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
  share(fx::samples(batch) * fx::blocks, 1, fx::samples(batch) * fx::blocks * w.in[0] * w.in[1] * w.in[2] > worth_sharing, [&](index_t first, index_t last, int) {
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
// The winner's is finish(dy, largest).
template <window_sizes W, bool Maximum, class X, class DY, class DX, class S, class Finish>
void side_by_side_adjoint(const S* x, const S* dy, S* dx, index_t batch, Finish finish) {
  constexpr int L = lanes<S>;
  constexpr window_sizes w = W;
  using fx = block_form<X, L>;
  using fy = block_form<DY, L>;
  using fd = block_form<DX, L>;
  bool all = true;
  for (int a = 0; a < 3; ++a) all = all && w.out[a] * w.kernel[a] >= w.in[a];
  share(fx::samples(batch) * fx::blocks, 1, fx::samples(batch) * fx::blocks * w.in[0] * w.in[1] * w.in[2] > worth_sharing, [&](index_t first, index_t last, int) {
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
            const window_span s[3] = {taps_of_window(w, 0, z), taps_of_window(w, 1, v), taps_of_window(w, 2, h)};
            const vec<S> gradient = load(dy + fy::origin(n, b) + z * fy::plane_step + v * fy::line_step + index_t(h) * L);
            S* const target = to + z * w.kernel[0] * fd::plane_step + v * w.kernel[1] * fd::line_step + index_t(h) * w.kernel[2] * L;
            const auto put = [&](int i, int j, int k, vec<S> value) __attribute__((always_inline)) { store(target + i * fd::plane_step + j * fd::line_step + k * L, value); };
            if constexpr (Maximum) {
              const S* const corner = x + fx::origin(n, b) + z * w.kernel[0] * fx::plane_step + v * w.kernel[1] * fx::line_step + index_t(h) * w.kernel[2] * L;
              const auto number = [](int i, int j, int k) __attribute__((always_inline)) { return broadcast(S((i * W.kernel[1] + j) * W.kernel[2] + k)); };
              vec<S> best = load(corner), won{};
              for_taps<W>(s, [&](int i, int j, int k) __attribute__((always_inline)) {
                const vec<S> value = load(corner + i * fx::plane_step + j * fx::line_step + k * L);
                const auto keeps = value <= best;
                best = keeps ? best : value;
                won = keeps ? won : number(i, j, k);
              });
              const vec<S> finished = finish(gradient, best);
              for_taps<W>(s, [&](int i, int j, int k) __attribute__((always_inline)) { put(i, j, k, won == number(i, j, k) ? finished : vec<S>{}); });
            } else {
              const vec<S> part = gradient / broadcast(S(s[0].last * s[1].last * s[2].last));
              for_taps<W>(s, [&](int i, int j, int k) __attribute__((always_inline)) { put(i, j, k, part); });
            }
          }
    }
  });
}

}
