// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/hyperbolic.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

struct hyperbolic_tangent {
  static constexpr const char* name = "tanh";
  static constexpr bool keeps_zero = true;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Tanh", {x});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return kernels::tanh(x);
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    using S = kernels::scalar_of<T>;
    return S(1) - y * y;
  }
};

// y = tanh(x): torch.nn.Tanh. (`tanh` itself is the function of <cmath>.)
struct tanh_layer : elementwise<hyperbolic_tangent> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, tanh_layer>, Before, In>;
};

}
