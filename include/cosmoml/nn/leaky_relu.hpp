// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/number.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of leaky_relu.
struct leaky_relu_options {
  double slope = 0.01;   // below zero; from 0 on
};

template <class At, class After, class Given>
struct leaky_relu_slope_is_negative {
  static_assert(never<At>, "cosmoml: the slope of leaky_relu below zero is itself zero or more");
};

template <leaky_relu_options Options>
struct leaky_rectify {
  static constexpr const char* name = "leaky_relu";
  static constexpr bool keeps_zero = true;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("LeakyRelu", {x}, {g.number("alpha", Options.slope)});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    using S = kernels::scalar_of<T>;
    return x > T{} ? x : S(Options.slope) * x;
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    using S = kernels::scalar_of<T>;
    return y > T{} ? kernels::every<T>(S(1)) : kernels::every<T>(S(Options.slope));
  }
};

// y = x where x > 0, else slope x: torch.nn.LeakyReLU.
template <leaky_relu_options Options = leaky_relu_options{}>
struct leaky_relu : elementwise<leaky_rectify<Options>> {
  static constexpr extents output(extents in) { return Options.slope >= 0 ? in : extents::broken(); }
  template <int Index, class Before, class In>
  using mistake = leaky_relu_slope_is_negative<at<Index, leaky_relu>, Before, In>;
};

}
