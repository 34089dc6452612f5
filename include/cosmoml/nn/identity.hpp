// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/reshape.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// y = x: the branch of a composite that changes nothing.
struct identity : detail::relabel {
  static constexpr extents output(extents in) { return in; }
  static constexpr extents live(extents, extents live_out) { return live_out; }
  static constexpr edge_wishes wishes(extents) { return {.in = {}, .out = {}, .same = true}; }
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, identity>, Before, In>;
  static std::string label() { return "identity"; }
  template <class In, class G>
  static typename G::value onnx(G&, const typename G::value& x) {
    return x;
  }
};

}
