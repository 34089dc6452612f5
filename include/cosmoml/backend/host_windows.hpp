// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/host_maps.hpp>
#include <cosmoml/core/convolution_geometry.hpp>
#include <cosmoml/core/interpolation.hpp>
#include <cosmoml/core/pooling.hpp>
#include <cosmoml/kernels/block_upsample.hpp>
#include <cosmoml/kernels/block_windows.hpp>

#include <array>

namespace cosmoml::inline COSMOML_ABI::backend {

// Pooling and upsampling on vectors of channels or of samples; from the one kind to the other by a copy of the smaller edge.
template <class S, class Executor>
struct host_windows : host_maps<S, Executor> {
  using maps = host_maps<S, Executor>;
  using context = typename Executor::context;
  static constexpr int L = kernels::lanes<S>;
  template <class V>
  static constexpr bool by_sample = maps::template by_sample<V>;
  template <class... V>
  static constexpr bool blocks = maps::template blocks<V...>;
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
  static constexpr bool two_kinds = blocks<X> && blocks<Y> && by_sample<X> != by_sample<Y>;

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
  // Between the two kinds the smaller edge is copied.
  template <pooling P, class Window, leftover R, class X, class Y>
    requires(two_kinds<X, Y> && Window::value[0] == 1 && R != leftover::keep)
  static void pool(context& c, X x, Y y) {
    const auto copy = uninitialised_like<X>(c, y);
    host_windows::template pool<P, Window, R>(c, x, copy);
    move_grid(copy, y);
  }
  template <pooling P, class Window, leftover R, class X, class Y, class DY, class DX>
    requires(blocks<X, DX> && two_kinds<X, DY> && Window::value[0] == 1 && R != leftover::keep)
  static void pool_adjoint(context& c, X x, Y y, DY dy, DX dx) {
    host_windows::template pool_adjoint<P, Window, R>(c, x, y, copy_like<X>(c, dy), dx);
  }
  template <pooling P, class Window, leftover R, class F, class X, class DY, class DX>
    requires(blocks<X, DX> && two_kinds<X, DY> && Window::value[0] == 1 && R != leftover::keep && P == pooling::maximum)
  static void pool_adjoint_through(context& c, F f, X x, DY dy, DX dx) {
    host_windows::template pool_adjoint_through<P, Window, R>(c, f, x, copy_like<X>(c, dy), dx);
  }
  // The mean of each map, to rows of channels.
  template <pooling P, class Window, leftover R, class X, class Y>
    requires(blocks<X> && !blocks<Y> && P == pooling::average && whole_map<X, Y, Window>)
  static void pool(context&, X x, Y y) {
    using form = kernels::block_form<typename X::layout, L>;
    kernels::share(form::samples(y.batch) * form::blocks, 1, x.elements() > worth, [&](index_t first, index_t last, int) {
      for (index_t i = first; i < last; ++i) {
        const index_t n = i / form::blocks, b = i % form::blocks;
        kernels::vec<S> sum{};
        for (int z = 0; z < form::extent[0]; ++z)
          for (int v = 0; v < form::extent[1]; ++v)
            for (int h = 0; h < form::extent[2]; ++h) sum += kernels::load(static_cast<const S*>(x.data) + form::origin(n, b) + z * form::plane_step + v * form::line_step + index_t(h) * L);
        sum /= kernels::broadcast(S(X::sample_size / X::shape.dim[0]));
        if constexpr (by_sample<X>)
          for (index_t l = 0; l < L && n * L + l < y.batch; ++l) y(n * L + l, b) = sum[l];
        else kernels::store_channels<false>(&y(n, 0), b, X::shape.dim[0], sum);
      }
    });
  }
  template <pooling P, class Window, leftover R, class X, class Y, class DY, class DX>
    requires(blocks<DX> && !blocks<DY> && P == pooling::average && whole_map<DX, DY, Window>)
  static void pool_adjoint(context&, X, Y, DY dy, DX dx) {
    using form = kernels::block_form<typename DX::layout, L>;
    kernels::share(form::samples(dx.batch) * form::blocks, 1, dx.elements() > worth, [&](index_t first, index_t last, int) {
      for (index_t i = first; i < last; ++i) {
        const index_t n = i / form::blocks, b = i % form::blocks;
        kernels::vec<S> each{};
        if constexpr (by_sample<DX>)
          for (index_t l = 0; l < L && n * L + l < dx.batch; ++l) each[l] = dy(n * L + l, b);
        else each = kernels::load_channels<false>(static_cast<const S*>(&dy(n, 0)), b, DX::shape.dim[0]);
        each /= kernels::broadcast(S(DX::sample_size / DX::shape.dim[0]));
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
  template <interpolation Mode, class Factor, class X, class Y>
    requires(two_kinds<X, Y>)
  static void upsample(context& c, X x, Y y) {
    host_windows::template upsample<Mode, Factor>(c, copy_like<Y>(c, x), y);
  }
  template <interpolation Mode, class Factor, class DY, class DX>
    requires(two_kinds<DY, DX>)
  static void upsample_adjoint(context& c, DY dy, DX dx) {
    const auto copy = uninitialised_like<DY>(c, dx);
    host_windows::template upsample_adjoint<Mode, Factor>(c, dy, copy);
    move_grid(copy, dx);
  }

private:
  static constexpr index_t worth = 1 << 15;
  // A copy of v of the kind that Like is of, in scratch memory.
  template <class Like, class V>
  static auto uninitialised_like(context& c, V v) {
    using shape = typename V::shape_type;
    using layout = std::conditional_t<by_sample<Like>, batch_in_vector<shape, L, 0>, blocked<shape, L, 0>>;
    return view<S, layout>{c.template scratch<S>(layout::size(v.batch)), v.batch};
  }
  template <class From, class To>
  static void move_grid(From from, To to) {
    kernels::relayout<typename From::layout, typename To::layout, typename To::shape_type>(static_cast<const S*>(from.data), to.data, to.batch);
  }
  template <class Like, class V>
  static auto copy_like(context& c, V v) {
    const auto copy = uninitialised_like<Like>(c, v);
    if (copy.elements() != copy.storage()) Executor::fill(c, copy.data, copy.storage(), S(0));
    move_grid(v, copy);
    return copy;
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
