// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/plan/affine_activation.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// One convolution with its bias, then F: in one call of the backend if it can.
template <class Pass, class Conv, class F, class P, class X, class Y>
void convolution_forward(Pass& pass, P p, X x, Y y) {
  using B = typename Pass::backend;
  using G = typename Conv::template geometry_for<Pass, X>;
  const auto w = p.template get<"weight">();
  const auto b = p.template get<"bias">();
  if constexpr (FusesConvolution<B, G, X, decltype(w), decltype(b), F, Y>) B::template convolution_affine<G>(pass.context, x, w, b, F{}, y);
  else {
    ops::convolution<B, G>(pass.context, x, w, y);
    B::add_channel(pass.context, b, y);
    if constexpr (!std::same_as<F, identity_function>) B::map(pass.context, F{}, y, y);
  }
}

// conv: the bias goes into the sums.
struct convolution_bias {
  static constexpr const char* name = "fused: convolution, bias";
  static constexpr int takes(ahead a, rewrites allowed) { return allowed.fuse && a.count > 0 && a.kinds[0] == nn::kind::convolution ? 1 : 0; }

  template <class Pass, class In, class Conv>
  struct step : one_layer::step<Pass, In, Conv> {
    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers&, const S* p, X x, Y y, S*) {
      convolution_forward<Pass, Conv, identity_function>(pass, nn::parameters_of<typename Pass::backend, Conv, In>(p), x, y);
    }
  };
};

// conv, then a function of each element: no edge between them. On the way back the slopes go into dy in the pass that sums up the bias,
// or have been put there by what comes after (nn::through).
struct convolution_activation {
  static constexpr const char* name = "fused: convolution, bias, function";
  static constexpr int takes(ahead a, rewrites allowed) { return allowed.fuse && a.begins_with(nn::kind::convolution, nn::kind::elementwise) ? 2 : 0; }

  template <class Pass, class In, class Conv, class Activation>
  struct step : one_layer::step<Pass, In, Conv> {
    using B = typename Pass::backend;
    using function = typename Activation::function;

    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers&, const S* p, X x, Y y, S*) {
      convolution_forward<Pass, Conv, function>(pass, nn::parameters_of<B, Conv, In>(p), x, y);
    }
    template <class Layers, int First, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers& layers, const S* p, X x, Y y, DY dy, DX dx, S* g, S*) {
      const auto of = nn::parameters_of<B, Conv, In>(g);
      const auto bias = of.template get<"bias">();
      const auto rest = [&](auto d) { get<First>(layers).adjoints(pass, nn::parameters_of<B, Conv, In>(p), x, d, dx, of); };
      if constexpr (requires { typename DY::view_before; }) {
        const typename DY::view_before d = dy;
        B::sum_channel(pass.context, d, bias);
        rest(d);
      } else {
        if constexpr (FusesAdjointSum<B, function, Y, DY, decltype(bias)>) B::map_adjoint_and_sum(pass.context, function{}, y, dy, bias);
        else {
          B::map_adjoint(pass.context, function{}, y, dy, dy);
          B::sum_channel(pass.context, dy, bias);
        }
        rest(dy);
      }
    }
  };
};

// A gradient between the step Before and the single layer L: as nn::through where L gives the slope of the function that Before ends in.
template <class Pass, class Before, class L, class X, class DY, class V>
auto given_slope(V v) {
  if constexpr (requires { requires L::template gives_slope<Pass, typename Before::function, X, DY, V>; }) return nn::through<typename Before::function, V>{v};
  else return v;
}

}
