// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/lanes.hpp>

#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::kernels {

// The elementary functions take a number T: a scalar, on the host or on a device, or a vector of lanes of any width. One text serves
// both: arithmetic, comparisons and `mask ? a : b` are spelled alike. No libmvec, no intrinsics, no -ffast-math.
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

template <class T>
struct number_of {
  using scalar = T;
  using bits = typename floating_format<T>::integer;
};
template <class T>
  requires requires(T t) { t[0]; }
struct number_of<T> {
  using scalar = std::remove_cvref_t<decltype(T{}[0])>;
  typedef typename floating_format<scalar>::integer bits __attribute__((vector_size(sizeof(T))));
};
template <class T>
using scalar_of = typename number_of<T>::scalar;
template <class T>
using bits_of = typename number_of<T>::bits;

// The bits of a number, and back.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline bits_of<T> to_bits(T v) {
  return __builtin_bit_cast(bits_of<T>, v);
}
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T from_bits(bits_of<T> b) {
  return __builtin_bit_cast(T, b);
}

// The same value in every lane.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T every(scalar_of<T> s) {
  return s - T{};
}
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T absolute(T x) {
  using I = typename floating_format<scalar_of<T>>::integer;
  return from_bits<T>(to_bits(x) & I(~(I(1) << (8 * sizeof(I) - 1))));
}
// The magnitude of a with the sign of b; a is not negative.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T with_sign(T a, T b) {
  using I = typename floating_format<scalar_of<T>>::integer;
  return from_bits<T>(to_bits(a) | (to_bits(b) & I(I(1) << (8 * sizeof(I) - 1))));
}

// c[0] + c[1] x + c[2] x^2 ...: the even and the odd terms are two chains of half the length.
template <class T, class S, int N>
[[gnu::always_inline]] COSMOML_LANES inline T polynomial(T x, const S (&c)[N]) {
  const T x2 = x * x;
  T high = every<T>(c[N - 1]), low = every<T>(c[N - 2]);
#pragma GCC unroll 16
  for (int i = N - 3; i >= 0; i -= 2) {
    high = high * x2 + c[i];
    if (i > 0) low = low * x2 + c[i - 1];
  }
  return N % 2 ? low * x + high : high * x + low;
}

}
