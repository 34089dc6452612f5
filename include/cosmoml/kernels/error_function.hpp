// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/exponential.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x; below 2 ulp. For |x| < 1 a polynomial in x^2, beyond it
// 1 - exp(p(|x|)) with p inside the logarithm of erfc, both by Remez' exchange.
template <class T>
[[gnu::always_inline]] COSMOML_LANES inline T erf(T x) {
  using S = scalar_of<T>;
  const T size = absolute(x);
  T inside, outside;
  if constexpr (sizeof(S) == 8) {
    constexpr S inner[] = {0.12837916709551256679,   -0.37612638903183546628,    0.11283791670945253232,   -0.026866170643276218303,
                           0.0052239776074234678405, -0.00085483259896967580333, 0.00012055295320494294236, -0.000014924744663335489733,
                           1.6447517677871873706e-6, -1.6209175911748695663e-7,  1.372297626592450327e-8,  -7.8011888740977515657e-10};
    constexpr S outer[] = {-1.8496055099332482552,     -2.6389675142347885865,      -0.84310725635865880375,   -0.041561098042185568721,
                           0.0100338253784869276,      -0.0019779025941995409988,   0.00023732259137022115945, 0.000026277560343390081043,
                           -0.00002715847209691513424, 9.6079529142343424771e-6,    -2.0587356364167703983e-6, 1.4203070285381270426e-7,
                           9.806072154774398932e-8,    -5.2268929732076478823e-8,   1.4987206691613828896e-8,  -2.8815843600089581968e-9,
                           3.7096192922383017536e-10,  -2.9066693521267231014e-11,  1.049595509885244871e-12};
    const T most = every<T>(5.95);   // one beyond
    inside = polynomial(T(x * x), inner);
    outside = exp(polynomial(T((size < most ? size : most) - S(1)), outer));
  } else {
    constexpr S inner[] = {0.128379165915f, -0.376126271404f, 0.112836002118f, -0.0268544455815f, 0.00518953646194f, -0.000802084569841f, 7.88911915749e-5f};
    constexpr S outer[] = {-0.000341561091485f, -1.12708900771f, -0.638145187633f, -0.10310639624f, 0.021837866042f, -0.00294760165857f, 0.00018637264366f};
    const T most = every<T>(3.95f);
    inside = polynomial(T(x * x), inner);
    outside = exp(polynomial(T(size < most ? size : most), outer));
  }
  return size < S(1) ? x + x * inside : x == x ? with_sign(T(S(1) - outside), x) : x;
}

}
