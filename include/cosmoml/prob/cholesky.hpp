// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::prob {

// Dense algebra for the handful of dimensions of a mixture: matrices (d, d), row-major, lower triangles; cost d^3 / 3 each.

// a = l l^T. False, and l is unfinished, when a is not positive definite to working precision or holds a NaN.
COSMOML_HD inline bool cholesky(index_t d, const double* a, double* l) {
  for (index_t i = 0; i < d; ++i) {
    for (index_t j = 0; j <= i; ++j) {
      double s = a[i * d + j];
      for (index_t k = 0; k < j; ++k) s -= l[i * d + k] * l[j * d + k];
      if (i == j) {
        if (!(s > 0) || !(s <= 1.7e308)) return false;
        l[i * d + i] = std::sqrt(s);
      } else l[i * d + j] = s / l[j * d + j];
    }
    for (index_t j = i + 1; j < d; ++j) l[i * d + j] = 0;
  }
  return true;
}

// The inverse of a lower triangle.
COSMOML_HD inline void invert_lower(index_t d, const double* l, double* inverse) {
  for (index_t j = 0; j < d; ++j) {
    for (index_t i = 0; i < j; ++i) inverse[i * d + j] = 0;
    inverse[j * d + j] = 1 / l[j * d + j];
    for (index_t i = j + 1; i < d; ++i) {
      double s = 0;
      for (index_t k = j; k < i; ++k) s -= l[i * d + k] * inverse[k * d + j];
      inverse[i * d + j] = s / l[i * d + i];
    }
  }
}

// Solves l x = b in place.
COSMOML_HD inline void solve_lower(index_t d, const double* l, double* b) {
  for (index_t i = 0; i < d; ++i) {
    double s = b[i];
    for (index_t k = 0; k < i; ++k) s -= l[i * d + k] * b[k];
    b[i] = s / l[i * d + i];
  }
}
// Solves l^T x = b in place.
COSMOML_HD inline void solve_lower_transposed(index_t d, const double* l, double* b) {
  for (index_t i = d; i-- > 0;) {
    double s = b[i];
    for (index_t k = i + 1; k < d; ++k) s -= l[k * d + i] * b[k];
    b[i] = s / l[i * d + i];
  }
}
// The logarithm of the determinant of l l^T.
COSMOML_HD inline double log_determinant(index_t d, const double* l) {
  double s = 0;
  for (index_t i = 0; i < d; ++i) s += std::log(l[i * d + i]);
  return 2 * s;
}

}
