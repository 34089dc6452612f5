// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/exponential.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// The hyperbolic tangent; below 2 ulp. For |x| < 0.55 a polynomial in x^2 by Remez' exchange, beyond it 1 - 2 / (e^2x + 1).
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T tanh(T x) {
  using S = scalar_of<T>;
  constexpr bool wide = sizeof(S) == 8;
  const T size = absolute(x), most = every<T>(S(wide ? 20 : 10)), z = x * x;   // one beyond
  const auto part = detail::reduced_by_ln_2(T(S(2) * (size < most ? size : most)));
  const T power = detail::exponential_of_fraction<true>(part.r) * detail::power_of_two(T(part.n + floating_format<S>::to_integer));
  const T outside = S(1) - S(2) / (power + S(1));
  T inside;
  if constexpr (wide) {
    constexpr S c[] = {-0.33333333333333299626,   0.13333333333326813402,   -0.053968253963866773664,  0.021869488388753926259,
                       -0.0088632326468931264646, 0.0035920924712313971514, -0.0014555455777386075678, 0.00058845532881932232921,
                       -0.00023340822664377938091, 0.000083353436492987909978, -0.000019516821205640832925};
    inside = size + size * (z * polynomial(z, c));
  } else {
    constexpr S c[] = {-0.33333318049f, 0.133326016804f, -0.0538538379542f, 0.0210775899912f, -0.00628211986506f};
    inside = size + size * (z * polynomial(z, c));
  }
  return with_sign(T(size >= S(0.55) ? outside : inside), x);
}

}
