// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/view.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {
template <class Y, class DY>
struct squared_error {
  Y y;
  DY dy;
  const typename Y::scalar* target;
  const typename Y::scalar* weight;
  typename Y::scalar scale;
  COSMOML_HD double operator()(index_t n) const {
    using S = typename Y::scalar;
    constexpr index_t size = Y::sample_size;
    const S w = weight ? weight[n] : S(1);
    double s = 0;
    for (index_t e = 0; e < size; ++e) {
      const S d = y(n, e) - target[n * size + e];
      if constexpr (Wanted<DY>) dy(n, e) = 2 * w * scale * d;
      s += double(d) * double(d);
    }
    return double(w) * s;
  }
};
}

// The sum over batch and elements of w (y - target)^2; dy (unless `nothing`) receives scale times its gradient.
// y, dy (n, d); target (n, d) in canonical order and weights n or null, on the backend.
template <class B, class Y, class DY>
double squared_error(typename B::context& c, Y y, DY dy, const typename B::scalar* target, const typename B::scalar* weight, typename B::scalar scale) {
  return B::sum_of(c, y.batch, detail::squared_error<Y, DY>{y, dy, target, weight, scale});
}

}
