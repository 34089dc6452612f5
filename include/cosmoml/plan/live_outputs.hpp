// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/rule.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// The parameters of a dense layer, or their gradients, as if it had its first `Units` outputs only.
template <class P, int Units>
struct leading_outputs {
  P all;
  template <fixed_string Name>
  auto get() const {
    const auto whole = all.template get<Name>();
    using V = decltype(whole);
    if constexpr (V::shape.rank == 2) return whole.template sub<shape<Units, V::shape.dim[1]>, 0>();
    else return whole.template sub<shape<Units>, 0>();
  }
};

// dense: outputs that nobody reads are not computed, and the parameters that make them get no gradient. Also what the other rules for
// dense layers stand on.
struct live_outputs {
  static constexpr const char* name = "";
  static constexpr int takes(ahead a, rewrites allowed) { return allowed.skip_dead && a.count > 0 && a.kinds[0] == nn::kind::dense ? 1 : 0; }

  template <class Pass, class In, class Dense>
  struct step : one_layer::step<Pass, In, Dense> {
    using B = typename Pass::backend;
    using live = typename Pass::live;
    static constexpr bool all = std::same_as<live, everything>;

    template <class V>
    static auto outputs(V v) {
      if constexpr (all) return v;
      else return v.template sub<live, 0>();
    }
    template <class S>
    static auto parameters(S* p) {
      using P = nn::parameters<B, Dense, In, S>;
      if constexpr (all) return P{p};
      else return leading_outputs<P, live::value.dim[0]>{{p}};
    }
    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers& layers, const S* p, X x, Y y, S* state) {
      get<First>(layers).forward(pass, parameters(p), x, outputs(y), state);
    }
    template <class Layers, int First, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers& layers, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) {
      get<First>(layers).backward(pass, parameters(p), x, outputs(y), outputs(dy), dx, parameters(g), state);
    }
  };
};

}
