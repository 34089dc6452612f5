// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/loss.hpp>
#include <cosmoml/ops/squared_error.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// The mean over batch and elements of (y - target)^2. y, target (n, d...). PyTorch's MSELoss.
struct mean_squared_error {
  template <class B>
  using target = typename B::scalar;
  static constexpr index_t targets(extents y) { return y.size(); }

  template <class B, class Y, class DY>
  double evaluate(typename B::context& c, Y y, DY dy, const typename B::scalar* t, const typename B::scalar* weight, typename B::scalar scale) const {
    return ops::squared_error<B>(c, y, dy, t, weight, scale);
  }
};

}
