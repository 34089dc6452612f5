// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/interpolation.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// Shapes as (channels, a, b, c), axes that are missing with extent one.
struct maps {
  int in[3], out[3], factor[3];
  COSMOML_HD constexpr int channel_size(bool results) const {
    const int* n = results ? out : in;
    return n[0] * n[1] * n[2];
  }
};
template <class X, class Y, class Factor>
constexpr maps maps_of() {
  maps m{{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
  for (int a = 1; a < X::shape.rank; ++a) {
    m.in[a - 1] = X::shape[a];
    m.out[a - 1] = Y::shape[a];
    m.factor[a - 1] = Factor::value[a - 1];
  }
  return m;
}

template <interpolation I, class Factor, class X, class Y>
struct upsample {
  X x;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr maps m = maps_of<X, Y, Factor>();
    constexpr index_t size = Y::sample_size, outs = m.channel_size(true), ins = m.channel_size(false);
    const index_t n = i / size, e = i % size, map = e / outs * ins;
    int place = int(e % outs);
    two_taps t[3] = {};
    for (int a = 3; a-- > 0;) {
      const int o = place % m.out[a];
      place /= m.out[a];
      t[a] = I == interpolation::nearest ? two_taps{o / m.factor[a], 0} : linear_taps(o, m.in[a], m.factor[a]);
    }
    S sum = 0;
    for (int u = 0; u < 2; ++u)
      for (int v = 0; v < 2; ++v)
        for (int k = 0; k < 2; ++k) {
          const double w = (u ? t[0].fraction : 1 - t[0].fraction) * (v ? t[1].fraction : 1 - t[1].fraction) * (k ? t[2].fraction : 1 - t[2].fraction);
          if (w > 0) sum += S(w) * x(n, map + (index_t(t[0].first + u) * m.in[1] + t[1].first + v) * m.in[2] + t[2].first + k);
        }
    y(n, e) = sum;
  }
};
// The weight of element i in result o.
template <interpolation I>
COSMOML_HD constexpr double weight_of(int o, int i, int n, int factor) {
  if (I == interpolation::nearest) return o / factor == i ? 1 : 0;
  const two_taps t = linear_taps(o, n, factor);
  return i == t.first ? 1 - t.fraction : i == t.first + 1 ? t.fraction : 0;
}
template <interpolation I, class Factor, class DY, class DX>
struct upsample_adjoint {
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DX::scalar;
    constexpr maps m = maps_of<DX, DY, Factor>();
    constexpr index_t size = DX::sample_size, outs = m.channel_size(true), ins = m.channel_size(false);
    constexpr int margin = I == interpolation::nearest ? 0 : 1;
    const index_t n = i / size, e = i % size, map = e / ins * outs;
    int place = int(e % ins), at[3] = {}, first[3] = {}, last[3] = {};
    for (int a = 3; a-- > 0;) {
      at[a] = place % m.in[a];
      place /= m.in[a];
      const int low = (at[a] - margin) * m.factor[a], high = (at[a] + 1 + margin) * m.factor[a];
      first[a] = low > 0 ? low : 0;
      last[a] = high < m.out[a] ? high : m.out[a];
    }
    S sum = 0;
    for (int u = first[0]; u < last[0]; ++u)
      for (int v = first[1]; v < last[1]; ++v)
        for (int k = first[2]; k < last[2]; ++k) {
          const double w = weight_of<I>(u, at[0], m.in[0], m.factor[0]) * weight_of<I>(v, at[1], m.in[1], m.factor[1]) * weight_of<I>(k, at[2], m.in[2], m.factor[2]);
          if (w > 0) sum += S(w) * dy(n, map + (index_t(u) * m.out[1] + v) * m.out[2] + k);
        }
    dx(n, e) = sum;
  }
};

}

// y = x with each spatial axis Factor::value[axis] times as long. A backend may give upsample<I, Factor> and upsample_adjoint<I, Factor>.
template <class B, interpolation I, class Factor, class X, class Y>
void upsample(typename B::context& c, X x, Y y) {
  if constexpr (requires { requires OwnAbilities<B>; B::template upsample<I, Factor>(c, x, y); }) B::template upsample<I, Factor>(c, x, y);
  else B::for_each(c, y.elements(), detail::upsample<I, Factor, X, Y>{x, y});
}
template <class B, interpolation I, class Factor, class DY, class DX>
void upsample_adjoint(typename B::context& c, DY dy, DX dx) {
  if constexpr (requires { requires OwnAbilities<B>; B::template upsample_adjoint<I, Factor>(c, dy, dx); }) B::template upsample_adjoint<I, Factor>(c, dy, dx);
  else B::for_each(c, dx.elements(), detail::upsample_adjoint<I, Factor, DY, DX>{dy, dx});
}

}
