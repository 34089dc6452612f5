// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/sweeping.hpp>
#include <cosmoml/core/dropping.hpp>
#include <cosmoml/kernels/dropout.hpp>
#include <cosmoml/kernels/relayout.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// What lies between convolutions, on vectors of channels or of samples: element by element, norms, dropout, and the way in and out. All of it
// walks whole vectors and leaves the rims of zeros alone.
template <class S, class Executor>
struct host_maps : sweeping<S, Executor> {
  using base = sweeping<S, Executor>;
  using context = typename Executor::context;
  static constexpr int L = kernels::lanes<S>;

  // Edges of one kind, in channel blocks (whole ones of a larger edge, too) or with the batch in their vectors.
  template <class V>
  static constexpr bool by_sample = kernels::block_form<typename V::layout, L>::by_sample;
  template <class V, class... More>
  static constexpr bool blocks = (kernels::block_form<typename V::layout, L>::known && ... && (kernels::block_form<typename More::layout, L>::known && by_sample<More> == by_sample<V>));
  // Samples whose elements lie one after the other.
  template <class... V>
  static constexpr bool rows = ((V::layout::whole && V::layout::together == 1 && V::layout::line(0, 1, V::sample_size) == 1) && ...);
  // A sweep that zero does not survive must stop where the channels do, or clear the lanes of no sample again.
  template <class Y>
  static constexpr bool full = by_sample<Y> || Y::shape.dim[0] % L == 0;

  // A vector with one element a channel, one after the other.
  template <class V, class Y>
  static constexpr bool by_channel = V::sample_size == Y::shape.dim[0] && V::contiguous;

  template <class X, class Y>
  static void convert(context& c, X x, Y y) {
    if constexpr (moves_grid<X, Y>) kernels::relayout<typename X::layout, typename Y::layout, grid_shape<X, Y>>(static_cast<const S*>(x.data), y.data, y.batch);
    else base::convert(c, x, y);
  }
  template <class Y>
  static void zero_padding(context& c, Y y) {
    if constexpr (whole_blocks<Y> && full<Y>) {
      kernels::fill_rim<typename Y::layout, false>(y.data, Y::layout::groups(y.batch));
      kernels::zero_tail<typename Y::layout>(y.data, y.batch);
    } else base::zero_padding(c, y);
  }
  template <class F, class X, class Y>
  static void map(context& c, F f, X x, Y y) {
    if constexpr (blocks<X, Y>) {
      if constexpr (F::keeps_zero || full<Y>) {
        kernels::for_lines<L, typename X::layout, typename Y::layout>(
            y.batch, kernels::no_constants{}, [f](auto, index_t width, const S* from, S* to) { for (index_t i = 0; i < width * L; i += L) kernels::store(to + i, f(kernels::load(from + i))); }, static_cast<const S*>(x.data), y.data);
        if constexpr (!F::keeps_zero) kernels::zero_tail<typename Y::layout>(y.data, y.batch);
        return;
      }
    }
    base::map(c, f, x, y);
  }
  template <class F, class Y, class DY, class DX>
  static void map_adjoint(context& c, F f, Y y, DY dy, DX dx) {
    if constexpr (blocks<Y, DY, DX>)
      kernels::for_lines<L, typename Y::layout, typename DY::layout, typename DX::layout>(
          y.batch, kernels::no_constants{}, [f](auto, index_t width, const S* value, const S* from, S* to) { for (index_t i = 0; i < width * L; i += L) kernels::store(to + i, slope_of(f, kernels::load(value + i)) * kernels::load(from + i)); },
          static_cast<const S*>(y.data), static_cast<const S*>(dy.data), dx.data);
    else base::map_adjoint(c, f, y, dy, dx);
  }
  template <class X, class Y>
  static void add(context& c, X x, Y y) {
    if constexpr (blocks<X, Y>)
      kernels::for_lines<L, typename X::layout, typename Y::layout>(
          y.batch, kernels::no_constants{}, [](auto, index_t width, const S* from, S* to) { for (index_t i = 0; i < width * L; ++i) to[i] += from[i]; }, static_cast<const S*>(x.data), y.data);
    else base::add(c, x, y);
  }
  template <class V, class Y>
  static void add_channel(context& c, V v, Y y) {
    if constexpr (blocks<Y> && by_channel<V, Y>) {
      kernels::for_lines<L, typename Y::layout>(
          y.batch, [v](index_t b) { return channel<Y>(v, b); },
          [](kernels::vec<S> bias, index_t width, S* to) { for (index_t i = 0; i < width; ++i) kernels::store(to + i * L, kernels::load(to + i * L) + bias); }, y.data);
      kernels::zero_tail<typename Y::layout>(y.data, y.batch);
    } else base::add_channel(c, v, y);
  }
  template <class DY, class DV>
  static void sum_channel(context& c, DY dy, DV dv) {
    if constexpr (blocks<DY> && by_channel<DV, DY>)
      kernels::sum_blocks<1, typename DY::layout>(
          dy.batch, parts<1, DY>(c, dy.batch), kernels::no_constants{}, [](auto, const S* d, const S*, kernels::vec<S>* sum) { sum[0] += kernels::load(d); }, added_to<DY>(dv),
          static_cast<const S*>(dy.data), static_cast<const S*>(dy.data));
    else base::sum_channel(c, dy, dv);
  }
  // d *= slope of f at y, and dv += the sums of d over each channel, in one pass.
  template <class F, class Y, class D, class DV>
    requires(blocks<Y, D> && by_channel<DV, D>)
  static void map_adjoint_and_sum(context& c, F f, Y y, D d, DV dv) {
    kernels::sum_blocks<1, typename Y::layout, typename D::layout>(
        d.batch, parts<1, D>(c, d.batch), kernels::no_constants{},
        [f](auto, const S* value, S* slot, kernels::vec<S>* sum) {
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
    kernels::block_moments<typename X::layout>(x.batch, parts<2, X>(c, x.batch), static_cast<const S*>(x.data), [&](index_t b, const auto& all) {
      const S count = S(x.elements() / X::shape.dim[0]);
      if constexpr (by_sample<X>) mean.data[b] = all.mean, variance.data[b] = all.squares / count;
      else {
        kernels::store_channels<false>(mean.data, b, X::shape.dim[0], all.mean);
        kernels::store_channels<false>(variance.data, b, X::shape.dim[0], all.squares / kernels::broadcast(count));
      }
    });
  }
  template <class F, class X, class V, class Y>
    requires(blocks<X, Y> && by_channel<V, X> && (F::keeps_zero || full<Y>))
  static void normalise(context&, F f, X x, V mean, V scale, V shift, Y y) {
    kernels::for_lines<L, typename X::layout, typename Y::layout>(
        y.batch, norm_constants<X>(mean, scale, shift),
        [f](const auto& of, index_t width, const S* from, S* to) { for (index_t i = 0; i < width; ++i) kernels::store(to + i * L, f((kernels::load(from + i * L) - of.mean) * of.scale + of.shift)); },
        static_cast<const S*>(x.data), y.data);
    kernels::zero_tail<typename Y::layout>(y.data, y.batch);
  }
  template <class F, class X, class DY, class V>
    requires(blocks<X, DY> && by_channel<V, X>)
  static void normalise_sums(context& c, F f, X x, DY dy, V mean, V scale, V shift, V sum, V sum_x) {
    constexpr index_t channels = X::shape.dim[0];
    kernels::sum_blocks<2, typename X::layout, typename DY::layout>(
        x.batch, parts<2, X>(c, x.batch), norm_constants<X>(mean, scale, shift),
        [f](const auto& of, const S* v, const S* at, kernels::vec<S>* s) {
          const auto apart = kernels::load(v) - of.mean, d = before(f, apart, of, kernels::load(at));
          s[0] += d;
          s[1] += d * apart;
        },
        [&](index_t b, kernels::vec<S>* s) {
          kernels::store_channels<by_sample<X>>(sum.data, b, channels, s[0]);
          kernels::store_channels<by_sample<X>>(sum_x.data, b, channels, s[1]);
        },
        static_cast<const S*>(x.data), static_cast<const S*>(dy.data));
  }
  template <class F, class X, class DY, class V, class DX>
    requires(blocks<X, DY, DX> && by_channel<V, X>)
  static void normalise_adjoint(context&, F f, X x, DY dy, V mean, V scale, V shift, V of_dy, V of_x, V constant, DX dx) {
    kernels::for_lines<L, typename X::layout, typename DY::layout, typename DX::layout>(
        dx.batch,
        [=](index_t b) {
          struct {
            decltype(norm_constants<X>(mean, scale, shift)(b)) norm;
            kernels::vec<S> dy, x, constant;
          } of{norm_constants<X>(mean, scale, shift)(b), channel<X>(of_dy, b), channel<X>(of_x, b), channel<X>(constant, b)};
          return of;
        },
        [f](const auto& of, index_t width, const S* value, const S* from, S* to) {
          for (index_t i = 0; i < width; ++i) {
            const auto apart = kernels::load(value + i * L) - of.norm.mean;
            kernels::store(to + i * L, of.dy * before(f, apart, of.norm, kernels::load(from + i * L)) + of.x * apart + of.constant);
          }
        },
        static_cast<const S*>(x.data), static_cast<const S*>(dy.data), dx.data);
    kernels::zero_tail<typename DX::layout>(dx.data, dx.batch);
  }

  // ---- dropout
  template <class X, class Y>
    requires(blocks<X, Y> || rows<X, Y>)
  static void dropout(context&, const dropping& d, X x, Y y) {
    if constexpr (blocks<X, Y>) kernels::drop_blocks<typename X::layout, typename Y::layout>(d, static_cast<const S*>(x.data), y.data, y.batch);
    else kernels::drop_rows(d, static_cast<const S*>(x.data), X::layout::begin(1), y.data, Y::layout::begin(1), y.batch, Y::sample_size);
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
  // Vectors that are all there is in their storage.
  template <class V>
  static constexpr bool whole_blocks = blocks<V> && V::layout::whole;

private:
  // What block b of X multiplies by, of one number a channel; dy before the function f of a norm, whose input was (x - mean) scale + shift.
  template <class X, class V>
  [[gnu::always_inline]] static kernels::vec<S> channel(V v, index_t b) {
    return kernels::load_channels<by_sample<X>>(static_cast<const S*>(v.data), b, X::shape.dim[0]);
  }
  struct norm_of_block {
    kernels::vec<S> mean, scale, shift;
  };
  template <class X, class V>
  static auto norm_constants(V mean, V scale, V shift) {
    return [=](index_t b) { return norm_of_block{channel<X>(mean, b), channel<X>(scale, b), channel<X>(shift, b)}; };
  }
  template <class F>
  [[gnu::always_inline]] static kernels::vec<S> before(F f, kernels::vec<S> apart, const norm_of_block& of, kernels::vec<S> dy) {
    if constexpr (std::same_as<F, identity_function>) return dy;
    else if constexpr (SlopeAtInput<F>) return f.slope_at_input(apart * of.scale + of.shift) * dy;
    else return f.slope_at_output(f(apart * of.scale + of.shift)) * dy;
  }
  // Memory for sum_blocks; what makes of its sums additions to one number a channel.
  template <int Count, class X>
  static S* parts(context& c, index_t batch) {
    using form = kernels::block_form<typename X::layout, L>;
    return c.template scratch<S>(form::samples(batch) * form::blocks * Count * L);
  }
  template <class D, class DV>
  static auto added_to(DV dv) {
    return [p = dv.data](index_t b, kernels::vec<S>* sum) { kernels::add_channels<by_sample<D>>(p, b, D::shape.dim[0], sum[0]); };
  }
};

}
