// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/exponential.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of elu.
struct elu_options {
  double alpha = 1;   // y tends to -alpha; from 0 on
};

template <class At, class After, class Given>
struct elu_alpha_is_negative {
  static_assert(never<At>, "cosmoml: the alpha of elu, to whose negative it tends, is zero or more");
};

template <elu_options Options>
struct exponential_linear {
  static constexpr const char* name = "elu";
  static constexpr bool keeps_zero = true;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Elu", {x}, {g.number("alpha", Options.alpha)});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    using S = kernels::scalar_of<T>;
    return x > T{} ? x : S(Options.alpha) * kernels::expm1(x);
  }
  template <class T>
  COSMOML_HD T slope_at_output(T y) const {
    using S = kernels::scalar_of<T>;
    return y > T{} ? kernels::every<T>(S(1)) : y + S(Options.alpha);
  }
};

// y = x where x > 0, else alpha (exp(x) - 1): torch.nn.ELU.
template <elu_options Options = elu_options{}>
struct elu : elementwise<exponential_linear<Options>> {
  static constexpr extents output(extents in) { return Options.alpha >= 0 ? in : extents::broken(); }
  template <int Index, class Before, class In>
  using mistake = elu_alpha_is_negative<at<Index, elu>, Before, In>;
};

}
