// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/host_windows.hpp>
#include <cosmoml/core/convolution_geometry.hpp>
#include <cosmoml/core/text.hpp>
#include <cosmoml/kernels/batch_in_vector.hpp>
#include <cosmoml/kernels/pointwise.hpp>
#include <cosmoml/kernels/winograd.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

namespace host_convolutions {

// A geometry of core/convolution_geometry.hpp as the kernels take it, and its exchange (dy in the place of x) for a periodic adjoint.
template <class G>
struct kernel_sizes {
  static constexpr kernels::convolution_sizes sizes = [] {
    constexpr convolution_geometry g = G::value;
    kernels::convolution_sizes z;
    z.channels_in = g.in_channels;
    z.channels_out = g.out_channels;
    for (int a = 0; a < g.axes; ++a) {
      const int at = 3 - g.axes + a;
      z.in[at] = g.in[a];
      z.out[at] = g.out[a];
      z.kernel[at] = g.kernel[a];
      z.stride[at] = g.stride[a];
      z.dilation[at] = g.dilation[a];
      z.before[at] = g.before[a];
    }
    return z;
  }();
  // One rim for all axes, as layouts have it.
  static constexpr int rim_in = [] {
    int r = 0;
    for (int a = 0; a < 3; ++a) r = sizes.rim_in(a) > r ? sizes.rim_in(a) : r;
    return r;
  }();
  static constexpr int rim_out = [] {
    int r = 0;
    for (int a = 0; a < 3; ++a) r = sizes.rim_out(a) > r ? sizes.rim_out(a) : r;
    return r;
  }();
};

// Winograd's tiles for the convolution Z, unless the caller wants a direct sum.
template <class G, class Z>
constexpr bool uses_winograd = !requires { G::is_direct_sum; } && kernels::winograd_choice<Z>::outputs > 0;

template <class G>
constexpr bool periodic = G::value.edge == edge::periodic;
// One group; the adjoint of a periodic map with strides is a periodic map of dy only where the strides divide the box.
template <class G>
constexpr bool has_kernel = [] {
  constexpr convolution_geometry g = G::value;
  if (g.groups != 1) return false;
  for (int a = 0; a < g.axes; ++a)
    if (periodic<G> && (g.in[a] % g.stride[a] != 0 || g.out[a] * g.stride[a] != g.in[a])) return false;
  return true;
}();

}

// Convolutions on a CPU: kernels for channel blocks, and for few channels where an edge has the batch in its vectors. Whatever else an edge
// is stored in is brought into the one or the other and back.
template <class S, class Executor>
struct host_convolution : host_windows<S, Executor> {
  using maps = host_maps<S, Executor>;
  using context = typename Executor::context;
  static constexpr int L = kernels::lanes<S>;
  template <class W>
  static constexpr bool is_filter = std::same_as<typename W::layout, blocked_filter<typename W::shape_type, L, kernels::most_vectors>>;

  template <class G, class X, class W, class Y>
    requires(host_convolutions::has_kernel<G> && is_filter<W>)
  static void convolution(context& c, X x, W w, Y y) {
    convolution_then<G>(c, x, w, kernels::no_bias{}, kernels::same_value{}, y);
  }
  // y = f(convolution + bias) in one pass. Bias and f are applied to whole vectors of channels: what stands behind the last one is zero, and f keeps it.
  template <class G, class X, class W, class V, class F, class Y>
    requires(host_convolutions::has_kernel<G> && is_filter<W> && maps::template by_channel<V, Y> && V::layout::size(1) % L == 0 && (F::keeps_zero || maps::template full<Y>))
  static void convolution_affine(context& c, X x, W w, V bias, F f, Y y) {
    convolution_then<G>(c, x, w, static_cast<const S*>(bias.data), f, y);
  }
  template <class G, class W, class DY, class DX>
    requires(host_convolutions::has_kernel<G> && is_filter<W>)
  static void convolution_input_adjoint(context& c, W w, DY dy, DX dx) {
    if constexpr (batched<G, DY, DX>) {
      using sizes = host_convolutions::kernel_sizes<G>;
      using source = operand<typename DY::layout, typename DY::shape_type, sizes::rim_out, host_convolutions::periodic<G>, L, true>;
      using target = operand<typename DX::layout, typename DX::shape_type, 0, false, L, true>;
      through<source, target>(c, dy, dx, piece<source, target>(dx.batch), kernels::batched::rows_filter<sizes, true, S>::size,
                              [&](auto from, auto to, index_t samples, S* memory) { kernels::batched::input_adjoint<sizes, S>(from, w.data, to, vectors(samples), memory); });
    } else block_input_adjoint<G>(c, w, dy, dx);
  }
  template <class G, class X, class DY, class DW>
    requires(host_convolutions::has_kernel<G> && is_filter<DW>)
  static void convolution_weight_adjoint(context& c, X x, DY dy, DW dw) {
    if constexpr (batched<G, X, DY>) {
      using sizes = host_convolutions::kernel_sizes<G>;
      using source = operand<typename X::layout, typename X::shape_type, sizes::rim_in, host_convolutions::periodic<G>, L, true>;
      using other = operand<typename DY::layout, typename DY::shape_type, 0, false, L, true>;
      const index_t n = piece<source, other>(x.batch);
      with_both<source, other>(c, x, dy, n, kernels::batched::weight_form<sizes, S>::scratch(vectors(n)),
                               [&](auto left, auto right, index_t samples, S* scratch) { kernels::batched::weight_adjoint<sizes, S>(left, right, dw.data, vectors(samples), scratch); });
    } else block_weight_adjoint<G>(c, x, dy, dw);
  }

  // How the sums of G are made between two such edges, for summary(); small batches may go another way where Winograd's pay only for larger ones.
  template <class G, class X, class Y>
    requires host_convolutions::has_kernel<G>
  static convolution_method method_of_convolution() {
    using sizes = host_convolutions::kernel_sizes<G>;
    constexpr bool few = batched<G, X, Y>;
    using source = operand<typename X::layout, typename X::shape_type, sizes::rim_in, host_convolutions::periodic<G>, few ? L : pixel<sizes>, few>;
    convolution_method m{.how = "direct", .copies = !source::in_place};
    if constexpr (!few && host_convolutions::uses_winograd<G, sizes>) m.how = text("Winograd, tiles of ", kernels::winograd_choice<sizes>::outputs);
    else if constexpr (!few && kernels::pointwise::forward_pays(sizes::sizes)) m.how = "matrix product";
    return m;
  }

private:
  template <class G, class W, class DY, class DX>
  static void block_input_adjoint(context& c, W w, DY dy, DX dx) {
    using sizes = host_convolutions::kernel_sizes<G>;
    using exchanged_sizes = kernels::pointwise::exchanged<sizes>;
    using source = operand<typename DY::layout, typename DY::shape_type, sizes::rim_out, host_convolutions::periodic<G>, pixel<exchanged_sizes>>;
    using target = operand<typename DX::layout, typename DX::shape_type, 0, false, L>;
    const index_t n = piece<source, target>(dx.batch);
    const auto run = [&](index_t more, auto&& kernel) { through<source, target>(c, dy, dx, n, more, kernel); };
    using adjoint = kernels::adjoint_sizes<sizes>;
    if constexpr (host_convolutions::uses_winograd<G, adjoint>) {
      using tile = typename kernels::winograd_choice<adjoint>::tile;
      using form = kernels::winograd::form<adjoint, tile, S>;
      if (form::pays(1) || form::pays(n))
        return run(form::forward_scratch(n), [&](auto from, auto to, index_t samples, S* scratch) {
          kernels::winograd::forward<adjoint, tile, true, S>(from, w.data, kernels::no_bias{}, kernels::same_value{}, to, samples, scratch);
        });
    }
    if constexpr (!always_winograd<G, adjoint>) {
      constexpr auto z = sizes::sizes;
      constexpr bool copies = kernels::pointwise::forward_pays(exchanged_sizes::sizes);
      const index_t filter = round_up(kernels::filter_blocks<S>(z.channels_in, z.channels_out, z.taps()).size(), 64 / index_t(sizeof(S)));
      run(filter + (copies ? kernels::pointwise::form<exchanged_sizes, S>::forward_scratch() : 0), [&](auto from, auto to, index_t samples, S* exchanged) {
        kernels::exchange_filter<sizes>(static_cast<const S*>(w.data), exchanged);
        if constexpr (copies) kernels::pointwise::forward<exchanged_sizes, true, S>(from, static_cast<const S*>(exchanged), kernels::no_bias{}, kernels::same_value{}, to, samples, exchanged + filter);
        else kernels::direct_input_adjoint<sizes, S>(from, exchanged, to, samples);
      });
    }
  }
  template <class G, class X, class DY, class DW>
  static void block_weight_adjoint(context& c, X x, DY dy, DW dw) {
    using sizes = host_convolutions::kernel_sizes<G>;
    using source = operand<typename X::layout, typename X::shape_type, sizes::rim_in, host_convolutions::periodic<G>, pixel<sizes>>;
    using other = operand<typename DY::layout, typename DY::shape_type, 0, false, L>;
    const index_t n = piece<source, other>(x.batch);
    const auto run = [&](index_t more, auto&& kernel) { with_both<source, other>(c, x, dy, n, more, kernel); };
    if constexpr (host_convolutions::uses_winograd<G, sizes>) {
      using tile = typename kernels::winograd_choice<sizes>::tile;
      using form = kernels::winograd::form<sizes, tile, S>;
      if (form::near_enough(x.batch) && (form::pays(1) || form::pays(n)))
        return run(form::weight_scratch(n), [&](auto left, auto right, index_t samples, S* scratch) { kernels::winograd::weight_adjoint<sizes, tile, S>(left, right, dw.data, samples, scratch); });
    }
    if constexpr (kernels::pointwise::weight_pays(sizes::sizes))
      run(kernels::pointwise::form<sizes, S>::weight_scratch(), [&](auto left, auto right, index_t samples, S* scratch) { kernels::pointwise::weight_adjoint<sizes, S>(left, right, dw.data, samples, scratch); });
    else if constexpr (!always_winograd<G, sizes, true>)
      run(kernels::direct_weight_scratch<sizes, S>(), [&](auto left, auto right, index_t samples, S* scratch) { kernels::direct_weight_adjoint<sizes, S>(left, right, dw.data, samples, scratch); });
  }
  template <class G, class X, class W, class Bias, class F, class Y>
  static void convolution_then(context& c, X x, W w, Bias bias, F f, Y y) {
    if constexpr (batched<G, X, Y>) {
      using sizes = host_convolutions::kernel_sizes<G>;
      using source = operand<typename X::layout, typename X::shape_type, sizes::rim_in, host_convolutions::periodic<G>, L, true>;
      using target = operand<typename Y::layout, typename Y::shape_type, 0, false, L, true>;
      through<source, target>(c, x, y, piece<source, target>(y.batch), kernels::batched::rows_filter<sizes, false, S>::size,
                              [&](auto from, auto to, index_t samples, S* scratch) { kernels::batched::forward<sizes, S>(from, w.data, bias, f, to, vectors(samples), scratch); });
      kernels::zero_tail<typename Y::layout>(y.data, y.batch);   // f(bias) was there
    } else block_convolution<G>(c, x, w, bias, f, y);
  }
  template <class G, class X, class W, class Bias, class F, class Y>
  static void block_convolution(context& c, X x, W w, Bias bias, F f, Y y) {
    using sizes = host_convolutions::kernel_sizes<G>;
    using source = operand<typename X::layout, typename X::shape_type, sizes::rim_in, host_convolutions::periodic<G>, pixel<sizes>>;
    using target = operand<typename Y::layout, typename Y::shape_type, 0, false, L>;
    const index_t n = piece<source, target>(y.batch);
    const auto run = [&](index_t more, auto&& kernel) { through<source, target>(c, x, y, n, more, kernel); };
    if constexpr (host_convolutions::uses_winograd<G, sizes>) {
      using tile = typename kernels::winograd_choice<sizes>::tile;
      using form = kernels::winograd::form<sizes, tile, S>;
      if (form::pays(1) || form::pays(n))
        return run(form::forward_scratch(n), [&](auto from, auto to, index_t samples, S* scratch) {
          kernels::winograd::forward<sizes, tile, false, S>(from, w.data, bias, f, to, samples, scratch);
        });
    }
    if constexpr (kernels::pointwise::forward_pays(sizes::sizes))
      run(kernels::pointwise::form<sizes, S>::forward_scratch(), [&](auto from, auto to, index_t samples, S* scratch) {
        kernels::pointwise::forward<sizes, false, S>(from, w.data, bias, f, to, samples, scratch);
      });
    else if constexpr (!always_winograd<G, sizes>) run(0, [&](auto from, auto to, index_t samples, S*) { kernels::direct_forward<sizes, S>(from, w.data, bias, f, to, samples); });
  }
  // Vectors over the samples, because an edge has them and all channels are few.
  template <class G, class X, class Y>
  static constexpr bool batched = G::value.in_channels < 2 * L && G::value.out_channels < 2 * L && (maps::template by_sample<X> || maps::template by_sample<Y>);
  static constexpr index_t vectors(index_t samples) { return (samples + L - 1) / L; }

  // Samples that go together: where edges are copied, what has its copies in the third cache. The same for any number of threads.
  template <class A, class B>
  static index_t piece(index_t batch) {
    constexpr index_t unit = A::unit > B::unit ? A::unit : B::unit, few = (index_t(4) << 20) / index_t(sizeof(S));
    const index_t one = (A::scratch(unit) + B::scratch(unit)) / unit;
    if (batch * one <= 2 * few) return batch;
    const index_t samples = few / one / unit * unit;
    return samples < unit ? unit : samples;
  }
  // f(first sample, samples)
  template <class F>
  static void in_pieces(index_t batch, index_t samples, F&& f) {
    for (index_t first = 0; first < batch; first += samples) f(first, samples < batch - first ? samples : batch - first);
  }
  // kernel(from, to, samples, memory) between two edges as kernels take them, a piece of the batch at a time, with `more` scalars of memory.
  template <class Source, class Target, class X, class Y, class F>
  static void through(context& c, X x, Y y, index_t samples_together, index_t more, F&& kernel) {
    const index_t x_size = Source::scratch(samples_together), y_size = Target::scratch(samples_together);
    S* const memory = c.template scratch<S>(x_size + y_size + more);
    in_pieces(x.batch, samples_together, [&](index_t first, index_t samples) {
      const auto from = Source::read(x.samples(first, samples), memory, first == 0);
      const auto to = y.samples(first, samples);
      kernel(from, Target::write(to, memory + x_size), samples, memory + x_size + y_size);
      Target::finish(to, memory + x_size);
    });
  }
  // kernel(x, y, samples, memory) of two edges that are read.
  template <class A, class B, class X, class Y, class F>
  static void with_both(context& c, X x, Y y, index_t samples_together, index_t more, F&& kernel) {
    const index_t x_size = A::scratch(samples_together), y_size = B::scratch(samples_together);
    S* const memory = c.template scratch<S>(x_size + y_size + more);
    in_pieces(x.batch, samples_together, [&](index_t first, index_t samples) {
      const auto left = A::read(x.samples(first, samples), memory, first == 0);
      kernel(left, B::read(y.samples(first, samples), memory + x_size, first == 0), samples, memory + x_size + y_size);
    });
  }
  // No batch is so small that a direct sum would be faster, or wanted for its accuracy: then there is no code for one.
  template <class G, class Z, bool OfWeight = false>
  static constexpr bool always_winograd = [] {
    if constexpr (host_convolutions::uses_winograd<G, Z>) {
      using form = kernels::winograd::form<Z, typename kernels::winograd_choice<Z>::tile, S>;
      return form::pays(1) && (!OfWeight || form::near_enough(1));
    } else return false;
  }();

  // Scalars from pixel to pixel of a copy: of one channel, where products read scalars, not a block with nothing in its other lanes.
  template <class Z>
  static constexpr int pixel = Z::sizes.channels_in == 1 && Z::sizes.taps() > 1 ? 1 : L;
  // An edge as the kernels take it: in place if it lies in their vectors, of channels or of samples, with rim enough, else a copy that does.
  template <class Layout, class Shape, int Rim, bool Periodic, int Pixel, bool BySample = false>
  struct operand {
    using grid_layout = std::conditional_t<BySample, batch_in_vector<Shape, L, Rim>, blocked<Shape, Periodic ? L : Pixel, Rim>>;
    static constexpr bool in_place = !Periodic && [] {
      if constexpr (maps::template whole_blocks<view<S, Layout>>) return Layout::halo >= Rim && maps::template by_sample<view<S, Layout>> == BySample;
      else return false;
    }();
    static constexpr index_t unit = larger(Layout::together, grid_layout::together);   // a piece of a batch begins where vectors of samples do
    static index_t scratch(index_t batch) { return in_place ? 0 : round_up(grid_layout::size(batch), 64 / index_t(sizeof(S))); }
    template <class Scalar, class G>
    static kernels::grid<Scalar, G::lanes> grid_of(Scalar* data) {
      return {data + G::origin, G::group_step, G::plane_step, G::line_step};
    }
    template <class X>
    static auto read(X x, S* memory, bool new_memory) {
      if constexpr (in_place) return grid_of<const S, Layout>(x.data);
      else {
        if (new_memory) {   // nothing else writes rims and lanes that stand for no channel
          if constexpr (!Periodic && (BySample || grid_layout::channels % L == 0)) kernels::fill_rim<grid_layout, false>(memory, grid_layout::groups(x.batch));
          else
            for (index_t i = 0, n = grid_layout::size(x.batch); i < n; ++i) memory[i] = S(0);
        }
        move<Layout, grid_layout>(static_cast<const S*>(x.data), memory, x.batch);
        if constexpr (BySample) kernels::zero_tail<grid_layout>(memory, x.batch);
        if constexpr (Periodic) kernels::fill_rim<grid_layout, true>(memory, grid_layout::groups(x.batch));
        return grid_of<const S, grid_layout>(memory);
      }
    }
    template <class Y>
    static kernels::grid<S> write(Y y, S* memory) {
      if constexpr (in_place) return grid_of<S, Layout>(y.data);
      else return grid_of<S, grid_layout>(memory);
    }
    template <class Y>
    static void finish(Y y, S* memory) {
      if constexpr (!in_place) move<grid_layout, Layout>(static_cast<const S*>(memory), y.data, y.batch);
    }
    template <class From, class To>
    static void move(const S* from, S* to, index_t batch) {
      if constexpr (maps::template has_runs<From, Shape> && maps::template has_runs<To, Shape>) kernels::relayout<From, To, Shape>(from, to, batch);
      else
        kernels::share(batch, 1, true, [&](index_t first, index_t last, int) {
          for (index_t n = first; n < last; ++n)
            for (index_t e = 0; e < Shape::value.size(); ++e) to[To::offset(n, e)] = from[From::offset(n, e)];
        });
    }
  };
};

}
