// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/logistic.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

struct sigmoid_weighted {
  static constexpr const char* name = "silu";
  static constexpr bool keeps_zero = true;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Mul", {x, g.node("Sigmoid", {x})});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return x * kernels::sigmoid(x);
  }
  template <class T>
  COSMOML_HD T slope_at_input(T x) const {
    using S = kernels::scalar_of<T>;
    const T s = kernels::sigmoid(x);
    return s * (S(1) + x * (S(1) - s));
  }
};

// y = x / (1 + exp(-x)), also called swish: torch.nn.SiLU.
struct silu : elementwise<sigmoid_weighted> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, silu>, Before, In>;
};

}
