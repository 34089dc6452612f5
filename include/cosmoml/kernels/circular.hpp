// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/number.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Sine and cosine of `turns` times 2 pi, |turns| < 2^20: what Box and Muller's normals need.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline void sincos_of_turns(T turns, T& sine, T& cosine) {
  using S = scalar_of<T>;
  using f = floating_format<S>;
  const T shifted = turns * S(4) + f::to_integer;
  const auto quarter = to_bits(shifted);
  const T x = (turns * S(4) - (shifted - f::to_integer)) * S(1.57079632679489661923);
  const T z = x * x;
  T s, c;
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
  const auto odd = (quarter & 1) != 0;
  const T a = odd ? c : s, b = odd ? s : c;
  const auto flip_sine = (quarter & 2) << (sizeof(S) * 8 - 2), flip_cosine = ((quarter + 1) & 2) << (sizeof(S) * 8 - 2);
  sine = from_bits<T>(to_bits(a) ^ flip_sine);
  cosine = from_bits<T>(to_bits(b) ^ flip_cosine);
}

}
