// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/view.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {
template <class Y, class DY>
struct normal_divergence {
  Y y;
  DY dy;
  const typename Y::scalar* weight;
  typename Y::scalar scale;
  COSMOML_HD double operator()(index_t n) const {
    using S = typename Y::scalar;
    constexpr index_t latents = Y::sample_size / 2;
    const S w = weight ? weight[n] : S(1);
    double sum = 0;
    for (index_t e = 0; e < latents; ++e) {
      const S m = y(n, e), v = y(n, latents + e), variance = std::exp(v);
      if constexpr (Wanted<DY>) {
        dy(n, e) = w * scale * m;
        dy(n, latents + e) = w * scale * (variance - S(1)) / S(2);
      }
      sum += (double(variance) + double(m) * double(m) - 1 - double(v)) / 2;
    }
    return double(w) * sum;
  }
};
}

// The sum over the batch of w KL(N(m, exp(v)) || N(0, 1)) = w sum (exp(v) + m^2 - 1 - v) / 2, a term for each latent; dy (unless
// `nothing`) receives scale times its gradient. y, dy (n, 2 latents): means, then log variances; weights n or null, on the backend.
template <class B, class Y, class DY>
double normal_divergence(typename B::context& c, Y y, DY dy, const typename B::scalar* weight, typename B::scalar scale) {
  static_assert(Y::sample_size % 2 == 0, "cosmoml: the divergence takes as many log variances as means");
  return B::sum_of(c, y.batch, detail::normal_divergence<Y, DY>{y, dy, weight, scale});
}

}
