// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/lanes.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// sum_k a[k] b[k].
template <class S>
S dot(const S* __restrict a, const S* __restrict b, index_t n) {
  constexpr int L = lanes<S>;
  vec<S> s[4] = {};
  index_t k = 0;
  for (; k + 4 * L <= n; k += 4 * L)
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) s[j] += load(a + k + j * L) * load(b + k + j * L);
  for (; k + L <= n; k += L) s[0] += load(a + k) * load(b + k);
  if (k < n) s[1] += load_first(a + k, int(n - k)) * load_first(b + k, int(n - k));
  return sum_of_lanes<S>((s[0] + s[1]) + (s[2] + s[3]));
}
// y[k] += a x[k].
template <class S>
void add_scaled(S a, const S* __restrict x, S* __restrict y, index_t n) {
  for (index_t k = 0; k < n; ++k) y[k] += a * x[k];
}

}
