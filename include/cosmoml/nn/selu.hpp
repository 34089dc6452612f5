// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/exponential.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

struct scaled_exponential_linear {
  static constexpr const char* name = "selu";
  static constexpr bool keeps_zero = true;
  static constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Selu", {x}, {g.number("alpha", alpha), g.number("gamma", scale)});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    using S = kernels::scalar_of<T>;
    constexpr S l = S(scale), la = S(scale * alpha);
    return x > T{} ? l * x : la * kernels::expm1(x);
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    using S = kernels::scalar_of<T>;
    constexpr S l = S(scale), la = S(scale * alpha);
    return y > T{} ? kernels::every<T>(l) : y + la;
  }
};

// y = scale x where x > 0, else scale alpha (exp(x) - 1), with the two numbers that make mean 0 and variance 1 a fixed point
// (Klambauer et al. 2017): torch.nn.SELU.
struct selu : elementwise<scaled_exponential_linear> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, selu>, Before, In>;
};

}
