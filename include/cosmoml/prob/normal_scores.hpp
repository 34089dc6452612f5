// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/tensor/ndarray.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cosmoml::inline COSMOML_ABI::prob {

// The number that a standard normal stays below with probability u, 0 < u < 1; to about 1e-15 (a rational start by Acklam, two steps of Halley).
inline double normal_quantile(double u) {
  if (!(u > 0 && u < 1)) return u == 0 ? -INFINITY : u == 1 ? INFINITY : NAN;
  const double tail = u < 0.5 ? u : 1 - u;
  double z;
  if (tail < 0.02425) {
    const double q = std::sqrt(-2 * std::log(tail));
    z = (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783) /
        ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
  } else {
    const double q = tail - 0.5, r = q * q;
    z = (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239) * q /
        (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1);
  }
  for (int i = 0; i < 2; ++i) {   // z is the lower tail's
    const double e = (0.5 * std::erfc(-z / 1.41421356237309504880) - tail) * 2.50662827463100050242 * std::exp(0.5 * z * z);
    z -= e / (1 + 0.5 * z * e);
  }
  return u < 0.5 ? z : -z;
}

// Each column's ranks as quantiles of the standard normal, ties sharing their mean rank: a monotone map, which leaves mutual information as it is and
// takes hard edges and long tails away. Columns (n, d), or (n). Cost d n log n.
template <HostArray X>
ndarray<double> normal_scores(const X& x) {
  const auto v = as_ndview(x);
  expect<shape_mismatch>(v.rank == 1 || v.rank == 2, "prob::normal_scores", "give (rows, columns), or (rows) for one column", v.rank, " axes");
  const index_t n = v.rows(), d = v.row_size();
  ndarray<double> out(n, d);
  std::vector<index_t> order(static_cast<std::size_t>(n));
  for (index_t c = 0; c < d; ++c) {
    for (index_t i = 0; i < n; ++i)
      if (!std::isfinite(double(v(i, c)))) throw numerical_error("prob::normal_scores", text(double(v(i, c)), " in row ", i, ", column ", c), "remove rows that are not finite");
    std::iota(order.begin(), order.end(), index_t(0));
    std::stable_sort(order.begin(), order.end(), [&](index_t a, index_t b) { return v(a, c) < v(b, c); });
    for (index_t i = 0; i < n;) {
      index_t j = i;
      while (j < n && v(order[std::size_t(j)], c) == v(order[std::size_t(i)], c)) ++j;
      const double score = normal_quantile(0.5 * double(i + j) / double(n));
      for (; i < j; ++i) out[order[std::size_t(i)] * d + c] = score;
    }
  }
  return out;
}

}
