// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// The functors behind `portable`. All of them reach elements through offset(), so they are right for any layout.
namespace portable_functors {

template <class F, class X, class Y>
struct map {
  F f;
  X x;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = X::sample_size;
    const index_t n = i / size, e = i % size;
    y(n, e) = f(x(n, e));
  }
};
template <class F, class Y, class DY, class DX>
struct map_adjoint {
  F f;
  Y y;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = Y::sample_size;
    const index_t n = i / size, e = i % size;
    dx(n, e) = slope_of(f, y(n, e)) * dy(n, e);
  }
};
template <class X, class Y>
struct convert {
  X x;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = X::sample_size;
    const index_t n = i / size, e = i % size;
    y(n, e) = x(n, e);
  }
};
template <class Y>
struct assign {
  Y y;
  typename Y::scalar value;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = Y::sample_size;
    y(i / size, i % size) = value;
  }
};
template <class X, class Y>
struct add {
  X x;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = X::sample_size;
    const index_t n = i / size, e = i % size;
    y(n, e) += x(n, e);
  }
};
template <class S>
struct axpby {
  S a;
  const S* x;
  S b;
  S* y;
  COSMOML_HD void operator()(index_t i) const { y[i] = a * x[i] + b * y[i]; }
};
template <class S>
struct times {
  const S* x;
  const S* y;
  COSMOML_HD double operator()(index_t i) const { return double(x[i]) * double(y[i]); }
};
template <bool Add, class A, class B, class C>
struct matmul {
  A a;
  B b;
  C c;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename C::scalar;
    const index_t row = i / c.columns(), column = i % c.columns(), depth = a.columns();
    S sum = Add ? c(row, column) : S(0);
    for (index_t k = 0; k < depth; ++k) sum += a(row, k) * b(k, column);
    c(row, column) = sum;
  }
};
// Channels are axis 0 of the sample.
template <class V, class Y>
struct add_channel {
  V v;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = Y::sample_size, inner = Y::sample_size / V::sample_size;
    const index_t n = i / size, e = i % size;
    y(n, e) += v(0, e / inner);
  }
};
template <class DY, class DV>
struct sum_channel {
  DY dy;
  DV dv;
  COSMOML_HD void operator()(index_t c) const {
    constexpr index_t inner = DY::sample_size / DV::sample_size;
    typename DY::scalar s = 0;
    for (index_t n = 0; n < dy.batch; ++n)
      for (index_t e = 0; e < inner; ++e) s += dy(n, c * inner + e);
    dv(0, c) += s;
  }
};
template <class X, class Y>
struct gather {
  X from;
  const int* rows;
  Y to;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = Y::sample_size;
    const index_t n = i / size, e = i % size;
    to(n, e) = from(rows[n], e);
  }
};
template <class S>
struct uniform {
  S* p;
  key k;
  S from, to;
  COSMOML_HD void operator()(index_t i) const { p[i] = from + (to - from) * k.uniform<S>(std::uint64_t(i)); }
};
template <class S>
struct normal {
  S* p;
  key k;
  S mean, deviation;
  COSMOML_HD void operator()(index_t i) const { p[i] = mean + deviation * k.normal<S>(std::uint64_t(i)); }
};

// Of whole buffers.
template <class F, class S>
struct flat_map {
  F f;
  const S* x;
  S* y;
  COSMOML_HD void operator()(index_t i) const { y[i] = f(x[i]); }
};
template <class F, class S>
struct flat_adjoint {
  F f;
  const S *y, *dy;
  S* dx;
  COSMOML_HD void operator()(index_t i) const { dx[i] = slope_of(f, y[i]) * dy[i]; }
};
template <class S>
struct flat_add {
  const S* x;
  S* y;
  COSMOML_HD void operator()(index_t i) const { y[i] += x[i]; }
};

}

// Every primitive in terms of an executor's for_each and sum_of. A new backend gives an executor (buffer, context, for_each, sum_of,
// fill, copy, to_host, from_host), inherits the rest, and overrides what it does better. A backend never calls its own primitives:
// composition lives above, through B::, so that an override is always obeyed.
template <class S, class Executor>
struct portable : Executor {
  using scalar = S;
  using executor = Executor;
  using context = typename Executor::context;
  static constexpr index_t alignment = 1;

  template <class Shape, int Request>
  using layout = canonical<Shape>;
  template <role R, class Shape>
  using parameter_layout = canonical<Shape>;

  // y = f(x)
  template <class F, class X, class Y>
  static void map(context& c, F f, X x, Y y) {
    Executor::for_each(c, y.elements(), portable_functors::map<F, X, Y>{f, x, y});
  }
  // dx = f'(x) dy, the slope read off y = f(x), or off x where f wants it: then y here is x
  template <class F, class Y, class DY, class DX>
  static void map_adjoint(context& c, F f, Y y, DY dy, DX dx) {
    Executor::for_each(c, y.elements(), portable_functors::map_adjoint<F, Y, DY, DX>{f, y, dy, dx});
  }
  // y = x, from one layout or shape to another of the same size, in canonical order
  template <class X, class Y>
  static void convert(context& c, X x, Y y) {
    static_assert(X::sample_size == Y::sample_size, "cosmoml: convert keeps the number of elements");
    Executor::for_each(c, y.elements(), portable_functors::convert<X, Y>{x, y});
  }
  // y = value, padding untouched
  template <class Y>
  static void assign(context& c, Y y, S value) {
    Executor::for_each(c, y.elements(), portable_functors::assign<Y>{y, value});
  }
  // All that storage holds beside elements becomes zero; elements may be lost with it.
  template <class Y>
  static void zero_padding(context& c, Y y) {
    if constexpr (Y::layout::whole)
      if (y.storage() != y.elements()) Executor::fill(c, y.data, y.storage(), S(0));
  }
  // y += x
  template <class X, class Y>
  static void add(context& c, X x, Y y) {
    Executor::for_each(c, y.elements(), portable_functors::add<X, Y>{x, y});
  }
  // y = a x + b y
  static void axpby(context& c, S a, const S* x, S b, S* y, index_t n) {
    Executor::for_each(c, n, portable_functors::axpby<S>{a, x, b, y});
  }
  static double dot(context& c, const S* x, const S* y, index_t n) { return Executor::sum_of(c, n, portable_functors::times<S>{x, y}); }

  template <bool Add = false, class A, class B, class C>
  static void matmul(context& c, A a, B b, C out) {
    Executor::for_each(c, out.rows() * out.columns(), portable_functors::matmul<Add, A, B, C>{a, b, out});
  }
  template <class V, class Y>
  static void add_channel(context& c, V v, Y y) {
    Executor::for_each(c, y.elements(), portable_functors::add_channel<V, Y>{v, y});
  }
  template <class DY, class DV>
  static void sum_channel(context& c, DY dy, DV dv) {
    Executor::for_each(c, DV::sample_size, portable_functors::sum_channel<DY, DV>{dy, dv});
  }
  template <class X, class Y>
  static void gather(context& c, X from, const int* rows, Y to) {
    Executor::for_each(c, to.elements(), portable_functors::gather<X, Y>{from, rows, to});
  }
  static void random_uniform(context& c, S* p, index_t n, key k, S from, S to) {
    Executor::for_each(c, n, portable_functors::uniform<S>{p, k, from, to});
  }
  static void random_normal(context& c, S* p, index_t n, key k, S mean, S deviation) {
    Executor::for_each(c, n, portable_functors::normal<S>{p, k, mean, deviation});
  }
};

}
