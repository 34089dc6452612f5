// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/loss.hpp>
#include <cosmoml/ops/softmax_cross_entropy.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// The mean over the batch of -log softmax(y)[label]. y (n, classes) are logits, targets are class numbers 0 ... classes - 1.
// PyTorch's CrossEntropyLoss.
struct cross_entropy {
  template <class B>
  using target = int;
  static constexpr index_t targets(extents) { return 1; }

  template <class B, class Y, class DY>
  double evaluate(typename B::context& c, Y y, DY dy, const int* label, const typename B::scalar* weight, typename B::scalar scale) const {
    return ops::softmax_cross_entropy<B>(c, y, dy, label, weight, scale);
  }
};

}
