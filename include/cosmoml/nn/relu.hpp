// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

struct rectify {
  static constexpr const char* name = "relu";
  static constexpr bool keeps_zero = true;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Relu", {x});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return x < T{} ? T{} : x;   // what is not a number stays so, and is found
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    return y > T{} ? T{} + 1 : T{};
  }
};

// y = max(x, 0).
struct relu : elementwise<rectify> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, relu>, Before, In>;
};

}
