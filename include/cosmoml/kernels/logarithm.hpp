// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/number.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

namespace detail {

// ln of a positive normal number u, plus `rest` / u, by the method of fdlibm:
// ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), s = f / (2 + f), 1 + f between sqrt(1/2) and sqrt(2).
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T logarithm(T u, T exponent_shift, T rest_over_u) {
  using S = scalar_of<T>;
  using f = floating_format<S>;
  using I = typename f::integer;
  constexpr bool wide = sizeof(S) == 8;
  constexpr S first = wide ? S(6.93147180369123816490e-01) : S(6.9313812256e-01), second = wide ? S(1.90821492927058770002e-10) : S(9.0580006145e-06);
  constexpr I half_root = wide ? I(0x3fe6a09e667f3bcdLL) : I(0x3f3504f3);   // sqrt(1/2)
  constexpr S shift = f::to_integer;
  const auto b = to_bits(u) - half_root;
  // the exponent as a number: into the mantissa of to_integer, which takes negative ones too
  const auto mantissa = b & ((I(1) << f::mantissa) - 1);
  const auto exponent = (b - mantissa) >> f::mantissa;   // sign-extended
  const T k = from_bits<T>(exponent + __builtin_bit_cast(I, shift)) - shift - exponent_shift;
  const T fraction = from_bits<T>(mantissa + half_root) - S(1);
  const T s = fraction / (fraction + S(2)), z = s * s, w = z * z;
  T r;
  if constexpr (wide) {
    const T t1 = w * (S(3.999999999940941908e-01) + w * (S(2.222219843214978396e-01) + w * S(1.531383769920937332e-01)));
    const T t2 = z * (S(6.666666666666735130e-01) + w * (S(2.857142874366239149e-01) + w * (S(1.818357216161805012e-01) + w * S(1.479819860511658591e-01))));
    r = t1 + t2;
  } else {
    r = w * (S(0xccce13.0p-25) + w * S(0xf89e26.0p-26)) + z * (S(0xaaaaaa.0p-24) + w * S(0x91e9ee.0p-25));
  }
  const T half_square = fraction * fraction * S(0.5);
  return k * first - ((half_square - (s * (half_square + r) + (k * second + rest_over_u))) - fraction);
}

}

// The natural logarithm; below 2 ulp, subnormal arguments included.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T log(T x) {
  using S = scalar_of<T>;
  constexpr bool wide = sizeof(S) == 8;
  const T one = every<T>(S(1)), smallest = every<T>(wide ? S(0x1p-1022) : S(0x1p-126)), infinity = every<T>(S(__builtin_inf()));
  const T positive = x > T{} ? x : one;
  const T normal = positive < smallest ? positive * S(wide ? 0x1p54 : 0x1p25) : positive;
  T y = detail::logarithm(normal, T(positive < smallest ? every<T>(S(wide ? 54 : 25)) : T{}), T{});
  y = x == infinity ? x : y;
  return x > T{} ? y : x == T{} ? -infinity : every<T>(S(__builtin_nan("")));
}

// ln(1 + x), exact to its last places near zero too; below 2 ulp.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T log1p(T x) {
  using S = scalar_of<T>;
  const T one = every<T>(S(1)), infinity = every<T>(S(__builtin_inf()));
  const T inside = x > -one ? x : T{}, bounded = inside < infinity ? inside : T{};
  const T u = bounded + S(1);
  const T lost = bounded > one ? S(1) - (u - bounded) : bounded - (u - S(1));   // what the sum rounded away
  T y = detail::logarithm(u, T{}, T(lost / u));
  y = x == infinity ? x : x == T{} ? x : y;
  return x > -one ? y : x == -one ? -infinity : every<T>(S(__builtin_nan("")));
}

}
