// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/sweeping.hpp>
#include <cosmoml/core/convolution_geometry.hpp>
#include <cosmoml/core/dropping.hpp>
#include <cosmoml/core/interpolation.hpp>
#include <cosmoml/core/pooling.hpp>
#include <cosmoml/kernels/block_upsample.hpp>
#include <cosmoml/kernels/block_windows.hpp>
#include <cosmoml/kernels/dropout.hpp>
#include <cosmoml/kernels/relayout.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// What lies between convolutions, on channel blocks: element by element, norms, windows, upsampling, and the way in and out. All of it
// walks vectors of channels and leaves the rims of zeros alone.
template <class S, class Executor>
struct host_maps : sweeping<S, Executor> {
  using base = sweeping<S, Executor>;
  using context = typename Executor::context;
  static constexpr int L = kernels::lanes<S>;

  // Edges in channel blocks, or whole blocks of a larger one.
  template <class... V>
  static constexpr bool blocks = (kernels::block_form<typename V::layout, L>::known && ...);
  // Samples whose elements lie one after the other.
  template <class... V>
  static constexpr bool rows = ((V::layout::whole && V::layout::together == 1 && V::layout::line(0, 1, V::sample_size) == 1) && ...);
  // A sweep that zero does not survive must stop where the channels do.
  template <class Y>
  static constexpr bool full = Y::shape.dim[0] % L == 0;

  // A vector with one element a channel, one after the other.
  template <class V, class Y>
  static constexpr bool by_channel = V::sample_size == Y::shape.dim[0] && V::contiguous;
  template <class T>
  static constexpr bool blocks_or_nothing = [] {
    if constexpr (Wanted<T>) return blocks<T>;
    else return true;
  }();
  template <class X, class Y, class Window>
  static constexpr bool whole_map = [] {
    if (Window::value[0] != 1 || Y::sample_size != X::shape.dim[0] || !Y::contiguous) return false;
    for (int a = 1; a < X::shape.rank; ++a)
      if (Window::value[a] != X::shape.dim[a]) return false;
    return true;
  }();

  template <class X, class Y>
  static void convert(context& c, X x, Y y) {
    if constexpr (moves_grid<X, Y>) kernels::relayout<typename X::layout, typename Y::layout, grid_shape<X, Y>>(static_cast<const S*>(x.data), y.data, y.batch);
    else base::convert(c, x, y);
  }
  template <class Y>
  static void zero_padding(context& c, Y y) {
    if constexpr (whole_blocks<Y> && full<Y>) kernels::fill_rim<typename Y::layout, false>(y.data, Y::layout::groups(y.batch));
    else base::zero_padding(c, y);
  }
  template <class F, class X, class Y>
  static void map(context& c, F f, X x, Y y) {
    if constexpr (blocks<X, Y>) {
      if constexpr (F::keeps_zero || full<Y>)
        return kernels::for_lines<false, L, typename X::layout, typename Y::layout>(
            y.batch, [f](index_t, index_t width, const S* from, S* to) { for (index_t i = 0; i < width * L; i += L) kernels::store(to + i, f(kernels::load(from + i))); }, static_cast<const S*>(x.data), y.data);
    }
    base::map(c, f, x, y);
  }
  template <class F, class Y, class DY, class DX>
  static void map_adjoint(context& c, F f, Y y, DY dy, DX dx) {
    if constexpr (blocks<Y, DY, DX>)
      kernels::for_lines<false, L, typename Y::layout, typename DY::layout, typename DX::layout>(
          y.batch, [f](index_t, index_t width, const S* value, const S* from, S* to) { for (index_t i = 0; i < width * L; i += L) kernels::store(to + i, slope_of(f, kernels::load(value + i)) * kernels::load(from + i)); },
          static_cast<const S*>(y.data), static_cast<const S*>(dy.data), dx.data);
    else base::map_adjoint(c, f, y, dy, dx);
  }
  template <class X, class Y>
  static void add(context& c, X x, Y y) {
    if constexpr (blocks<X, Y>)
      kernels::for_lines<false, L, typename X::layout, typename Y::layout>(
          y.batch, [](index_t, index_t width, const S* from, S* to) { for (index_t i = 0; i < width * L; ++i) to[i] += from[i]; }, static_cast<const S*>(x.data), y.data);
    else base::add(c, x, y);
  }
  template <class V, class Y>
  static void add_channel(context& c, V v, Y y) {
    if constexpr (blocks<Y> && by_channel<V, Y>)
      kernels::for_lines<false, L, typename Y::layout>(
          y.batch,
          [p = static_cast<const S*>(v.data)](index_t b, index_t width, S* to) {
            const auto bias = kernels::load_channels(p, b, Y::shape.dim[0]);
            for (index_t i = 0; i < width; ++i) kernels::store(to + i * L, kernels::load(to + i * L) + bias);
          },
          y.data);
    else base::add_channel(c, v, y);
  }
  template <class DY, class DV>
  static void sum_channel(context& c, DY dy, DV dv) {
    if constexpr (blocks<DY> && by_channel<DV, DY>)
      kernels::sum_blocks<1, typename DY::layout>(
          dy.batch, parts<1, DY>(c, dy.batch), [](index_t, const S* d, const S*, kernels::vec<S>* sum) { sum[0] += kernels::load(d); }, added_to<DY>(dv),
          static_cast<const S*>(dy.data), static_cast<const S*>(dy.data));
    else base::sum_channel(c, dy, dv);
  }
  // d *= slope of f at y, and dv += the sums of d over each channel, in one pass.
  template <class F, class Y, class D, class DV>
    requires(blocks<Y, D> && by_channel<DV, D>)
  static void map_adjoint_and_sum(context& c, F f, Y y, D d, DV dv) {
    kernels::sum_blocks<1, typename Y::layout, typename D::layout>(
        d.batch, parts<1, D>(c, d.batch),
        [f](index_t, const S* value, S* slot, kernels::vec<S>* sum) {
          const auto sloped = slope_of(f, kernels::load(value)) * kernels::load(static_cast<const S*>(slot));
          kernels::store(slot, sloped);
          sum[0] += sloped;
        },
        added_to<D>(dv), static_cast<const S*>(y.data), d.data);
  }

  // ---- norms, the pieces of ops/normalise.hpp
  template <class X, class V>
    requires(blocks<X> && by_channel<V, X>)
  static void channel_moments(context& c, X x, V mean, V variance) {
    constexpr index_t channels = X::shape.dim[0];
    const S count = S(x.elements() / channels);
    const S* const p = x.data;
    S* const memory = parts<1, X>(c, x.batch);
    kernels::sum_blocks<1, typename X::layout>(
        x.batch, memory, [](index_t, const S* v, const S*, kernels::vec<S>* sum) { sum[0] += kernels::load(v); },
        [&](index_t b, kernels::vec<S>* sum) { kernels::store_channels(mean.data, b, channels, sum[0] / kernels::broadcast(count)); }, p, p);
    kernels::sum_blocks<1, typename X::layout>(
        x.batch, memory,
        [m = static_cast<const S*>(mean.data)](index_t b, const S* v, const S*, kernels::vec<S>* sum) {
          const auto d = kernels::load(v) - kernels::load_channels(m, b, channels);
          sum[0] += d * d;
        },
        [&](index_t b, kernels::vec<S>* sum) { kernels::store_channels(variance.data, b, channels, sum[0] / kernels::broadcast(count)); }, p, p);
  }
  template <class X, class V, class Y>
    requires(blocks<X, Y> && by_channel<V, X>)
  static void normalise(context&, X x, V mean, V scale, V shift, Y y) {
    constexpr index_t channels = X::shape.dim[0];
    kernels::for_lines<false, L, typename X::layout, typename Y::layout>(
        y.batch,
        [=](index_t b, index_t width, const S* from, S* to) {
          const auto m = kernels::load_channels(static_cast<const S*>(mean.data), b, channels), a = kernels::load_channels(static_cast<const S*>(scale.data), b, channels),
                     d = kernels::load_channels(static_cast<const S*>(shift.data), b, channels);
          for (index_t i = 0; i < width; ++i) kernels::store(to + i * L, (kernels::load(from + i * L) - m) * a + d);
        },
        static_cast<const S*>(x.data), y.data);
  }
  template <class X, class DY, class V>
    requires(blocks<X, DY> && by_channel<V, X>)
  static void normalise_sums(context& c, X x, DY dy, V mean, V sum, V sum_x) {
    constexpr index_t channels = X::shape.dim[0];
    kernels::sum_blocks<2, typename X::layout, typename DY::layout>(
        x.batch, parts<2, X>(c, x.batch),
        [m = static_cast<const S*>(mean.data)](index_t b, const S* v, const S* at, kernels::vec<S>* s) {
          const auto d = kernels::load(at);
          s[0] += d;
          s[1] += d * (kernels::load(v) - kernels::load_channels(m, b, channels));
        },
        [&](index_t b, kernels::vec<S>* s) {
          kernels::store_channels(sum.data, b, channels, s[0]);
          kernels::store_channels(sum_x.data, b, channels, s[1]);
        },
        static_cast<const S*>(x.data), static_cast<const S*>(dy.data));
  }
  template <class X, class DY, class V, class DX>
    requires(blocks<X, DY, DX> && by_channel<V, X>)
  static void normalise_adjoint(context&, X x, DY dy, V mean, V of_dy, V of_x, V constant, DX dx) {
    constexpr index_t channels = X::shape.dim[0];
    kernels::for_lines<false, L, typename X::layout, typename DY::layout, typename DX::layout>(
        dx.batch,
        [=](index_t b, index_t width, const S* value, const S* from, S* to) {
          const auto of = [b](V v) { return kernels::load_channels(static_cast<const S*>(v.data), b, channels); };
          const auto m = of(mean), p = of(of_dy), q = of(of_x), r = of(constant);
          for (index_t i = 0; i < width; ++i) kernels::store(to + i * L, p * kernels::load(from + i * L) + q * (kernels::load(value + i * L) - m) + r);
        },
        static_cast<const S*>(x.data), static_cast<const S*>(dy.data), dx.data);
  }

  // ---- dropout
  template <class X, class Y>
    requires(blocks<X, Y> || rows<X, Y>)
  static void dropout(context&, const dropping& d, X x, Y y) {
    if constexpr (blocks<X, Y>) kernels::drop_blocks<typename X::layout, typename Y::layout>(d, static_cast<const S*>(x.data), y.data, y.batch);
    else kernels::drop_rows(d, static_cast<const S*>(x.data), X::layout::begin(1), y.data, Y::layout::begin(1), y.batch, Y::sample_size);
  }

  // ---- windows
  template <class G, class X, class Y, class T>
    requires(blocks<X, Y> && (!Wanted<T> || blocks_or_nothing<T>))
  static void sliding_max(context&, X x, Y y, T winner) {
    if constexpr (Wanted<T>) kernels::window_maximum<windows<G>, true, typename X::layout, typename Y::layout, typename T::layout, S>(x.data, y.data, winner.data, y.batch);
    else kernels::window_maximum<windows<G>, false, typename X::layout, typename Y::layout, typename Y::layout, S>(x.data, y.data, nullptr, y.batch);
  }
  template <class G, class T, class DY, class DX>
    requires(blocks<T, DY, DX>)
  static void sliding_max_adjoint(context&, T winner, DY dy, DX dx) {
    using form = kernels::block_form<typename T::layout, L>;
    kernels::window_adjoint<typename DY::layout, typename DX::layout, S>(windows<G>, dy.data, dx.data, dx.batch, [p = winner.data](index_t n, index_t b, const int (&o)[3], int tap, kernels::vec<S> d) {
      const auto won = kernels::load(static_cast<const S*>(p) + form::origin(n, b) + o[0] * form::plane_step + o[1] * form::line_step + index_t(o[2]) * L);
      return won == kernels::broadcast(S(tap)) ? d : kernels::vec<S>{};
    });
  }
  template <class G, bool CountPadding, class X, class Y>
    requires(blocks<X, Y>)
  static void sliding_average(context&, X x, Y y) {
    kernels::window_average<CountPadding, typename X::layout, typename Y::layout, S>(windows<G>, x.data, y.data, y.batch);
  }
  template <class G, bool CountPadding, class DY, class DX>
    requires(blocks<DY, DX>)
  static void sliding_average_adjoint(context&, DY dy, DX dx) {
    kernels::window_adjoint<typename DY::layout, typename DX::layout, S>(windows<G>, dy.data, dx.data, dx.batch, [](index_t, index_t, const int (&o)[3], int, kernels::vec<S> d) {
      int count = 1;
      for (int a = 0; a < 3; ++a) count *= kernels::window_elements<CountPadding>(windows<G>, a, o[a]);
      return d / kernels::broadcast(S(count));
    });
  }
  // Windows side by side, over the spatial axes alone.
  template <pooling P, class Window, leftover R, class X, class Y>
    requires(blocks<X, Y> && Window::value[0] == 1 && R != leftover::keep)
  static void pool(context&, X x, Y y) {
    static constexpr kernels::window_sizes w = side_by_side<X, Y, Window>;
    if constexpr (P == pooling::maximum) kernels::window_maximum<w, false, typename X::layout, typename Y::layout, typename Y::layout, S>(x.data, y.data, nullptr, y.batch);
    else kernels::window_average<false, typename X::layout, typename Y::layout, S>(w, x.data, y.data, y.batch);
  }
  template <pooling P, class Window, leftover R, class X, class Y, class DY, class DX>
    requires(blocks<X, DY, DX> && Window::value[0] == 1 && R != leftover::keep)
  static void pool_adjoint(context&, X x, Y, DY dy, DX dx) {
    kernels::side_by_side_adjoint<side_by_side<X, DY, Window>, P == pooling::maximum, typename X::layout, typename DY::layout, typename DX::layout, S>(
        x.data, dy.data, dx.data, dx.batch, [](kernels::vec<S> gradient, kernels::vec<S>) { return gradient; });
  }
  // Where x are the values of f: dx is the gradient of what f was given.
  template <pooling P, class Window, leftover R, class F, class X, class DY, class DX>
    requires(blocks<X, DY, DX> && Window::value[0] == 1 && R != leftover::keep && P == pooling::maximum)
  static void pool_adjoint_through(context&, F f, X x, DY dy, DX dx) {
    kernels::side_by_side_adjoint<side_by_side<X, DY, Window>, true, typename X::layout, typename DY::layout, typename DX::layout, S>(
        x.data, dy.data, dx.data, dx.batch, [f](kernels::vec<S> gradient, kernels::vec<S> largest) { return slope_of(f, largest) * gradient; });
  }
  // The mean of each map, to rows of channels.
  template <pooling P, class Window, leftover R, class X, class Y>
    requires(blocks<X> && !blocks<Y> && P == pooling::average && whole_map<X, Y, Window>)
  static void pool(context&, X x, Y y) {
    using form = kernels::block_form<typename X::layout, L>;
    kernels::share(y.batch * form::blocks, 1, x.elements() > worth, [&](index_t first, index_t last, int) {
      for (index_t i = first; i < last; ++i) {
        const index_t n = i / form::blocks, b = i % form::blocks;
        kernels::vec<S> sum{};
        for (int z = 0; z < form::extent[0]; ++z)
          for (int v = 0; v < form::extent[1]; ++v)
            for (int h = 0; h < form::extent[2]; ++h) sum += kernels::load(static_cast<const S*>(x.data) + form::origin(n, b) + z * form::plane_step + v * form::line_step + index_t(h) * L);
        kernels::store_channels(&y(n, 0), b, X::shape.dim[0], sum / kernels::broadcast(S(X::sample_size / X::shape.dim[0])));
      }
    });
  }
  template <pooling P, class Window, leftover R, class X, class Y, class DY, class DX>
    requires(blocks<DX> && !blocks<DY> && P == pooling::average && whole_map<DX, DY, Window>)
  static void pool_adjoint(context&, X, Y, DY dy, DX dx) {
    using form = kernels::block_form<typename DX::layout, L>;
    kernels::share(dx.batch * form::blocks, 1, dx.elements() > worth, [&](index_t first, index_t last, int) {
      for (index_t i = first; i < last; ++i) {
        const index_t n = i / form::blocks, b = i % form::blocks;
        const auto each = kernels::load_channels(static_cast<const S*>(&dy(n, 0)), b, DX::shape.dim[0]) / kernels::broadcast(S(DX::sample_size / DX::shape.dim[0]));
        for (int z = 0; z < form::extent[0]; ++z)
          for (int v = 0; v < form::extent[1]; ++v)
            for (int h = 0; h < form::extent[2]; ++h) kernels::store(dx.data + form::origin(n, b) + z * form::plane_step + v * form::line_step + index_t(h) * L, each);
      }
    });
  }

  // ---- upsampling
  template <interpolation Mode, class Factor, class X, class Y>
    requires(blocks<X, Y>)
  static void upsample(context&, X x, Y y) {
    using t = interpolation_tables<Mode, Factor, X, Y>;
    const kernels::interpolated* const tables[3] = {t::z.data(), t::y.data(), t::x.data()};
    kernels::interpolate<false, typename X::layout, typename Y::layout, S>(tables, x.data, y.data, y.batch);
  }
  template <interpolation Mode, class Factor, class DY, class DX>
    requires(blocks<DY, DX>)
  static void upsample_adjoint(context&, DY dy, DX dx) {
    using t = interpolation_tables<Mode, Factor, DX, DY>;
    const kernels::interpolated* const tables[3] = {t::z.data(), t::y.data(), t::x.data()};
    kernels::interpolate<true, typename DX::layout, typename DY::layout, S>(tables, dx.data, dy.data, dx.batch);
  }

protected:
  template <class Layout, class Shape>
  static constexpr bool has_runs = kernels::run_form<Layout, Shape, L>::axis != kernels::run_axis::none;
  // The shape with axes among two views, if one is stored as a grid and both in runs: what relayout can copy.
  template <class V>
  static constexpr bool is_grid = kernels::block_form<typename V::layout, L>::known || requires { V::layout::origin; };
  template <class X, class Y>
  using grid_shape = std::conditional_t<is_grid<X>, typename X::shape_type, typename Y::shape_type>;
  template <class X, class Y>
  static constexpr bool moves_grid = [] {
    if constexpr (is_grid<X> || is_grid<Y>) return has_runs<typename X::layout, grid_shape<X, Y>> && has_runs<typename Y::layout, grid_shape<X, Y>>;
    else return false;
  }();
  // Channel blocks that are all there is in their storage.
  template <class V>
  static constexpr bool whole_blocks = blocks<V> && V::layout::whole;

private:
  static constexpr index_t worth = 1 << 15;
  // Memory for sum_blocks; what makes of its sums additions to one number a channel.
  template <int Count, class X>
  static S* parts(context& c, index_t batch) {
    return c.template scratch<S>(batch * kernels::block_form<typename X::layout, L>::blocks * Count * L);
  }
  template <class D, class DV>
  static auto added_to(DV dv) {
    return [p = dv.data](index_t b, kernels::vec<S>* sum) {
      kernels::store_channels(p, b, D::shape.dim[0], kernels::load_channels(static_cast<const S*>(p), b, D::shape.dim[0]) + sum[0]);
    };
  }
  template <class G>
  static constexpr kernels::window_sizes windows = [] {
    constexpr convolution_geometry g = G::value;
    kernels::window_sizes w;
    for (int a = 0; a < g.axes; ++a) {
      const int at = 3 - g.axes + a;
      w.in[at] = g.in[a];
      w.out[at] = g.out[a];
      w.kernel[at] = g.kernel[a];
      w.stride[at] = g.stride[a];
      w.before[at] = g.before[a];
    }
    return w;
  }();
  template <class X, class Y, class Window>
  static constexpr kernels::window_sizes side_by_side = [] {
    kernels::window_sizes w;
    for (int a = 1; a < X::shape.rank; ++a) {
      const int at = 3 - X::shape.rank + a;
      w.in[at] = X::shape.dim[a];
      w.out[at] = Y::shape.dim[a];
      w.kernel[at] = w.stride[at] = Window::value[a];
    }
    return w;
  }();
  template <interpolation Mode, class Factor, class X, class Y>
  struct interpolation_tables {
    static constexpr int axes = X::shape.rank - 1;
    template <int At>   // of (z, y, x)
    static constexpr auto of_axis() {
      constexpr int a = At - (3 - axes), out = a < 0 ? 1 : Y::shape.dim[a < 0 ? 0 : a + 1];
      std::array<kernels::interpolated, std::size_t(out)> t{};
      for (int o = 0; o < out; ++o) {
        if (a < 0) t[std::size_t(o)] = {0, {1, 0}};
        else if (Mode == interpolation::nearest) t[std::size_t(o)] = {o / Factor::value[a < 0 ? 0 : a], {1, 0}};
        else {
          const auto two = linear_taps(o, X::shape.dim[a < 0 ? 0 : a + 1], Factor::value[a < 0 ? 0 : a]);
          t[std::size_t(o)] = {two.first, {1 - two.fraction, two.fraction}};
        }
      }
      return t;
    }
    static constexpr auto z = of_axis<0>(), y = of_axis<1>(), x = of_axis<2>();
  };
};

}
