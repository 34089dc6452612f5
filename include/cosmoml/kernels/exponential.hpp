// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/number.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Powers of 2 and of e. Infinities and NaN as IEEE has them, subnormal results too; errors below 2 ulp over the whole range in float and
// double (tests/kernels/functions.cpp holds every function of this folder to its figure).

namespace detail {

// 2^r = 1 + r q(r) for |r| <= 1/2, q by Remez' exchange; divided by powers of ln 2 it serves e^r.
template <class S>
struct exponential_series;
template <>
struct exponential_series<double> {
  static constexpr int terms = 11;
  static constexpr double base_two[terms] = {0.69314718055994530925,    0.24022650695910159567,    0.055504108664821627039,    0.0096181291075872566681,
                                             0.0013333558146406470697,  0.00015403530463724354209, 0.000015252733841556772589, 1.3215432535912376166e-6,
                                             1.0178057087733941105e-7,  7.0741942972885210056e-9,  4.455817908336064493e-10};
};
template <>
struct exponential_series<float> {
  static constexpr int terms = 6;
  static constexpr double base_two[terms] = {0.69314720670283259577, 0.24022650922288758071,  0.055503272266703020589,
                                             0.0096180566785246380754, 0.001340042817761583794, 0.00015461444698569129083};
};
inline constexpr double ln_2 = 0.69314718055994530942, log2_e = 1.4426950408889634074;

template <class S, bool Natural>
struct exponential_coefficients {
  static constexpr int terms = exponential_series<S>::terms;
  S c[terms] = {};
  constexpr exponential_coefficients() {
    double unit = 1;
    for (int i = 0; i < terms; ++i) {
      if (Natural) unit /= ln_2;
      c[i] = S(exponential_series<S>::base_two[i] * unit);
    }
  }
};
template <bool Natural, class T>
[[gnu::always_inline]] COSMOML_LANES inline T exponential_of_fraction(T r) {
  using S = scalar_of<T>;
  constexpr exponential_coefficients<S, Natural> table;
  return polynomial(r, table.c) * r + S(1);
}

// 2^n from n + to_integer, n in the range of normal numbers.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T power_of_two(T shifted) {
  using f = floating_format<scalar_of<T>>;
  return from_bits<T>((to_bits(shifted) + f::bias) << f::mantissa);
}
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T scaled(T fraction, T n) {   // in two steps: 2^n itself may not be a normal number
  using S = scalar_of<T>;
  using f = floating_format<S>;
  const T half = n * S(0.5) + f::to_integer;
  const T rest = (n - (half - f::to_integer)) + f::to_integer;
  return fraction * power_of_two(half) * power_of_two(rest);
}

// x = n ln 2 + r + rest: ln 2 in two parts, the first short enough that n times it is exact.
template <class T>
struct reduced {
  T n, r, rest;
};
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline reduced<T> reduced_by_ln_2(T x) {
  using S = scalar_of<T>;
  constexpr S first = sizeof(S) == 8 ? S(0x1.62e42fee00000p-1) : S(0.693359375);
  constexpr S second = sizeof(S) == 8 ? S(1.90821492927058770002e-10) : S(-2.12194440054690582e-4);
  constexpr S shift = floating_format<S>::to_integer;
  const T n = (x * S(log2_e) + shift) - shift;
  const T high = x - n * first, low = n * second, r = high - low;
  return {n, r, (high - r) - low};
}

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T exponential_remainder(T r) {
  using S = scalar_of<T>;
  if constexpr (sizeof(S) == 8) {
    constexpr S c[] = {0.49999999999999999985,  0.1666666666666667659,     0.041666666666666701743,  0.0083333333333216240373,
                       0.0013888888888866708397, 0.00019841269886135881651, 0.000024801587360756627134, 2.7557244206497594869e-6,
                       2.7557242613349541535e-7, 2.5109035743274945735e-8, 2.092448391235396205e-9};
    return polynomial(r, c);
  } else {
    constexpr S c[] = {0.500000004636f, 0.166666668196f, 0.0416663547946f, 0.00833327257599f, 0.00139409995246f, 0.000199143886222f};
    return polynomial(r, c);
  }
}

}

// 2^x.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T exp2(T x) {
  using S = scalar_of<T>;
  using f = floating_format<S>;
  const T low = every<T>(S(f::least - f::mantissa - 8)), high = every<T>(S(f::most + 2));
  const T below = x < high ? x : high, bounded = below > low ? below : low;
  const T n = (bounded + f::to_integer) - f::to_integer;
  const T y = detail::scaled(detail::exponential_of_fraction<false>(T(bounded - n)), n);
  return x == x ? y : x;
}

// 2^x for x up to the largest exponent, at most a few ulp of error less work: results below the normal numbers come out as about the
// smallest of those, and NaN is not passed on. What a log-sum-exp needs.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T exp2_normal(T x) {
  using S = scalar_of<T>;
  using f = floating_format<S>;
  const T low = every<T>(S(f::least)), bounded = x > low ? x : low;
  const T shifted = bounded + f::to_integer;
  const T y = detail::exponential_of_fraction<false>(T(bounded - (shifted - f::to_integer)));
  return from_bits<T>(to_bits(y) + (to_bits(shifted) << f::mantissa));
}

namespace detail {
// e^x; Careful: with the rounding of the reduced argument carried along, 0.8 instead of 1.5 ulp for a few additions more.
template <bool Careful, class T>
[[gnu::always_inline]] COSMOML_LANES inline T exponential(T x) {
  using S = scalar_of<T>;
  using f = floating_format<S>;
  const T low = every<T>(S((f::least - f::mantissa - 8) * ln_2)), high = every<T>(S((f::most + 2) * ln_2));
  const T below = x < high ? x : high;
  const auto part = reduced_by_ln_2(T(below > low ? below : low));
  T y;
  if constexpr (Careful) y = S(1) + (part.r + (part.r * part.r * exponential_remainder(part.r) + part.rest));
  else y = exponential_of_fraction<true>(part.r);
  y = scaled(y, part.n);
  return x == x ? y : x;
}
}

// e^x.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T exp(T x) {
  return detail::exponential<false>(x);
}

// e^x - 1, exact to its last places near zero too.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T expm1(T x) {
  using S = scalar_of<T>;
  constexpr bool wide = sizeof(S) == 8;
  const T low = every<T>(S(wide ? -40 : -20)), high = every<T>(S(wide ? 709.79 : 88.73));   // -1 and infinity beyond
  const T below = x < high ? x : high;
  const auto part = detail::reduced_by_ln_2(T(below > low ? below : low));
  // half of 2^n - 1 + 2^n r, and what that sum loses: 2^n itself may be too large
  const T scale = detail::power_of_two(T(part.n + (floating_format<S>::to_integer - S(1)))), whole = scale - S(0.5), sum = whole + scale * part.r;
  const T rest = ((whole - sum) + scale * part.r) + scale * (part.r * part.r * detail::exponential_remainder(part.r) + part.rest);
  const T y = (sum + rest) * S(2);
  return absolute(x) > S(wide ? 0x1p-54 : 0x1p-25) ? y : x;
}

}
