// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A layer y = F(x), element by element. F is a function object that takes a scalar or a vector of lanes: F{}(x), F::name, F::keeps_zero
// (whether F(0) = 0), and its slope: F{}.slope_at_output(y) if y tells it, else F{}.slope_at_input(x). The former fuses with the layer
// before it, since nobody needs x again; the latter only in inference.
template <class F>
struct elementwise {
  using function = F;
  static constexpr bool reads_input = SlopeAtInput<F>, repeats = true;
  static constexpr kind rewritable_as = SlopeAtInput<F> ? kind::elementwise_at_input : kind::elementwise;
  static constexpr extents output(extents in) { return in; }
  static constexpr auto fields(extents) { return no_fields; }
  static constexpr edge_wishes wishes(extents) { return {.in = {}, .out = {}, .same = true}; }
  static constexpr extents live(extents, extents live_out) { return live_out; }
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, elementwise>, Before, In>;
  static std::string label() { return F::name; }

  template <class In, class G>
    requires requires(G& g, const typename G::value& x) { F::onnx(g, x); }
  static typename G::value onnx(G& g, const typename G::value& x) {
    return F::onnx(g, x);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    Pass::backend::map(pass.context, F{}, x, y);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward_again(Pass& pass, P p, X x, Y y, S* state) const {
    forward(pass, p, x, y, state);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X x, Y y, DY dy, DX dx, G, S*) const {
    if constexpr (!Wanted<DX>) return;
    else if constexpr (SlopeAtInput<F>) Pass::backend::map_adjoint(pass.context, F{}, x, dy, dx);
    else Pass::backend::map_adjoint(pass.context, F{}, y, dy, dx);
  }
};

}
