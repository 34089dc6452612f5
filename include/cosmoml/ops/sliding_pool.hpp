// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/ops/pool.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// The windows [first, last] along one axis that hold element i, at most kernel / stride of them, as o; i is tap i - (o stride - before).
struct window_range {
  int first, last;
};
COSMOML_HD constexpr window_range windows_with(int i, int kernel, int stride, int before, int out) {
  const int at = i + before, low = at - kernel + 1, last = at / stride;
  const int first = low > 0 ? (low + stride - 1) / stride : 0;
  return {first, last < out ? last : out - 1};
}
// Elements of one axis that an average divides by: those inside the map, or inside the padded map.
template <bool CountPadding>
COSMOML_HD constexpr int window_count(int o, int n, int kernel, int stride, int before, int padded_end) {
  const int begin = o * stride - before, end = begin + kernel;
  const int least = CountPadding ? -before : 0, most = CountPadding ? padded_end : n;
  return (end < most ? end : most) - (begin > least ? begin : least);
}

template <class G>
struct sliding_place {   // of one result
  int map, from[3];
  tap_range tap[3];
  COSMOML_HD explicit sliding_place(index_t e) {
    constexpr convolution_geometry g = G::value;
    map = int(e / g.out_size());
    index_t place = e % g.out_size();
    for (int a = 3; a-- > 0;) {
      from[a] = int(place % g.out[a]) * g.stride[a] - g.before[a];
      tap[a] = taps_inside(from[a], 1, g.kernel[a], g.in[a]);
      place /= g.out[a];
    }
  }
};

template <class G, class X, class Y, class T>
struct sliding_max {
  X x;
  Y y;
  T winner;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr convolution_geometry g = G::value;
    constexpr index_t size = Y::sample_size, ins = g.in_size();
    const index_t n = i / size, e = i % size;
    const sliding_place<G> at(e);
    S best = 0;
    int won = -1;
    for (int u = at.tap[0].first; u < at.tap[0].last; ++u)
      for (int v = at.tap[1].first; v < at.tap[1].last; ++v)
        for (int k = at.tap[2].first; k < at.tap[2].last; ++k) {
          const S value = x(n, at.map * ins + (index_t(at.from[0] + u) * g.in[1] + at.from[1] + v) * g.in[2] + at.from[2] + k);
          if (won < 0 || !(value <= best)) {
            best = value;
            won = (u * g.kernel[1] + v) * g.kernel[2] + k;
          }
        }
    y(n, e) = best;
    if constexpr (Wanted<T>) winner(n, e) = S(won);
  }
};
template <class G, class T, class DY, class DX>
struct sliding_max_adjoint {
  T winner;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DX::scalar;
    constexpr convolution_geometry g = G::value;
    constexpr index_t size = DX::sample_size;
    const index_t n = i / size;
    index_t place = i % size;
    const index_t map = place / g.in_size();
    place %= g.in_size();
    int at[3] = {};
    window_range o[3] = {};
    for (int a = 3; a-- > 0;) {
      at[a] = int(place % g.in[a]);
      place /= g.in[a];
      o[a] = windows_with(at[a], g.kernel[a], g.stride[a], g.before[a], g.out[a]);
    }
    S sum = 0;
    for (int u = o[0].first; u <= o[0].last; ++u)
      for (int v = o[1].first; v <= o[1].last; ++v)
        for (int k = o[2].first; k <= o[2].last; ++k) {
          const int tap = ((at[0] + g.before[0] - u * g.stride[0]) * g.kernel[1] + at[1] + g.before[1] - v * g.stride[1]) * g.kernel[2] + at[2] + g.before[2] - k * g.stride[2];
          const index_t result = map * g.out_size() + (index_t(u) * g.out[1] + v) * g.out[2] + k;
          if (winner(n, result) == S(tap)) sum += dy(n, result);
        }
    dx(n, i % size) = sum;
  }
};

template <class G, bool CountPadding>
COSMOML_HD constexpr int elements_of(int u, int v, int k) {
  constexpr convolution_geometry g = G::value;
  const int o[3] = {u, v, k};
  int count = 1;
  for (int a = 0; a < 3; ++a) count *= window_count<CountPadding>(o[a], g.in[a], g.kernel[a], g.stride[a], g.before[a], g.in[a] + g.before[a]);
  return count;
}
template <class G, bool CountPadding, class X, class Y>
struct sliding_average {
  X x;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr convolution_geometry g = G::value;
    constexpr index_t size = Y::sample_size, ins = g.in_size();
    const index_t n = i / size, e = i % size;
    const sliding_place<G> at(e);
    S sum = 0;
    for (int u = at.tap[0].first; u < at.tap[0].last; ++u)
      for (int v = at.tap[1].first; v < at.tap[1].last; ++v)
        for (int k = at.tap[2].first; k < at.tap[2].last; ++k)
          sum += x(n, at.map * ins + (index_t(at.from[0] + u) * g.in[1] + at.from[1] + v) * g.in[2] + at.from[2] + k);
    y(n, e) = sum / S(elements_of<G, CountPadding>((at.from[0] + g.before[0]) / g.stride[0], (at.from[1] + g.before[1]) / g.stride[1], (at.from[2] + g.before[2]) / g.stride[2]));
  }
};
template <class G, bool CountPadding, class DY, class DX>
struct sliding_average_adjoint {
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DX::scalar;
    constexpr convolution_geometry g = G::value;
    constexpr index_t size = DX::sample_size;
    const index_t n = i / size;
    index_t place = i % size;
    const index_t map = place / g.in_size();
    place %= g.in_size();
    window_range o[3] = {};
    for (int a = 3; a-- > 0;) {
      o[a] = windows_with(int(place % g.in[a]), g.kernel[a], g.stride[a], g.before[a], g.out[a]);
      place /= g.in[a];
    }
    S sum = 0;
    for (int u = o[0].first; u <= o[0].last; ++u)
      for (int v = o[1].first; v <= o[1].last; ++v)
        for (int k = o[2].first; k <= o[2].last; ++k)
          sum += dy(n, map * g.out_size() + (index_t(u) * g.out[1] + v) * g.out[2] + k) / S(elements_of<G, CountPadding>(u, v, k));
    dx(n, i % size) = sum;
  }
};

}

// Pooling over windows that may overlap and reach beyond the border. G is a convolution_of<...> with as many groups as channels; what
// lies outside counts for nothing in a maximum. The winning tap of each window goes to `winner` (or `nothing`), as a number of the
// scalar type: the first of equal ones. A backend may give each of these of its own.
template <class B, class G, class X, class Y, class T>
void sliding_max(typename B::context& c, X x, Y y, T winner) {
  if constexpr (requires { requires OwnAbilities<B>; B::template sliding_max<G>(c, x, y, winner); }) B::template sliding_max<G>(c, x, y, winner);
  else B::for_each(c, y.elements(), detail::sliding_max<G, X, Y, T>{x, y, winner});
}
template <class B, class G, class T, class DY, class DX>
void sliding_max_adjoint(typename B::context& c, T winner, DY dy, DX dx) {
  if constexpr (requires { requires OwnAbilities<B>; B::template sliding_max_adjoint<G>(c, winner, dy, dx); })
    B::template sliding_max_adjoint<G>(c, winner, dy, dx);
  else B::for_each(c, dx.elements(), detail::sliding_max_adjoint<G, T, DY, DX>{winner, dy, dx});
}
// CountPadding: padding counts as zeros, as in PyTorch; else the mean is of the elements inside.
template <class B, class G, bool CountPadding, class X, class Y>
void sliding_average(typename B::context& c, X x, Y y) {
  if constexpr (requires { requires OwnAbilities<B>; B::template sliding_average<G, CountPadding>(c, x, y); })
    B::template sliding_average<G, CountPadding>(c, x, y);
  else B::for_each(c, y.elements(), detail::sliding_average<G, CountPadding, X, Y>{x, y});
}
template <class B, class G, bool CountPadding, class DY, class DX>
void sliding_average_adjoint(typename B::context& c, DY dy, DX dx) {
  if constexpr (requires { requires OwnAbilities<B>; B::template sliding_average_adjoint<G, CountPadding>(c, dy, dx); })
    B::template sliding_average_adjoint<G, CountPadding>(c, dy, dx);
  else B::for_each(c, dx.elements(), detail::sliding_average_adjoint<G, CountPadding, DY, DX>{dy, dx});
}

}
