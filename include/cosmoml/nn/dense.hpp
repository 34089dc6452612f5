// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class At, class After, class Given>
struct dense_needs_a_flat_input {
  static_assert(never<At>, "cosmoml: dense takes one axis per sample; put flatten before it");
};

// y = x W^T + b: x (n, inputs), weight (Units, inputs), bias (Units), y (n, Units). PyTorch's Linear, and its first guess.
template <int Units>
struct dense {
  static constexpr kind rewritable_as = kind::dense;
  static constexpr bool reads_output = false;
  static constexpr extents output(extents in) { return in.rank == 1 ? extents{Units} : extents::broken(); }
  static constexpr auto fields(extents in) {
    return std::array{field{"weight", {Units, in[0]}, role::matrix, in[0]}, field{"bias", {Units}, role::vector, in[0]}};
  }
  static constexpr index_t dead_parameters(extents in, extents live_out) { return index_t(Units - live_out[0]) * (in[0] + 1); }
  template <int Index, class Before, class In>
  using mistake = dense_needs_a_flat_input<at<Index, dense>, Before, In>;
  static std::string label() { return text("dense<", Units, ">"); }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Gemm", {x, g.parameter("weight"), g.parameter("bias")}, {g.integer("transB", 1)});
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P p, X x, Y y, S*) const {
    using B = typename Pass::backend;
    B::matmul(pass.context, x.as_matrix(), transpose(p.template get<"weight">().as_matrix()), y.as_matrix());
    B::add_channel(pass.context, p.template get<"bias">(), y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P p, X x, Y, DY dy, DX dx, G g, S*) const {
    using B = typename Pass::backend;
    B::template matmul<true>(pass.context, transpose(dy.as_matrix()), x.as_matrix(), g.template get<"weight">().as_matrix());
    B::sum_channel(pass.context, dy, g.template get<"bias">());
    if constexpr (Wanted<DX>) B::matmul(pass.context, dy.as_matrix(), p.template get<"weight">().as_matrix(), dx.as_matrix());
  }
};

}
