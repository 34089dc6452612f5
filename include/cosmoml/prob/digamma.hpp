// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cmath>

#include <cosmoml/config.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// The digamma function of x > 0, to 1e-14 relative or absolute: recurrence up to 10, then its asymptotic series (Abramowitz and Stegun 6.3.18).
inline double digamma(double x) {
  double s = 0;
  for (; x < 10; ++x) s -= 1 / x;
  const double r = 1 / (x * x);
  return s + std::log(x) - 0.5 / x - r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r / 12))))));
}

}
