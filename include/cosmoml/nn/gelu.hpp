// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/error_function.hpp>
#include <cosmoml/kernels/hyperbolic.hpp>
#include <cosmoml/nn/elementwise.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

struct gaussian_weighted {
  static constexpr const char* name = "gelu";
  static constexpr bool keeps_zero = true;
  static constexpr double root_half = 0.70710678118654752440;
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    const auto e = g.node("Erf", {g.node("Mul", {x, g.constant({}, {root_half})})});
    return g.node("Mul", {g.node("Mul", {x, g.constant({}, {0.5})}), g.node("Add", {e, g.constant({}, {1.0})})});
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    using S = kernels::scalar_of<T>;
    return S(0.5) * x * (S(1) + kernels::erf(T(x * S(root_half))));
  }
  template <class T>
  COSMOML_HD T slope_at_input(T x) const {
    using S = kernels::scalar_of<T>;
    const T density = S(0.3989422804014326779) * kernels::exp(T(S(-0.5) * x * x));
    return S(0.5) * (S(1) + kernels::erf(T(x * S(root_half)))) + x * density;
  }
};
struct gaussian_weighted_by_tanh {
  static constexpr const char* name = "gelu, tanh";
  static constexpr bool keeps_zero = true;
  static constexpr double root = 0.79788456080286535588, cubic = 0.044715;   // sqrt(2 / pi)
  template <class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    const auto cube = g.node("Mul", {g.node("Mul", {x, x}), g.node("Mul", {x, g.constant({}, {root * cubic})})});
    const auto t = g.node("Tanh", {g.node("Add", {g.node("Mul", {x, g.constant({}, {root})}), cube})});
    return g.node("Mul", {g.node("Mul", {x, g.constant({}, {0.5})}), g.node("Add", {t, g.constant({}, {1.0})})});
  }
  template <class T>
  COSMOML_HD static T inner(T x) {
    using S = kernels::scalar_of<T>;
    return S(root) * x + S(root * cubic) * x * x * x;
  }
  template <class T>
  COSMOML_HD T operator()(T x) const {
    using S = kernels::scalar_of<T>;
    return S(0.5) * x * (S(1) + kernels::tanh(inner(x)));
  }
  template <class T>
  COSMOML_HD T slope_at_input(T x) const {
    using S = kernels::scalar_of<T>;
    const T t = kernels::tanh(inner(x));
    return S(0.5) * (S(1) + t) + S(0.5) * x * (S(1) - t * t) * (S(root) + S(3 * root * cubic) * x * x);
  }
};

// y = x P(X < x) for X of the standard normal distribution (Hendrycks and Gimpel 2016): torch.nn.GELU.
struct gelu : elementwise<gaussian_weighted> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, gelu>, Before, In>;
};
// Its approximation by a hyperbolic tangent, off by up to 5e-4: torch.nn.GELU(approximate="tanh").
struct gelu_tanh : elementwise<gaussian_weighted_by_tanh> {
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, gelu_tanh>, Before, In>;
};

}
