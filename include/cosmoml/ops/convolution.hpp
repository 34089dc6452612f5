// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/convolution_geometry.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// Taps k of an axis for which `from + k step` lies in [0, n).
struct tap_range {
  int first, last;
};
COSMOML_HD constexpr tap_range taps_inside(int from, int step, int kernel, int n) {
  const int first = from < 0 ? (-from + step - 1) / step : 0, room = n - 1 - from;
  const int last = room < 0 ? 0 : room / step + 1;
  return {first < kernel ? first : kernel, last < kernel ? last : kernel};
}
COSMOML_HD constexpr int wrapped(int i, int n) {
  const int r = i % n;
  return r < 0 ? r + n : r;
}

template <class G, class X, class W, class Y>
struct convolution {
  X x;
  W w;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr convolution_geometry g = G::value;
    constexpr bool around = g.edge == edge::periodic;
    constexpr index_t size = Y::sample_size, outs = g.out_size(), ins = g.in_size();
    constexpr int kernel = g.kernel_size(), channels = g.group_in();
    const index_t n = i / size;
    index_t place = i % size;
    const int oc = int(place / outs);
    place %= outs;
    int from[3] = {};
    tap_range t[3] = {};
    for (int a = 3; a-- > 0;) {
      from[a] = int(place % g.out[a]) * g.stride[a] - g.before[a];
      place /= g.out[a];
      t[a] = around ? tap_range{0, g.kernel[a]} : taps_inside(from[a], g.dilation[a], g.kernel[a], g.in[a]);
    }
    const index_t first_map = index_t(oc / g.group_out()) * channels * ins, filter = index_t(oc) * channels * kernel;
    S sum = 0;
    for (int c = 0; c < channels; ++c)
      for (int u = t[0].first; u < t[0].last; ++u)
        for (int v = t[1].first; v < t[1].last; ++v) {
          int iu = from[0] + u * g.dilation[0], iv = from[1] + v * g.dilation[1];
          if (around) iu = wrapped(iu, g.in[0]), iv = wrapped(iv, g.in[1]);
          const index_t row = first_map + c * ins + (index_t(iu) * g.in[1] + iv) * g.in[2];
          const index_t tap = filter + c * kernel + (u * g.kernel[1] + v) * g.kernel[2];
          for (int k = t[2].first; k < t[2].last; ++k) {
            int ik = from[2] + k * g.dilation[2];
            if (around) ik = wrapped(ik, g.in[2]);
            sum += w(0, tap + k) * x(n, row + ik);
          }
        }
    y(n, index_t(oc) * outs + i % size % outs) = sum;
  }
};

// The results of one axis that read element i through tap k: first, first + step, ... up to `last`, none if first > last.
struct reader_range {
  int first, last, step;
};
template <edge Edge>
COSMOML_HD constexpr reader_range readers(int i, int k, int n, int out, int stride, int dilation, int before) {
  int at = i + before - k * dilation;   // o stride equals this, or this and whole turns
  const int end = (out - 1) * stride;
  if (Edge == edge::zeros) {
    if (at < 0 || at > end || at % stride != 0) return {1, 0, 1};
    return {at / stride, at / stride, 1};
  }
  at = wrapped(at, n);
  int turn = n;   // from one reader to the next, in elements
  while (turn % stride != 0) turn += n;
  while (at < turn && at % stride != 0) at += n;
  if (at > end || at % stride != 0) return {1, 0, 1};
  return {at / stride, out - 1, turn / stride};
}

template <class G, class W, class DY, class DX>
struct convolution_input_adjoint {
  W w;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DX::scalar;
    constexpr convolution_geometry g = G::value;
    constexpr index_t size = DX::sample_size, outs = g.out_size(), ins = g.in_size();
    constexpr int kernel = g.kernel_size(), channels = g.group_in(), group_out = g.group_out();
    const index_t n = i / size;
    index_t place = i % size;
    const int ic = int(place / ins), group = ic / channels;
    place %= ins;
    int at[3] = {};
    for (int a = 3; a-- > 0;) {
      at[a] = int(place % g.in[a]);
      place /= g.in[a];
    }
    S sum = 0;
    for (int u = 0; u < g.kernel[0]; ++u) {
      const reader_range ru = readers<g.edge>(at[0], u, g.in[0], g.out[0], g.stride[0], g.dilation[0], g.before[0]);
      if (ru.first > ru.last) continue;
      for (int v = 0; v < g.kernel[1]; ++v) {
        const reader_range rv = readers<g.edge>(at[1], v, g.in[1], g.out[1], g.stride[1], g.dilation[1], g.before[1]);
        if (rv.first > rv.last) continue;
        for (int k = 0; k < g.kernel[2]; ++k) {
          const reader_range rk = readers<g.edge>(at[2], k, g.in[2], g.out[2], g.stride[2], g.dilation[2], g.before[2]);
          if (rk.first > rk.last) continue;
          const index_t tap = index_t(ic - group * channels) * kernel + (u * g.kernel[1] + v) * g.kernel[2] + k;
          for (int o = ru.first; o <= ru.last; o += ru.step)
            for (int p = rv.first; p <= rv.last; p += rv.step)
              for (int q = rk.first; q <= rk.last; q += rk.step) {
                const index_t result = (index_t(o) * g.out[1] + p) * g.out[2] + q;
                for (int c = group * group_out; c < (group + 1) * group_out; ++c)
                  sum += w(0, index_t(c) * channels * kernel + tap) * dy(n, c * outs + result);
              }
        }
      }
    }
    dx(n, i % size) = sum;
  }
};

// One sum a row of results, so that long sums lose little.
template <class G, class X, class DY, class DW>
struct convolution_weight_adjoint {
  X x;
  DY dy;
  DW dw;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DW::scalar;
    constexpr convolution_geometry g = G::value;
    constexpr bool around = g.edge == edge::periodic;
    constexpr index_t outs = g.out_size(), ins = g.in_size();
    constexpr int kernel = g.kernel_size(), channels = g.group_in();
    const int oc = int(i / (channels * kernel)), c = int(i / kernel % channels);
    int tap = int(i % kernel), shift[3] = {};
    for (int a = 3; a-- > 0;) {
      shift[a] = tap % g.kernel[a] * g.dilation[a] - g.before[a];
      tap /= g.kernel[a];
    }
    const index_t map = (index_t(oc / g.group_out()) * channels + c) * ins, result = oc * outs;
    const tap_range q = around ? tap_range{0, g.out[2]} : taps_inside(shift[2], g.stride[2], g.out[2], g.in[2]);
    S sum = 0;
    for (index_t n = 0; n < x.batch; ++n) {
      S of_sample = 0;
      for (int o = 0; o < g.out[0]; ++o) {
        int iu = o * g.stride[0] + shift[0];
        if (around) iu = wrapped(iu, g.in[0]);
        else if (iu < 0 || iu >= g.in[0]) continue;
        for (int p = 0; p < g.out[1]; ++p) {
          int iv = p * g.stride[1] + shift[1];
          if (around) iv = wrapped(iv, g.in[1]);
          else if (iv < 0 || iv >= g.in[1]) continue;
          const index_t row = map + (index_t(iu) * g.in[1] + iv) * g.in[2], results = result + (index_t(o) * g.out[1] + p) * g.out[2];
          S of_row = 0;
          for (int k = q.first; k < q.last; ++k) {
            int ik = k * g.stride[2] + shift[2];
            if (around) ik = wrapped(ik, g.in[2]);
            of_row += x(n, row + ik) * dy(n, results + k);
          }
          of_sample += of_row;
        }
      }
      sum += of_sample;
    }
    dw(0, i) += sum;
  }
};

}

// y = x * weight (cross-correlation, as PyTorch's Conv1d ... Conv3d), without a bias. G is a convolution_of<...>. A backend may give
// convolution<G>(context, x, weight, y) of its own, and the same for both adjoints.
template <class B, class G, class X, class W, class Y>
void convolution(typename B::context& c, X x, W w, Y y) {
  if constexpr (requires { requires OwnAbilities<B>; B::template convolution<G>(c, x, w, y); }) B::template convolution<G>(c, x, w, y);
  else B::for_each(c, y.elements(), detail::convolution<G, X, W, Y>{x, w, y});
}
// dx = the gradient with respect to x. As a forward pass with dy as input it is the transposed convolution.
template <class B, class G, class W, class DY, class DX>
void convolution_input_adjoint(typename B::context& c, W w, DY dy, DX dx) {
  if constexpr (requires { requires OwnAbilities<B>; B::template convolution_input_adjoint<G>(c, w, dy, dx); })
    B::template convolution_input_adjoint<G>(c, w, dy, dx);
  else B::for_each(c, dx.elements(), detail::convolution_input_adjoint<G, W, DY, DX>{w, dy, dx});
}
// dweight += the gradient with respect to weight.
template <class B, class G, class X, class DY, class DW>
void convolution_weight_adjoint(typename B::context& c, X x, DY dy, DW dw) {
  if constexpr (requires { requires OwnAbilities<B>; B::template convolution_weight_adjoint<G>(c, x, dy, dw); })
    B::template convolution_weight_adjoint<G>(c, x, dy, dw);
  else B::for_each(c, DW::sample_size, detail::convolution_weight_adjoint<G, X, DY, DW>{x, dy, dw});
}

}
