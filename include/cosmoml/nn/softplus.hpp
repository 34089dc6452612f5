// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/logistic.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of softplus.
struct softplus_options {
  double beta = 1;   // sharpness of the bend, above 0
};

template <softplus_options Options>
struct smooth_rectify {
  static constexpr const char* name = "softplus";
  static constexpr bool keeps_zero = false;
  static_assert(Options.beta > 0, "cosmoml: softplus wants a beta above 0");
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    if constexpr (Options.beta == 1) return g.node("Softplus", {x});
    else return g.node("Mul", {g.node("Softplus", {g.node("Mul", {x, g.constant({}, {Options.beta})})}), g.constant({}, {1 / Options.beta})});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    using S = kernels::scalar_of<T>;
    constexpr S beta = S(Options.beta), width = S(1 / Options.beta);
    return width * kernels::softplus(T(beta * x));
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    using S = kernels::scalar_of<T>;
    constexpr S beta = S(Options.beta);
    return -kernels::expm1(T(-beta * y));
  }
};

// y = ln(1 + exp(beta x)) / beta, exact for any x: torch.nn.Softplus without its threshold.
template <softplus_options Options = softplus_options{}>
struct softplus : elementwise<smooth_rectify<Options>> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, softplus>, Before, In>;
};

}
