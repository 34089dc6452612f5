// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/logistic.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of softplus.
struct softplus_options {
  double beta = 1;   // sharpness of the bend, above 0
};

template <class At, class After, class Given>
struct softplus_beta_out_of_range {
  static_assert(never<At>, "cosmoml: the beta of softplus is above zero");
};

template <softplus_options Options>
struct smooth_rectify {
  static constexpr const char* name = "softplus";
  static constexpr bool keeps_zero = false;
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
  static constexpr extents output(extents in) { return Options.beta > 0 ? in : extents::broken(); }
  template <int Index, class Before, class In>
  using mistake = softplus_beta_out_of_range<at<Index, softplus>, Before, In>;
};

}
