// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/exponential.hpp>
#include <cosmoml/kernels/logarithm.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// 1 / (1 + e^-x); below 2 ulp, down to subnormal results.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T sigmoid(T x) {
  using S = scalar_of<T>;
  const T e = detail::exponential<true>(T(-absolute(x))), one = every<T>(S(1));
  const T sum = e + S(1), lost = (S(1) - sum) + e;   // what the sum rounded away
  const T y = (x < T{} ? e : one) / sum;
  return y - y * (lost * (x < T{} ? S(1) - y : y));
}

// ln(1 + e^x), the integral of the sigmoid; below 3 ulp.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T softplus(T x) {
  const T positive = x > T{} ? x : T{};
  const T y = positive + log1p(exp(T(-absolute(x))));
  return x == x ? y : x;
}

}
