// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/shape.hpp>

namespace cosmoml::inline COSMOML_ABI {

// The extents of pooling windows, one number an axis.
template <int... K>
using window = shape<K...>;

enum class pooling { maximum, average };

// What happens to the elements that fill no window.
enum class leftover {
  drop,      // they are not read: floor(n / k) results (PyTorch's default)
  partial,   // they fill one smaller window: ceil(n / k) results
  keep       // each stays as it is: floor(n / k) + n mod k results
};

constexpr int pooled(int n, int k, leftover r) {
  return r == leftover::drop ? n / k : r == leftover::partial ? (n + k - 1) / k : n / k + n % k;
}
constexpr extents pooled(extents in, extents window, leftover r) {
  extents out = in;
  for (int a = 0; a < in.rank; ++a) out.dim[a] = pooled(in[a], window[a], r);
  return out;
}

}
