// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/ops/chosen_outputs.hpp>
#include <cosmoml/plan/rule.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// The last dense layer where one output a sample is read, and a run-time number says which (nn/chosen_outputs.hpp): the others are not
// computed, and no gradient flows through them.
struct chosen_output {
  static constexpr const char* name = "only the chosen output of each sample";
  static constexpr int takes(ahead a, rewrites allowed) {
    return allowed.choose && a.choose && a.count == 1 && a.kinds[0] == nn::kind::dense ? 1 : 0;
  }

  template <class Pass, class In, class Dense>
  struct step : one_layer::step<Pass, In, Dense> {
    using B = typename Pass::backend;
    template <class S>
    using parameters = nn::parameters<B, Dense, In, S>;

    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers&, const S* at, X x, Y y, S*) {
      const parameters<const S> p{at};
      ops::chosen_outputs<B>(pass.context, x, p.template get<"weight">(), p.template get<"bias">(), pass.which, y);
    }
    template <class Layers, int First, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers&, const S* at, X x, Y, DY dy, DX dx, S* g, S*) {
      const parameters<const S> p{at};
      const parameters<S> d{g};
      ops::chosen_outputs_adjoint<B>(pass.context, x, p.template get<"weight">(), pass.which, dy, dx, d.template get<"weight">(), d.template get<"bias">());
    }
  };
};

}
