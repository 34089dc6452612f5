// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/portable.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// `portable` that passes over whole buffers, padding included, where layouts are the same and zero stays zero: no offset() an element.
template <class S, class Executor>
struct sweeping : portable<S, Executor> {
  using base = portable<S, Executor>;
  using context = typename Executor::context;
  template <class X, class Y>
  static constexpr bool alike = std::same_as<typename X::layout, typename Y::layout> && X::layout::whole;

  template <class F, class X, class Y>
  static void map(context& c, F f, X x, Y y) {
    if constexpr (alike<X, Y> && F::keeps_zero) Executor::for_each(c, y.storage(), portable_functors::flat_map<F, S>{f, x.data, y.data});
    else base::map(c, f, x, y);
  }
  template <class F, class Y, class DY, class DX>
  static void map_adjoint(context& c, F f, Y y, DY dy, DX dx) {
    if constexpr (alike<Y, DY> && alike<Y, DX>) Executor::for_each(c, y.storage(), portable_functors::flat_adjoint<F, S>{f, y.data, dy.data, dx.data});
    else base::map_adjoint(c, f, y, dy, dx);
  }
  template <class X, class Y>
  static void add(context& c, X x, Y y) {
    if constexpr (alike<X, Y>) Executor::for_each(c, y.storage(), portable_functors::flat_add<S>{x.data, y.data});
    else base::add(c, x, y);
  }
  template <class X, class Y>
  static void convert(context& c, X x, Y y) {
    if constexpr (alike<X, Y>) Executor::copy(c, static_cast<const S*>(x.data), y.data, y.storage());
    else base::convert(c, x, y);
  }
};

}
