// SPDX-License-Identifier: BSL-1.0
// For nvcc; empty for other compilers.
#pragma once
#if defined(__CUDACC__)
#include <cosmoml/backend/cuda.hpp>
#include <cosmoml/backend/sweeping.hpp>
#include <cosmoml/core/convolution_geometry.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

#if !defined(COSMOML_HAS_CUDNN)

// Without cuDNN a convolution is one thread an element of its result (ops/convolution.hpp).
template <class S>
using cuda_convolution = sweeping<S, exec::cuda>;

#else

namespace cuda_functors {

// Element i of an axis of a map that is read at `i`, or -1 where zeros are.
template <edge Edge>
COSMOML_HD constexpr int place_read(int i, int n) {
  if (Edge == edge::zeros) return i < 0 || i >= n ? -1 : i;
  i %= n;
  return i < 0 ? i + n : i;
}

// All that a convolution reads of a sample, border included, as maps of their own.
template <class G, class X, class S>
struct window {
  X x;
  S* to;
  COSMOML_HD void operator()(index_t i) const {
    constexpr convolution_geometry g = G::value, w = exec::cudnn::windowed(g);
    constexpr index_t maps = w.in_size(), sample = maps * g.in_channels;
    const index_t n = i / sample, c = i % sample / maps;
    index_t place = i % maps, from = 0, step = 1;
    bool inside = true;
    for (int a = 3; a-- > 0;) {
      const int at = place_read<g.edge>(int(place % w.in[a]) - g.before[a], g.in[a]);
      place /= w.in[a];
      inside = inside && at >= 0;
      from += at * step, step *= g.in[a];
    }
    to[i] = inside ? x(n, c * step + from) : S(0);
  }
};

// Its adjoint: each element is the sum of the places where it was read.
template <class G, class DX, class S>
struct window_adjoint {
  const S* from;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    constexpr convolution_geometry g = G::value, w = exec::cudnn::windowed(g);
    constexpr index_t size = DX::sample_size, ins = g.in_size(), maps = w.in_size();
    const index_t n = i / size;
    index_t place = i % ins;
    int first[3] = {}, turn[3] = {};
    for (int a = 3; a-- > 0;) {
      const int at = int(place % g.in[a]) + g.before[a];
      place /= g.in[a];
      turn[a] = g.edge == edge::periodic ? g.in[a] : w.in[a];
      first[a] = g.edge == edge::periodic ? at % g.in[a] : at;
    }
    const S* map = from + (n * g.in_channels + i % size / ins) * maps;
    S sum = 0;
    for (int u = first[0]; u < w.in[0]; u += turn[0])
      for (int v = first[1]; v < w.in[1]; v += turn[1])
        for (int k = first[2]; k < w.in[2]; k += turn[2]) sum += map[(index_t(u) * w.in[1] + v) * w.in[2] + k];
    dx(n, i % size) = sum;
  }
};

}

// Convolutions and their adjoints by cuDNN. Maps that are padded with a period, or more behind than before, are copied with their border:
// cuDNN knows neither. Sums are of floats, with no factor rounded to TF32 unless the context allows it, and the algorithms are those that
// repeat their bits where there is one.
template <class S>
struct cuda_convolution : sweeping<S, exec::cuda> {
  using base = sweeping<S, exec::cuda>;
  using context = exec::cuda::context;
  static constexpr index_t alignment = 64 / index_t(sizeof(S));   // kernels load four numbers at once where an operand begins at such a place
  template <class X>
  static constexpr bool is_run = X::contiguous && X::layout::together == 1;

  template <class G, class X, class W, class Y>
    requires(is_run<X> && is_run<W> && is_run<Y>)
  static void convolution(context& c, X x, W w, Y y) {
    by_cudnn<exec::cudnn::forward, G>(c, x, w, y);
  }
  template <class G, class W, class DY, class DX>
    requires(is_run<W> && is_run<DY> && is_run<DX>)
  static void convolution_input_adjoint(context& c, W w, DY dy, DX dx) {
    by_cudnn<exec::cudnn::input_adjoint, G>(c, dx, w, dy);
  }
  template <class G, class X, class DY, class DW>
    requires(is_run<X> && is_run<DY> && is_run<DW>)
  static void convolution_weight_adjoint(context& c, X x, DY dy, DW dw) {
    by_cudnn<exec::cudnn::weight_adjoint, G>(c, x, dw, dy);
  }
  // The adjoint of a bias: all spatial axes as one.
  template <class DY, class DV>
  static void sum_channel(context& c, DY dy, DV dv) {
    if constexpr (DY::shape.rank < 2 || !is_run<DY> || !is_run<DV>) base::sum_channel(c, dy, dv);
    else {
      constexpr int channels = int(DV::sample_size), inner = int(DY::sample_size / channels);
      in_pieces<between<DY>>(dy.batch, [&](index_t first, index_t samples) {
        const auto part = dy.samples(first, samples);
        const exec::cudnn::tensor of_dy, of_dv;
        const int sizes[4] = {int(samples), channels, 1, inner}, steps[4] = {int(between<DY>), inner, inner, 1}, sums[4] = {1, channels, 1, 1}, ones[4] = {channels, 1, 1, 1};
        exec::cudnn::check(cudnnSetTensorNdDescriptor(of_dy, exec::cudnn::type_of<S>, 4, sizes, steps), "describing maps to cuDNN");
        exec::cudnn::check(cudnnSetTensorNdDescriptor(of_dv, exec::cudnn::type_of<S>, 4, sums, ones), "describing a bias to cuDNN");
        const S one = 1;
        exec::cudnn::check(cudnnConvolutionBackwardBias(c.dnn().on(c.stream()), &one, of_dy, begin(part), &one, of_dv, begin(dv)), "cudnnConvolutionBackwardBias");
      });
    }
  }

private:
  template <class X>
  static constexpr index_t between = X::layout::begin(1) - X::layout::begin(0);
  template <class X>
  static auto begin(X x) {
    return x.data + X::layout::offset(0, 0);
  }
  // f(first sample, samples): cuDNN counts the numbers of a tensor in 31 bits.
  template <index_t Between, class F>
  static void in_pieces(index_t batch, F&& f) {
    constexpr index_t most = 0x7fffffff / Between;
    static_assert(most > 0, "cosmoml: a sample of a convolution on a GPU has fewer than 2^31 numbers");
    for (index_t first = 0; first < batch; first += most) f(first, most < batch - first ? most : batch - first);
  }
  // With few channels other backends have plain sums too, and nobody expects more rounding than theirs.
  template <class G>
  static constexpr bool direct = requires { G::is_direct_sum; } || G::value.group_in() < 16 || G::value.group_out() < 16;

  template <class Pass, class G, class X, class W, class Y>
  static void by_cudnn(context& c, X x, W w, Y y) {
    constexpr bool in_place = exec::cudnn::knows(G::value);
    constexpr convolution_geometry g = in_place ? G::value : exec::cudnn::windowed(G::value);
    constexpr index_t x_step = in_place ? between<X> : g.in_size() * g.in_channels, y_step = between<Y>;
    in_pieces<larger(x_step, y_step)>(y.batch, [&](index_t first, index_t samples) {
      const auto xs = x.samples(first, samples);
      const auto ys = y.samples(first, samples);
      const cudnnHandle_t handle = c.dnn().on(c.stream());
      const exec::cudnn::plan& p =
          c.dnn().template plan_for<Pass>({.batch = samples, .x_step = x_step, .y_step = y_step, .pass = Pass::number, .type = exec::cudnn::type_of<S>, .direct = direct<G>, .tf32 = c.tf32, .g = g});
      const S one = 1, before = Pass::adds ? 1 : 0;
      void* const memory = c.temporary(index_t(p.workspace));
      if constexpr (in_place) exec::cudnn::check(Pass::run(handle, p, &one, begin(xs), begin(w), begin(ys), memory, &before), "a convolution of cuDNN's");
      else {
        S* const copy = c.template scratch<S>(samples * x_step);
        if constexpr (Pass::reads_x) exec::cuda::for_each(c, samples * x_step, cuda_functors::window<G, X, S>{xs, copy});
        exec::cudnn::check(Pass::run(handle, p, &one, copy, begin(w), begin(ys), memory, &before), "a convolution of cuDNN's");
        if constexpr (!Pass::reads_x) exec::cuda::for_each(c, xs.elements(), cuda_functors::window_adjoint<G, X, S>{copy, xs});
      }
    });
  }
};

#endif

}
#endif
