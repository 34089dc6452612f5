// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/host_convolution.hpp>
#include <cosmoml/backend/portable.hpp>
#include <cosmoml/core/pooling.hpp>
#include <cosmoml/core/wavelet_sizes.hpp>
#include <cosmoml/kernels/chosen.hpp>
#include <cosmoml/kernels/pool.hpp>
#include <cosmoml/kernels/product.hpp>
#include <cosmoml/kernels/turned.hpp>
#include <cosmoml/kernels/wavelet.hpp>

#include <cstring>

namespace cosmoml::inline COSMOML_ABI::backend {

namespace host_layouts {
// Convolutions want vectors with a rim: of channels, or, where there are many samples and all channels around are few, of samples. Flat
// samples stay rows, and so do maps with so few channels that most of a vector would be padding: images as they come in.
enum class form { rows, first_inner, blocks, batch };
template <class Shape, int Lanes>
constexpr form form_of(edge_request r) {
  if (Shape::value.rank < 2) return form::rows;
  if (r.convolved && r.batched && Shape::value.rank <= 4 && Shape::value[0] < 2 * Lanes && r.widest < 2 * Lanes) return form::batch;
  if (r.convolved && Shape::value.rank <= 4 && 2 * Shape::value[0] >= Lanes) return form::blocks;
  return r.first_axis_inner ? form::first_inner : form::rows;
}
template <class Shape, int Lanes, form Form, int Halo>
struct of_edge {
  using type = padded<Shape, Lanes>;
};
template <class Shape, int Lanes, int Halo>
struct of_edge<Shape, Lanes, form::first_inner, Halo> {
  using type = first_axis_inner<Shape, Lanes>;
};
template <class Shape, int Lanes, int Halo>
struct of_edge<Shape, Lanes, form::blocks, Halo> {
  using type = blocked<Shape, Lanes, Halo>;
};
template <class Shape, int Lanes, int Halo>
struct of_edge<Shape, Lanes, form::batch, Halo> {
  using type = batch_in_vector<Shape, Lanes, Halo>;
};

template <role R, class Shape, int Lanes>
struct of_parameter {
  using type = canonical<Shape>;
};
template <class Shape, int Lanes>
struct of_parameter<role::vector, Shape, Lanes> {
  using type = padded<Shape, Lanes>;
};
template <class Shape, int Lanes>
struct of_parameter<role::matrix, Shape, Lanes> {
  using type = input_major<Shape, Lanes>;
};
template <class Shape, int Lanes>
struct of_parameter<role::filter, Shape, Lanes> {
  using type = blocked_filter<Shape, Lanes, kernels::most_vectors>;
};
}

// What backends on a CPU share: the layouts that the kernels like, products, pooling and wavelets by kernels/, and everything else as
// sweeps of the executor, over whole buffers where layouts allow. Rows of activations are padded to whole vectors, matrices are stored
// input-major; what is asked to run along its first axis does, what a convolution touches lies in blocks of channels. The executor's buffers lie in host memory.
template <class S, class Executor>
struct host : host_convolution<S, Executor> {
  using base = host_convolution<S, Executor>;
  using context = typename Executor::context;
  static constexpr int L = kernels::lanes<S>;   // scalars in a vector
  static constexpr index_t alignment = 64 / int(sizeof(S));

  template <class Shape, int Request>
  using layout = typename host_layouts::of_edge<Shape, L, host_layouts::form_of<Shape, L>(edge_request::of(Request)), edge_request::of(Request).halo>::type;
  template <role R, class Shape>
  using parameter_layout = typename host_layouts::of_parameter<R, Shape, L>::type;

  // Each sample one run of memory?
  template <class V>
  static constexpr bool runs = V::contiguous;

  // ---- pieces of a batch (plan/tiles.hpp)
  static constexpr index_t cache_bytes = 2 << 20;   // the second cache, and a core's share of the third
  static index_t most_at_once() { return kernels::most_threads(); }
  template <class F>
  static void at_once(index_t n, index_t threads, F f) {
    kernels::share_each(n, threads, f);
  }

  // ---- products
  template <class M>
  static constexpr bool vector_rows = M::column_stride == 1 && M::columns_static != dynamic;
  template <class M>
  static constexpr bool whole_vectors = vector_rows<M> && M::slack >= round_up(M::columns_static, L) - M::columns_static;

  // C = A B or C += A B, brought to the kernel's form by transposing views, and B itself where it must be.
  template <bool Add = false, class A, class M, class C>
  static void matmul(context& c, A a, M b, C out) {
    if constexpr (vector_rows<C>) multiply<whole_vectors<C>>(c, a, b, out.rows(), kernels::write<Add, S>{out.data, C::row_stride});
    else if constexpr (vector_rows<decltype(transpose(out))>)
      multiply<whole_vectors<decltype(transpose(out))>>(c, transpose(b), transpose(a), out.columns(),
                                                        kernels::write<Add, S>{out.data, C::column_stride});
    else base::template matmul<Add>(c, a, b, out);
  }
  // C = f(A B + bias) in one pass
  template <class A, class M, class V, class C, class F>
    requires vector_rows<C>
  static void affine(context& c, A a, M b, V bias, C out, F f) {
    multiply<whole_vectors<C> && F::keeps_zero>(c, a, b, out.rows(), kernels::bias_then<S, F>{bias.data, out.data, C::row_stride, f});
  }

  // ---- one output a sample, from a copy of the weights whose rows run along the inputs
  template <class X, class W, class V, class Y>
    requires(runs<X> && vector_rows<decltype(transpose(std::declval<W>().as_matrix()))>)
  static void chosen_outputs(context& c, X x, W weight, V bias, const int* which, Y y) {
    constexpr index_t inputs = X::sample_size, lead = round_up(inputs, L);
    const S* rows = output_major(weight, c.template scratch<S>(W::shape.dim[0] * lead));
    for (index_t n = 0; n < x.batch; ++n) y(n, 0) = bias(0, which[n]) + kernels::dot(static_cast<const S*>(&x(n, 0)), rows + which[n] * lead, inputs);
  }
  template <class X, class W, class DY, class DX, class DW, class DV>
    requires(runs<X> && vector_rows<decltype(transpose(std::declval<W>().as_matrix()))> && (!Wanted<DX> || runs<DX>))
  static void chosen_outputs_adjoint(context& c, X x, W weight, const int* which, DY dy, DX dx, DW d_weight, DV d_bias) {
    constexpr index_t outputs = W::shape.dim[0], inputs = X::sample_size, lead = round_up(inputs, L), row = round_up(outputs, L);
    S *rows = c.template scratch<S>(2 * outputs * lead + inputs * row), *sums = rows + outputs * lead, *back = sums + outputs * lead;
    if constexpr (Wanted<DX>) output_major(weight, rows);
    for (index_t i = 0; i < outputs * lead; ++i) sums[i] = 0;
    for (index_t n = 0; n < x.batch; ++n) {
      const index_t o = which[n];
      const S d = dy(n, 0);
      d_bias(0, o) += d;
      kernels::add_scaled(d, static_cast<const S*>(&x(n, 0)), sums + o * lead, inputs);
      if constexpr (Wanted<DX>) {
        S* to = &dx(n, 0);
        const S* from = rows + o * lead;
        for (index_t k = 0; k < inputs; ++k) to[k] = d * from[k];
      }
    }
    const auto to = transpose(d_weight.as_matrix());
    kernels::turned(static_cast<const S*>(sums), index_t(1), lead, inputs, outputs, back, row);
    for (index_t k = 0; k < inputs; ++k) kernels::add_scaled(S(1), back + k * row, &to(k, 0), outputs);
  }

  // ---- sweeps over whole buffers, padding included, where layouts agree; zero stays zero, or padding is zeroed again
  using vec = kernels::vec<S>;
  // Padding, if any, is the end of each row.
  template <class Y>
  static constexpr bool padding_known = Y::layout::whole && (Y::layout::size(1) == Y::sample_size || requires { Y::layout::row; });
  template <class X, class Y>
  static constexpr bool alike = base::template alike<X, Y>;

  template <class F, class X, class Y>
  static void map(context& c, F f, X x, Y y) {
    if constexpr (alike<X, Y> && (F::keeps_zero || padding_known<Y>)) {
      lane_by_lane(c, y.storage(), y.data, [f](vec v) { return f(v); }, x.data);
      if constexpr (!F::keeps_zero) zero_padding(c, y);
    } else base::map(c, f, x, y);
  }
  template <class F, class Y, class DY, class DX>
  static void map_adjoint(context& c, F f, Y y, DY dy, DX dx) {
    if constexpr (alike<Y, DY> && alike<Y, DX>) lane_by_lane(c, y.storage(), dx.data, [f](vec at, vec d) { return slope_of(f, at) * d; }, y.data, dy.data);
    else base::map_adjoint(c, f, y, dy, dx);
  }

  // ---- between layouts of constant steps, two loops instead of offset()
  template <class X, class Y>
  static void add(context& c, X x, Y y) {
    if constexpr (!alike<X, Y> && strided<X, Y>) two_loops<X, Y>(x, y, [](S& to, S from) { to += from; });
    else base::add(c, x, y);
  }
  template <class Y>
  static void assign(context& c, Y y, S value) {
    if constexpr (strided<Y, Y>) two_loops<Y, Y>(y, y, [value](S& to, S) { to = value; });
    else base::assign(c, y, value);
  }
  template <class Y>
  static void zero_padding(context& c, Y y) {
    if constexpr (requires { Y::layout::row; } && Y::layout::whole) {
      constexpr index_t row = Y::layout::row, used = row - padding_of<typename Y::layout>;
      if constexpr (used < row)
        for (index_t at = used, n = y.storage(); at < n; at += row)
          for (index_t i = 0; i < row - used; ++i) y.data[at + i] = S(0);
    } else base::zero_padding(c, y);
  }
  template <class X, class Y>
  static void convert(context& c, X x, Y y) {
    if constexpr (!alike<X, Y> && strided<X, Y>) two_loops<X, Y>(x, y, [](S& to, S from) { to = from; });
    else base::convert(c, x, y);
  }
  template <class X, class Y>
  static void gather(context& c, X from, const int* rows, Y to) {
    if constexpr (runs<X> && runs<Y>)
      kernels::share(to.batch, 1, to.elements() > worth, [&](index_t first, index_t last, int) {
        for (index_t n = first; n < last; ++n) std::memcpy(&to(n, 0), &from(rows[n], 0), std::size_t(Y::sample_size) * sizeof(S));
      });
    else base::gather(c, from, rows, to);
  }
  template <class V, class Y>
  static void add_channel(context& c, V v, Y y) {
    if constexpr (Y::shape.rank == 1 && Y::layout::line(0, 1, Y::sample_size) == 1)
      for (index_t n = 0; n < y.batch; ++n) {
        S* row = &y(n, 0);
        for (index_t e = 0; e < Y::sample_size; ++e) row[e] += v.data[e];
      }
    else base::add_channel(c, v, y);
  }
  template <class DY, class DV>
  static void sum_channel(context& c, DY dy, DV dv) {
    if constexpr (DY::shape.rank == 1 && DY::layout::line(0, 1, DY::sample_size) == 1) {
      S* sum = c.template scratch<S>(DY::sample_size);
      for (index_t e = 0; e < DY::sample_size; ++e) sum[e] = 0;
      kernels::share(DY::sample_size, 64 / index_t(sizeof(S)), dy.elements() > worth, [&](index_t first, index_t last, int) {
        for (index_t n = 0; n < dy.batch; ++n) {
          const S* row = &dy(n, 0);
          for (index_t e = first; e < last; ++e) sum[e] += row[e];
        }
        for (index_t e = first; e < last; ++e) dv.data[e] += sum[e];
      });
    } else base::sum_channel(c, dy, dv);
  }

  // ---- pooling along runs of the first axis
  using base::pool;
  using base::pool_adjoint;
  template <class V>
  static constexpr bool first_inner = requires { V::layout::first; } && V::layout::whole;

  template <pooling P, class Window, leftover R, class X, class Y>
    requires(first_inner<X> && first_inner<Y> && R == leftover::drop)
  static void pool(context& c, X x, Y y) {
    using windows = kernels::plane_windows<Window, typename X::layout, typename Y::layout>;
    S* work = c.template scratch<S>(kernels::most_threads() * X::layout::row);
    kernels::share(x.batch, 1, x.elements() > worth, [&](index_t first, index_t last, int thread) {
      S* own = work + thread * X::layout::row;
      for (int plane = 0; plane < windows::planes_out; ++plane) {
        index_t at[windows::most];
        windows::list(plane, at);
        for (index_t n = first; n < last; ++n)
          kernels::pool_run<P, Window::value[0], windows::most, X::layout::first>(x.data + X::layout::begin(n), at, own,
                                                                               y.data + Y::layout::begin(n) + plane * Y::layout::row);
      }
    });
  }
  template <pooling P, class Window, leftover R, class X, class Y, class DY, class DX>
    requires(first_inner<X> && first_inner<Y> && std::same_as<typename Y::layout, typename DY::layout> &&
             std::same_as<typename X::layout, typename DX::layout> && R == leftover::drop)
  static void pool_adjoint(context& c, X x, Y y, DY dy, DX dx) {
    using windows = kernels::plane_windows<Window, typename X::layout, typename Y::layout>;
    S* work = c.template scratch<S>(kernels::most_threads() * 3 * X::layout::row);
    kernels::share(x.batch, 1, x.elements() > worth, [&](index_t first, index_t last, int thread) {
      S* own = work + thread * 3 * X::layout::row;
      for (int plane = 0; plane < windows::planes_out; ++plane) {
        index_t at[windows::most];
        windows::list(plane, at);
        for (index_t n = first; n < last; ++n) {
          const index_t to = Y::layout::begin(n) + plane * Y::layout::row;
          kernels::pool_run_adjoint<P, Window::value[0], windows::most, X::layout::first>(x.data + X::layout::begin(n), at, y.data + to, dy.data + to, own,
                                                                                       dx.data + X::layout::begin(n));
        }
      }
      for (index_t n = first; n < last; ++n) windows::zero_rest(dx.data + X::layout::begin(n));
    });
  }

  // ---- wavelets, one array after the other so that its levels stay in the cache, or the threads together at one array
  template <class X, class Y, int Taps>
    requires(runs<X> && runs<Y>)
  static void wavelet_analysis(context& c, const wavelet_sizes& z, extension mode, const filter_pair<S, Taps>& f, index_t planes, X x, Y y) {
    kernels::wavelet_memory<S> memory(z, Taps);
    memory.all = c.template scratch<S>(memory.size());
    const int shift = filter_shift(Taps, mode);
    const index_t arrays = x.batch * planes;
    auto level = [&](const S* from, S* next, S* out, int l, int first, int last, S* work) {
      auto band = [&](int b) { return b || l == z.levels ? out + memory.begin[l][b] : next; };
      if (z.axes == 1) kernels::analyse_level<0, 1>(from, z.extent[l - 1], z.extent[l], f, shift, mode, first, last, 0, 0, work, band);
      else if (z.axes == 2) kernels::analyse_level<0, 2>(from, z.extent[l - 1], z.extent[l], f, shift, mode, first, last, 0, 0, work, band);
      else kernels::analyse_level<0, 3>(from, z.extent[l - 1], z.extent[l], f, shift, mode, first, last, 0, 0, work, band);
    };
    auto from = [&](index_t i) { return static_cast<const S*>(&x(i / planes, i % planes * z.band_size(0))); };
    auto out = [&](index_t i) { return &y(i / planes, i % planes * z.size()); };
    const bool together = arrays < kernels::most_threads();
    const index_t grain = z.axes == 1 ? kernels::wavelet_block : 1;
    if (together)
      for (index_t i = 0; i < arrays; ++i)
        for (int l = 1; l <= z.levels; ++l)
          kernels::share(z.extent[l][0], grain, z.band_size(l - 1) > worth, [&](index_t first, index_t last, int thread) {
            level(l == 1 ? from(i) : memory.approximation(0, l - 1), memory.approximation(0, l), out(i), l, int(first), int(last), memory.work(thread));
          });
    else
      kernels::share(arrays, 1, x.elements() > worth, [&](index_t begin, index_t end, int t) {
        for (index_t i = begin; i < end; ++i)
          for (int l = 1; l <= z.levels; ++l)
            level(l == 1 ? from(i) : memory.approximation(t, l - 1), memory.approximation(t, l), out(i), l, 0, z.extent[l][0], memory.work(t));
      });
  }
  template <bool Fold, class DY, class DX, int Taps>
    requires(runs<DY> && runs<DX>)
  static void wavelet_synthesis(context& c, const wavelet_sizes& z, extension mode, const filter_pair<S, Taps>& f, index_t planes, DY dy, DX dx) {
    kernels::wavelet_memory<S> memory(z, Taps);
    memory.all = c.template scratch<S>(memory.size());
    const int shift = filter_shift(Taps, mode);
    kernels::share(dx.batch * planes, 1, dx.elements() > worth, [&](index_t first, index_t last, int t) {
      for (index_t i = first; i < last; ++i) {
        const S* in = &dy(i / planes, i % planes * z.size());
        for (int l = z.levels; l >= 1; --l) {
          S* to = l == 1 ? &dx(i / planes, i % planes * z.band_size(0)) : memory.approximation(t, l - 1);
          auto band = [&](int b) { return b || l == z.levels ? in + memory.begin[l][b] : static_cast<const S*>(memory.approximation(t, l)); };
          if (z.axes == 1) kernels::synthesise_level<Fold, 0, 1>(to, z.extent[l - 1], z.extent[l], f, shift, mode, 0, 0, memory.work(t), band);
          else if (z.axes == 2) kernels::synthesise_level<Fold, 0, 2>(to, z.extent[l - 1], z.extent[l], f, shift, mode, 0, 0, memory.work(t), band);
          else kernels::synthesise_level<Fold, 0, 3>(to, z.extent[l - 1], z.extent[l], f, shift, mode, 0, 0, memory.work(t), band);
        }
      }
    });
  }

private:
  // Elements from which on a second thread pays.
  static constexpr index_t worth = kernels::sweep_worth;

  // to[i] = f(from[i]...) on whole vectors; the last may be partial.
  template <class F, class... From>
  static void lane_by_lane(context& c, index_t n, S* to, F f, const From*... from) {
    Executor::for_each(c, n / L, [=](index_t i) { kernels::store(to + i * L, f(kernels::load(from + i * L)...)); });
    const index_t whole = n / L * L;
    if (whole < n) kernels::store_first(to + whole, f(kernels::load_first(from + whole, int(n - whole))...), int(n - whole));
  }

  template <class W>
  static const S* output_major(W weight, S* to) {
    using M = decltype(weight.as_matrix());
    kernels::turned(static_cast<const S*>(weight.data), M::row_stride, M::column_stride, W::shape.dim[0], W::shape.dim[1], to, round_up(W::shape.dim[1], L));
    return to;
  }
  // Elements of padding at the end of each row of a layout that is made of rows.
  template <class Rows>
  static constexpr index_t padding_of = Rows::row - [] {
    if constexpr (requires { Rows::first; }) return Rows::first;
    else return Rows::count;
  }();

  // Element c * Inner + r of a sample lies at c * outer + r * inner behind element 0?
  template <class V, index_t Inner>
  struct strides {
    using L = typename V::layout;
    static constexpr index_t count = V::sample_size / Inner, last = V::sample_size - 1;
    static constexpr index_t outer = L::line(0, Inner, count), inner = L::line(0, 1, Inner);
    static constexpr bool known = V::sample_size % Inner == 0 && outer > 0 && inner > 0 && L::line(Inner - 1, Inner, count) == outer &&
                                  L::line(last + 1 - Inner, 1, Inner) == inner && L::offset(0, last) - L::offset(0, 0) == (count - 1) * outer + (Inner - 1) * inner;
  };
  // Split by the steps of the first axis of whichever view has several axes.
  template <class X, class Y>
  static constexpr index_t split = X::shape.rank > 1 ? X::shape.stride(0) : Y::shape.rank > 1 ? Y::shape.stride(0) : 1;
  template <class X, class Y>
  static constexpr bool strided = X::sample_size == Y::sample_size && strides<X, split<X, Y>>::known && strides<Y, split<X, Y>>::known;

  template <class X, class Y, class F>
  static void two_loops(X x, Y y, F f) {
    constexpr index_t inner = split<X, Y>;
    using sx = strides<X, inner>;
    using sy = strides<Y, inner>;
    kernels::share(y.batch, 1, y.elements() > worth, [&](index_t first, index_t last, int) {
      for (index_t n = first; n < last; ++n) {
        const S* from = &x(n, 0);
        S* to = &y(n, 0);
        if constexpr (sy::outer <= sy::inner)
          for (index_t r = 0; r < inner; ++r)
            for (index_t i = 0; i < sy::count; ++i) f(to[i * sy::outer + r * sy::inner], from[i * sx::outer + r * sx::inner]);
        else
          for (index_t i = 0; i < sy::count; ++i)
            for (index_t r = 0; r < inner; ++r) f(to[i * sy::outer + r * sy::inner], from[i * sx::outer + r * sx::inner]);
      }
    });
  }

  template <bool WholeC, class A, class M, class Epilogue>
  static void multiply(context& c, A a, M b, index_t rows, const Epilogue& e) {
    constexpr index_t columns = M::columns_static;
    constexpr int vectors = int(round_up(columns, L) / L);
    constexpr bool odd = columns % L == 1 && vectors > 8;
    if constexpr (vector_rows<M>) {
      constexpr bool tail = columns % L != 0 && !(WholeC && whole_vectors<M>);
      kernels::product<vectors, A::row_stride, tail, odd && !tail>(
          kernels::operands<S>{a.data, A::row_stride, A::column_stride, b.data, M::row_stride, a.columns(), int(columns % L)}, rows, e);
    } else {
      constexpr index_t lead = round_up(columns, L);
      S* copy = c.template scratch<S>(b.rows() * lead);
      kernels::turned(b.data, M::row_stride, M::column_stride, b.rows(), columns, copy, lead);
      constexpr bool tail = columns % L != 0 && !WholeC;
      kernels::product<vectors, A::row_stride, tail, odd && !tail>(
          kernels::operands<S>{a.data, A::row_stride, A::column_stride, copy, lead, a.columns(), int(columns % L)}, rows, e);
    }
  }
};

}
