// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/view.hpp>
#include <cosmoml/kernels/exponential.hpp>
#include <cosmoml/kernels/logarithm.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {
template <class Y, class DY>
struct softmax_cross_entropy {
  Y y;
  DY dy;
  const int* label;
  const typename Y::scalar* weight;   // null: all one
  typename Y::scalar scale;
  COSMOML_HD double operator()(index_t n) const {
    using S = typename Y::scalar;
    constexpr index_t classes = Y::sample_size;
    S top = y(n, 0), sum = 0;
    for (index_t c = 1; c < classes; ++c) top = y(n, c) > top ? y(n, c) : top;
    const double below = double(top) - double(y(n, label[n]));
    if constexpr (Wanted<DY>) {
      for (index_t c = 0; c < classes; ++c) dy(n, c) = kernels::exp(S(y(n, c) - top));
      for (index_t c = 0; c < classes; ++c) sum += dy(n, c);
    } else
      for (index_t c = 0; c < classes; ++c) sum += kernels::exp(S(y(n, c) - top));
    const S w = weight ? weight[n] : S(1);
    const double value = double(w) * (kernels::log(double(sum)) + below);
    if constexpr (Wanted<DY>)
      for (index_t c = 0; c < classes; ++c) dy(n, c) = w * scale * (dy(n, c) / sum - S(c == label[n]));
    return value;
  }
};
}

// The sum over the batch of -w log softmax(y)[label]; dy (unless `nothing`) receives scale times its gradient.
// y, dy (n, classes); labels n class numbers and weights n or null, on the backend.
template <class B, class Y, class DY>
double softmax_cross_entropy(typename B::context& c, Y y, DY dy, const int* label, const typename B::scalar* weight, typename B::scalar scale) {
  return B::sum_of(c, y.batch, detail::softmax_cross_entropy<Y, DY>{y, dy, label, weight, scale});
}

}
