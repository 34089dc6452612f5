// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/pooling.hpp>
#include <cosmoml/core/view.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// Where the window of result o begins along one axis, and how many elements it has.
struct span_1d {
  int begin, count;
};
template <leftover R>
COSMOML_HD constexpr span_1d window_at(int o, int n, int k) {
  if (R == leftover::keep && o >= n / k) return {n / k * k + o - n / k, 1};
  const int left = n - o * k;
  return {o * k, left < k ? left : k};
}

// Visits the elements of one window in canonical order: visit(element of x).
template <class Window, leftover R, class X, class Y, class Visit>
COSMOML_HD void for_window(index_t result, Visit&& visit) {
  constexpr extents in = X::shape, out = Y::shape, k = Window::value;
  span_1d s[extents::max_rank] = {{0, 1}, {0, 1}, {0, 1}, {0, 1}, {0, 1}};
  index_t stride[extents::max_rank] = {}, step = 1;
  for (int a = in.rank; a-- > 0;) {
    s[a] = window_at<R>(int(result % out.dim[a]), in.dim[a], k.dim[a]);
    stride[a] = step;
    result /= out.dim[a];
    step *= in.dim[a];
  }
  for (int a = 0; a < s[0].count; ++a)
    for (int b = 0; b < s[1].count; ++b)
      for (int c = 0; c < s[2].count; ++c)
        for (int d = 0; d < s[3].count; ++d)
          for (int e = 0; e < s[4].count; ++e)
            visit((s[0].begin + a) * stride[0] + (s[1].begin + b) * stride[1] + (s[2].begin + c) * stride[2] +
                  (s[3].begin + d) * stride[3] + (s[4].begin + e) * stride[4]);
}

template <pooling P, class Window, leftover R, class X, class Y>
struct pool {
  X x;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr index_t size = Y::sample_size;
    const index_t n = i / size, e = i % size;
    S value = 0;
    int count = 0;
    for_window<Window, R, X, Y>(e, [&](index_t from) {
      const S v = x(n, from);
      if (P == pooling::average) value += v;
      else if (count == 0 || !(v <= value)) value = v;
      ++count;
    });
    y(n, e) = P == pooling::average ? value / S(count) : value;
  }
};
// The first maximum of a window takes its whole gradient. Windows do not overlap, so each writes its own elements.
template <pooling P, class Window, leftover R, class X, class DY, class DX>
struct pool_adjoint {
  X x;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DY::scalar;
    constexpr index_t size = DY::sample_size;
    const index_t n = i / size, e = i % size;
    S best = 0;
    index_t winner = -1;
    int count = 0;
    for_window<Window, R, X, DY>(e, [&](index_t from) {
      const S v = x(n, from);
      if (winner < 0 || !(v <= best)) {
        best = v;
        winner = from;
      }
      ++count;
    });
    for_window<Window, R, X, DY>(e, [&](index_t to) {
      if (P == pooling::average) dx(n, to) = dy(n, e) / S(count);
      else dx(n, to) = to == winner ? dy(n, e) : S(0);
    });
  }
};

template <class Window, leftover R, class In>
constexpr bool leaves_some_out() {
  for (int a = 0; a < In::value.rank; ++a)
    if (R == leftover::drop && In::value[a] % Window::value[a] != 0) return true;
  return false;
}

}

// y = the largest or the mean of each window of x. Window has one extent an axis of the sample; windows do not overlap.
// A backend may give `pool<P, Window, R>` of its own.
template <class B, pooling P, class Window, leftover R, class X, class Y>
void pool(typename B::context& c, X x, Y y) {
  if constexpr (requires { B::template pool<P, Window, R>(c, x, y); }) B::template pool<P, Window, R>(c, x, y);
  else B::for_each(c, y.elements(), detail::pool<P, Window, R, X, Y>{x, y});
}
template <class B, pooling P, class Window, leftover R, class X, class Y, class DY, class DX>
void pool_adjoint(typename B::context& c, X x, Y y, DY dy, DX dx) {
  if constexpr (requires { B::template pool_adjoint<P, Window, R>(c, x, y, dy, dx); }) B::template pool_adjoint<P, Window, R>(c, x, y, dy, dx);
  else {
    using S = typename DX::scalar;
    if constexpr (detail::leaves_some_out<Window, R, typename X::shape_type>()) B::assign(c, dx, S(0));
    B::for_each(c, dy.elements(), detail::pool_adjoint<P, Window, R, X, DY, DX>{x, dy, dx});
  }
}

}
