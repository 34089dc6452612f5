// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/logistic.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

struct logistic {
  static constexpr const char* name = "sigmoid";
  static constexpr bool keeps_zero = false;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Sigmoid", {x});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return kernels::sigmoid(x);
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    using S = kernels::scalar_of<T>;
    return y * (S(1) - y);
  }
};

// y = 1 / (1 + exp(-x)): torch.nn.Sigmoid.
struct sigmoid : elementwise<logistic> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, sigmoid>, Before, In>;
};

}
