// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/ops/dropout.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of dropout.
struct dropout_options {
  double rate = 0.5;       // of elements that become zero
  bool channels = false;   // whole channels at once (PyTorch's Dropout1d to 3d)
};

template <class At, class After, class Given>
struct dropout_rate_out_of_range {
  static_assert(never<At>, "cosmoml: the rate of dropout is at least 0 and below 1");
};

// Training: each element becomes zero with probability `rate`, and what stays is multiplied by 1 / (1 - rate). Inference: the identity.
// PyTorch's Dropout. The mask is read off the pass's key: the same on every backend and any number of threads.
template <dropout_options Options = dropout_options{}>
struct dropout {
  static constexpr bool reads_output = false, reads_input = false, draws = true;
  static constexpr extents output(extents in) { return Options.rate >= 0 && Options.rate < 1 ? in : extents::broken(); }
  static constexpr auto fields(extents) { return no_fields; }
  static constexpr edge_wishes wishes(extents) { return {.in = {}, .out = {}, .same = true}; }
  static constexpr extents live(extents, extents live_out) { return live_out; }
  template <int Index, class Before, class In>
  using mistake = dropout_rate_out_of_range<at<Index, dropout>, Before, In>;
  static std::string label() { return text("dropout ", Options.rate, Options.channels ? " of channels" : ""); }

  template <class In, class G>
  static typename G::value onnx(G&, const typename G::value& x) {
    return x;
  }
  template <class Y, class Pass>
  static cosmoml::dropping stream(const Pass& pass) {
    return {pass.randomness, Options.rate, pass.first_sample * (Y::sample_size / inner<Y>)};
  }
  template <class Y>
  static constexpr index_t inner = Options.channels && Y::shape.rank > 1 ? Y::shape.stride(0) : 1;
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    using B = typename Pass::backend;
    if constexpr (Pass::training) ops::dropout<B, inner<Y>>(pass.context, stream<Y>(pass), x, y);
    else B::convert(pass.context, x, y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X, Y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) ops::dropout<typename Pass::backend, inner<Y>>(pass.context, stream<Y>(pass), dy, dx);
  }
};

}
