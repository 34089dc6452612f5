// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/rule.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// A norm, then a function of each element, in the same passes over the maps: no edge between them. On the way back the slopes are found from
// what the norm was given, which it reads anyway, or have been put into dy by what comes after (nn::through).
struct norm_activation {
  static constexpr const char* name = "fused: norm, function";
  static constexpr bool repeats = true;   // gives its output again, and does not read it on the way back
  static constexpr int takes(ahead a, rewrites allowed) { return allowed.fuse && a.begins_with(nn::kind::norm, nn::kind::elementwise) ? 2 : 0; }

  template <class Pass, class In, class Norm, class Activation>
  struct step : one_layer::step<Pass, In, Norm> {
    using B = typename Pass::backend;
    using function = typename Activation::function;
    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers& layers, const S* p, X x, Y y, S* state) {
      get<First>(layers).forward_then(pass, function{}, nn::parameters_of<B, Norm, In>(p), x, y, state);
    }
    template <class Layers, int First, class S, class X, class Y>
    static void forward_again(Pass& pass, const Layers& layers, const S* p, X x, Y y, S* state) {
      get<First>(layers).forward_again_then(pass, function{}, nn::parameters_of<B, Norm, In>(p), x, y, state);
    }
    template <class Layers, int First, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers& layers, const S* p, X x, Y, DY dy, DX dx, S* g, S* state) {
      const auto run = [&](auto f, auto d) { get<First>(layers).backward_through(pass, f, nn::parameters_of<B, Norm, In>(p), x, d, dx, nn::parameters_of<B, Norm, In>(g), state); };
      if constexpr (requires { typename DY::view_before; }) run(identity_function{}, static_cast<typename DY::view_before>(dy));
      else run(function{}, dy);
    }
  };
};

}
