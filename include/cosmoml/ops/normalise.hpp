// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>

#include <concepts>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// Sums over a batch go one run of a sample after the other, so that long sums lose little.
template <class X, class V>
struct channel_moments {
  X x;
  V mean, variance;
  COSMOML_HD void operator()(index_t c) const {
    using S = typename V::scalar;
    constexpr index_t inner = X::sample_size / V::sample_size;
    const S count = S(x.batch * inner);
    S sum = 0;
    for (index_t n = 0; n < x.batch; ++n) {
      S of_sample = 0;
      for (index_t e = 0; e < inner; ++e) of_sample += x(n, c * inner + e);
      sum += of_sample;
    }
    const S m = sum / count;
    sum = 0;
    for (index_t n = 0; n < x.batch; ++n) {
      S of_sample = 0;
      for (index_t e = 0; e < inner; ++e) {
        const S d = x(n, c * inner + e) - m;
        of_sample += d * d;
      }
      sum += of_sample;
    }
    mean(0, c) = m;
    variance(0, c) = sum / count;
  }
};
template <class F, class X, class V, class Y>
struct normalise {
  F f;
  X x;
  V mean, scale, shift;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = X::sample_size, inner = X::sample_size / V::sample_size;
    const index_t n = i / size, e = i % size, c = e / inner;
    y(n, e) = f((x(n, e) - mean(0, c)) * scale(0, c) + shift(0, c));
  }
};
// dy before f, whose value f((x - mean) scale + shift) was.
template <class F, class S>
COSMOML_HD S through(const F& f, S x, S mean, S scale, S shift, S dy) {
  if constexpr (std::same_as<F, identity_function>) return dy;
  else if constexpr (SlopeAtInput<F>) return f.slope_at_input((x - mean) * scale + shift) * dy;
  else return f.slope_at_output(f((x - mean) * scale + shift)) * dy;
}
template <class F, class X, class DY, class V>
struct normalise_sums {
  F f;
  X x;
  DY dy;
  V mean, scale, shift, sum, sum_x;
  COSMOML_HD void operator()(index_t c) const {
    using S = typename V::scalar;
    constexpr index_t inner = X::sample_size / V::sample_size;
    const S m = mean(0, c), a_scale = scale(0, c), a_shift = shift(0, c);
    S a = 0, b = 0;
    for (index_t n = 0; n < x.batch; ++n) {
      S a_n = 0, b_n = 0;
      for (index_t e = 0; e < inner; ++e) {
        const S d = through(f, S(x(n, c * inner + e)), m, a_scale, a_shift, S(dy(n, c * inner + e)));
        a_n += d;
        b_n += d * (x(n, c * inner + e) - m);
      }
      a += a_n;
      b += b_n;
    }
    sum(0, c) = a;
    sum_x(0, c) = b;
  }
};
template <class F, class X, class DY, class V, class DX>
struct normalise_adjoint {
  F f;
  X x;
  DY dy;
  V mean, scale, shift, of_dy, of_x, constant;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = X::sample_size, inner = X::sample_size / V::sample_size;
    const index_t n = i / size, e = i % size, c = e / inner;
    using S = typename V::scalar;
    dx(n, e) = of_dy(0, c) * through(f, S(x(n, e)), mean(0, c), scale(0, c), shift(0, c), S(dy(n, e))) + of_x(0, c) * (x(n, e) - mean(0, c)) + constant(0, c);
  }
};

}

// The pieces of a normalisation by channel (axis 0 of the sample). V are vectors with one element a channel in canonical order. A
// backend may give any of these of its own.
//
// Mean and variance (over n, not n - 1) of each channel over the batch and the spatial axes.
template <class B, class X, class V>
void channel_moments(typename B::context& c, X x, V mean, V variance) {
  if constexpr (requires { requires OwnAbilities<B>; B::channel_moments(c, x, mean, variance); }) B::channel_moments(c, x, mean, variance);
  else B::for_each(c, V::sample_size, detail::channel_moments<X, V>{x, mean, variance});
}
// y = f((x - mean) scale + shift)
template <class B, class F, class X, class V, class Y>
void normalise(typename B::context& c, F f, X x, V mean, V scale, V shift, Y y) {
  if constexpr (requires { requires OwnAbilities<B>; B::normalise(c, f, x, mean, scale, shift, y); }) B::normalise(c, f, x, mean, scale, shift, y);
  else B::for_each(c, y.elements(), detail::normalise<F, X, V, Y>{f, x, mean, scale, shift, y});
}
// Sums of d and of d (x - mean) over the batch and the spatial axes, where d is dy times the slope of f: of what f was given.
template <class B, class F, class X, class DY, class V>
void normalise_sums(typename B::context& c, F f, X x, DY dy, V mean, V scale, V shift, V sum, V sum_x) {
  if constexpr (requires { requires OwnAbilities<B>; B::normalise_sums(c, f, x, dy, mean, scale, shift, sum, sum_x); }) B::normalise_sums(c, f, x, dy, mean, scale, shift, sum, sum_x);
  else B::for_each(c, V::sample_size, detail::normalise_sums<F, X, DY, V>{f, x, dy, mean, scale, shift, sum, sum_x});
}
// dx = of_dy d + of_x (x - mean) + constant
template <class B, class F, class X, class DY, class V, class DX>
void normalise_adjoint(typename B::context& c, F f, X x, DY dy, V mean, V scale, V shift, V of_dy, V of_x, V constant, DX dx) {
  if constexpr (requires { requires OwnAbilities<B>; B::normalise_adjoint(c, f, x, dy, mean, scale, shift, of_dy, of_x, constant, dx); })
    B::normalise_adjoint(c, f, x, dy, mean, scale, shift, of_dy, of_x, constant, dx);
  else B::for_each(c, dx.elements(), detail::normalise_adjoint<F, X, DY, V, DX>{f, x, dy, mean, scale, shift, of_dy, of_x, constant, dx});
}

}
