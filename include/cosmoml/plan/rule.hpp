// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/leaves.hpp>
#include <cosmoml/nn/layer.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// What a chain executes is a list of steps. A rule looks at plain values (kinds and shapes of the layers still to come) and says how
// many of them it takes; its step, a type of those layers only, runs them as one. Parameters stay where the blueprint puts them, so
// plans never show in files. The law of every rule, and its test: planned == unplanned, values and gradients, to rounding.
struct ahead {
  const nn::kind* kinds;
  const extents* shapes;   // shapes[i] enters layer i, shapes[i + 1] leaves it
  int count;
  bool choose = false;     // of the last layer's output, one element a sample is read
  constexpr bool begins_with(nn::kind a, nn::kind b) const { return count > 1 && kinds[0] == a && kinds[1] == b; }
};

// The rule that always applies: the layer itself.
struct one_layer {
  static constexpr const char* name = "";
  static constexpr int takes(ahead, rewrites) { return 1; }

  template <class Pass, class In, class L>
  struct step {
    using B = typename Pass::backend;
    template <class X, class Y>
    static index_t state_size(index_t batch) {
      return nn::state_size<Pass, L, X, Y>(batch);
    }
    template <class X, class Y>
    static index_t workspace_size(index_t batch) {
      return nn::workspace_size<Pass, L, X, Y>(batch);
    }
    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers& layers, const S* p, X x, Y y, S* state) {
      get<First>(layers).forward(pass, nn::parameters_of<B, L, In>(p), x, y, state);
    }
    template <class Layers, int First, class S, class X, class Y>
    static void forward_again(Pass& pass, const Layers& layers, const S* p, X x, Y y, S* state) {
      get<First>(layers).forward_again(pass, nn::parameters_of<B, L, In>(p), x, y, state);
    }
    template <class Layers, int First, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers& layers, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) {
      get<First>(layers).backward(pass, nn::parameters_of<B, L, In>(p), x, y, dy, dx, nn::parameters_of<B, L, In>(g), state);
    }
  };
};

}
