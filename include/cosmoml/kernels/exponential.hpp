// SPDX-License-Identifier: BSL-1.0
// Elementary functions on whole vectors, of any width: no libmvec, no intrinsics. Errors measured over the whole range of finite
// arguments (tests/prob/exponential.cpp): exp2, exp and log below 2 ulp in float and double (1.5 with fused multiply-adds and a normal
// result), infinities and NaN as IEEE has them; sine and cosine of turns below 1.5 ulp of one.
#pragma once
#include <cosmoml/kernels/lanes.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

template <class S>
struct floating_format;
template <>
struct floating_format<double> {
  using integer = long long;
  static constexpr int mantissa = 52, bias = 1023, least = -1021, most = 1023;
  static constexpr double to_integer = 0x1.8p52;   // adding it leaves the rounded integer in the low bits
};
template <>
struct floating_format<float> {
  using integer = int;
  static constexpr int mantissa = 23, bias = 127, least = -125, most = 127;
  static constexpr float to_integer = 0x1.8p23f;
};

// The bits of a vec<S>, and back.
template <class S>
struct bits_vector {
  typedef typename floating_format<S>::integer type __attribute__((vector_size(vector_bytes)));
};
template <class S>
using bits = typename bits_vector<S>::type;
template <class S>
[[gnu::always_inline]] inline bits<S> to_bits(vec<S> v) {
  return __builtin_bit_cast(bits<S>, v);
}
template <class S>
[[gnu::always_inline]] inline vec<S> from_bits(bits<S> b) {
  return __builtin_bit_cast(vec<S>, b);
}

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
template <class S, bool Natural>
[[gnu::always_inline]] inline vec<S> exponential_of_fraction(vec<S> r) {
  constexpr exponential_coefficients<S, Natural> table;
  constexpr int n = table.terms;
  const vec<S> r2 = r * r;
  vec<S> high = broadcast(table.c[n - 1]), low = broadcast(table.c[n - 2]);   // odd and even halves: two short chains of additions
#pragma GCC unroll 8
  for (int i = n - 3; i >= 0; i -= 2) {
    high = high * r2 + table.c[i];
    if (i > 0) low = low * r2 + table.c[i - 1];
  }
  const vec<S> q = n % 2 ? low * r + high : high * r + low;
  return q * r + S(1);
}

// 2^n from n + to_integer, n in the range of normal numbers.
template <class S>
[[gnu::always_inline]] inline vec<S> power_of_two(vec<S> shifted) {
  using f = floating_format<S>;
  return from_bits<S>((to_bits<S>(shifted) + f::bias) << f::mantissa);
}
template <class S>
[[gnu::always_inline]] inline vec<S> scaled(vec<S> fraction, vec<S> n) {   // in two steps: 2^n itself may not be a normal number
  using f = floating_format<S>;
  const vec<S> half = n * S(0.5) + f::to_integer;
  const vec<S> rest = (n - (half - f::to_integer)) + f::to_integer;
  return fraction * power_of_two<S>(half) * power_of_two<S>(rest);
}

}

// 2^x of every lane.
template <class S>
[[gnu::always_inline]] inline vec<S> exp2(vec<S> x) {
  using f = floating_format<S>;
  const vec<S> low = broadcast(S(f::least - f::mantissa - 8)), high = broadcast(S(f::most + 2));
  const vec<S> bounded = maximum<S>(low, x < high ? x : high);
  const vec<S> n = (bounded + f::to_integer) - f::to_integer;
  const vec<S> y = detail::scaled<S>(detail::exponential_of_fraction<S, false>(bounded - n), n);
  return x == x ? y : x;
}

// 2^x for x up to the largest exponent, at most a few ulp of error less work: results below the normal numbers come out as about the
// smallest of those, and NaN is not passed on. What a log-sum-exp needs.
template <class S>
[[gnu::always_inline]] inline vec<S> exp2_normal(vec<S> x) {
  using f = floating_format<S>;
  const vec<S> bounded = maximum<S>(x, broadcast(S(f::least)));
  const vec<S> shifted = bounded + f::to_integer;
  const vec<S> y = detail::exponential_of_fraction<S, false>(bounded - (shifted - f::to_integer));
  return from_bits<S>(to_bits<S>(y) + (to_bits<S>(shifted) << f::mantissa));
}

// e^x of every lane.
template <class S>
[[gnu::always_inline]] inline vec<S> exp(vec<S> x) {
  using f = floating_format<S>;
  // ln 2 in two parts, the first short enough that n times it is exact
  constexpr S first = sizeof(S) == 8 ? S(0x1.62e42fee00000p-1) : S(0.693359375);
  constexpr S second = sizeof(S) == 8 ? S(1.90821492927058770002e-10) : S(-2.12194440054690582e-4);
  const vec<S> low = broadcast(S((f::least - f::mantissa - 8) * detail::ln_2)), high = broadcast(S((f::most + 2) * detail::ln_2));
  const vec<S> bounded = maximum<S>(low, x < high ? x : high);
  const vec<S> n = (bounded * S(detail::log2_e) + f::to_integer) - f::to_integer;
  const vec<S> r = (bounded - n * first) - n * second;
  const vec<S> y = detail::scaled<S>(detail::exponential_of_fraction<S, true>(r), n);
  return x == x ? y : x;
}

// The natural logarithm of every lane, by the method of fdlibm: ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), s = f / (2 + f).
template <class S>
[[gnu::always_inline]] inline vec<S> log(vec<S> x) {
  using f = floating_format<S>;
  using I = typename f::integer;
  constexpr bool wide = sizeof(S) == 8;
  constexpr S first = wide ? S(6.93147180369123816490e-01) : S(6.9313812256e-01), second = wide ? S(1.90821492927058770002e-10) : S(9.0580006145e-06);
  constexpr I half_root = wide ? I(0x3fe6a09e667f3bcdLL) : I(0x3f3504f3);   // sqrt(1/2)
  const S smallest = from_bits<S>(bits<S>{} + (I(1) << f::mantissa))[0];
  const bits<S> subnormal = x < smallest;
  const vec<S> normal = subnormal ? x * S(wide ? 0x1p54 : 0x1p25) : x;
  const bits<S> b = to_bits<S>(normal) - half_root;
  // the exponent as a number: into the mantissa of to_integer, which takes negative ones too
  const bits<S> mantissa = b & ((I(1) << f::mantissa) - 1);
  const bits<S> exponent = (b - mantissa) >> f::mantissa;   // sign-extended
  vec<S> k = from_bits<S>(exponent + to_bits<S>(broadcast(f::to_integer))) - f::to_integer;
  k = subnormal ? k - S(wide ? 54 : 25) : k;
  const vec<S> fraction = from_bits<S>(mantissa + half_root) - S(1);
  const vec<S> s = fraction / (fraction + S(2)), z = s * s, w = z * z;
  vec<S> r;
  if constexpr (wide) {
    const vec<S> t1 = w * (S(3.999999999940941908e-01) + w * (S(2.222219843214978396e-01) + w * S(1.531383769920937332e-01)));
    const vec<S> t2 = z * (S(6.666666666666735130e-01) + w * (S(2.857142874366239149e-01) + w * (S(1.818357216161805012e-01) + w * S(1.479819860511658591e-01))));
    r = t1 + t2;
  } else {
    r = w * (S(0xccce13.0p-25) + w * S(0xf89e26.0p-26)) + z * (S(0xaaaaaa.0p-24) + w * S(0x91e9ee.0p-25));
  }
  const vec<S> half_square = fraction * fraction * S(0.5);
  vec<S> y = k * first - ((half_square - (s * (half_square + r) + k * second)) - fraction);
  const S infinity = S(__builtin_inf());
  y = x == infinity ? x : y;
  y = x > S(0) ? y : x == S(0) ? broadcast(-infinity) : broadcast(S(__builtin_nan("")));
  return y;
}

// Sine and cosine of `turns` times 2 pi, |turns| < 2^20: what Box and Muller's normals need.
template <class S>
[[gnu::always_inline]] inline void sincos_of_turns(vec<S> turns, vec<S>& sine, vec<S>& cosine) {
  using f = floating_format<S>;
  const vec<S> shifted = turns * S(4) + f::to_integer;
  const bits<S> quarter = to_bits<S>(shifted);
  const vec<S> x = (turns * S(4) - (shifted - f::to_integer)) * S(1.57079632679489661923);
  const vec<S> z = x * x;
  vec<S> s, c;
  if constexpr (sizeof(S) == 8) {
    s = S(-2.50507602534068634195e-08) + z * S(1.58969099521155010221e-10);
    s = S(8.33333333332248946124e-03) + z * (S(-1.98412698298579493134e-04) + z * (S(2.75573137070700676789e-06) + z * s));
    s = x + x * z * (S(-1.66666666666666324348e-01) + z * s);
    c = S(-2.75573143513906633035e-07) + z * (S(2.08757232129817482790e-09) + z * S(-1.13596475577881948265e-11));
    c = S(4.16666666666666019037e-02) + z * (S(-1.38888888888741095749e-03) + z * (S(2.48015872894767294178e-05) + z * c));
    c = S(1) - (z * S(0.5) - z * z * c);
  } else {
    s = x + x * z * (S(-0.166666546) + z * (S(8.3321608736e-3) + z * S(-1.9515295891e-4)));
    c = S(1) - (z * S(0.5) - z * z * (S(4.166664568298827e-2) + z * (S(-1.388731625493765e-3) + z * S(2.443315711809948e-5))));
  }
  const bits<S> odd = (quarter & 1) != 0;
  const vec<S> a = odd ? c : s, b = odd ? s : c;
  const bits<S> flip_sine = (quarter & 2) << (sizeof(S) * 8 - 2), flip_cosine = ((quarter + 1) & 2) << (sizeof(S) * 8 - 2);
  sine = from_bits<S>(to_bits<S>(a) ^ flip_sine);
  cosine = from_bits<S>(to_bits<S>(b) ^ flip_cosine);
}

}
