// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/live_outputs.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// One product with its bias, then F: in one call of the backend if it can.
template <class B, class F, class P, class X, class Y>
void affine_forward(typename B::context& c, P p, X x, Y y) {
  const auto w = transpose(p.template get<"weight">().as_matrix());
  const auto b = p.template get<"bias">();
  if constexpr (FusesAffine<B, decltype(x.as_matrix()), decltype(w), decltype(b), decltype(y.as_matrix()), F>)
    B::affine(c, x.as_matrix(), w, b, y.as_matrix(), F{});
  else {
    B::matmul(c, x.as_matrix(), w, y.as_matrix());
    B::add_channel(c, b, y);
    if constexpr (!std::same_as<F, identity_function>) B::map(c, F{}, y, y);
  }
}

// dense: the bias goes into the product.
struct affine {
  static constexpr const char* name = "fused: product, bias";
  static constexpr int takes(ahead a, rewrites allowed) { return allowed.fuse && a.count > 0 && a.kinds[0] == nn::kind::dense ? 1 : 0; }

  template <class Pass, class In, class Dense>
  struct step : live_outputs::step<Pass, In, Dense> {
    using base = live_outputs::step<Pass, In, Dense>;

    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers&, const S* p, X x, Y y, S*) {
      affine_forward<typename Pass::backend, identity_function>(pass.context, base::parameters(p), x, base::outputs(y));
    }
  };
};

// dense, then a function of each element: no edge between them, one call where the backend can, three where it cannot.
struct affine_activation {
  static constexpr const char* name = "fused: product, bias, function";
  static constexpr int takes(ahead a, rewrites allowed) {
    return allowed.fuse && a.begins_with(nn::kind::dense, nn::kind::elementwise) ? 2 : 0;
  }

  template <class Pass, class In, class Dense, class Activation>
  struct step : live_outputs::step<Pass, In, Dense> {
    using B = typename Pass::backend;
    using F = typename Activation::function;
    using base = live_outputs::step<Pass, In, Dense>;

    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers&, const S* at, X x, Y y, S*) {
      affine_forward<B, F>(pass.context, base::parameters(at), x, base::outputs(y));
    }
    template <class Layers, int First, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers& layers, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) {
      const auto d = base::outputs(dy);
      B::map_adjoint(pass.context, F{}, base::outputs(y), d, d);
      base::template backward<Layers, First>(pass, layers, p, x, y, dy, dx, g, state);
    }
  };
};

}
