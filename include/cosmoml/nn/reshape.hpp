// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class At, class After, class Given>
struct reshape_changes_the_number_of_elements {
  static_assert(never<At>, "cosmoml: reshape keeps the number of elements; its extents must multiply to the size of the shape it is given");
};

namespace detail {
// Both change the shape and nothing else: where one of a backend's layouts ends and another begins.
struct relabel {
  static constexpr bool reads_output = false, reads_input = false;
  static constexpr kind rewritable_as = kind::relabel;
  static constexpr auto fields(extents) { return no_fields; }
  static constexpr extents live(extents in, extents) { return in; }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    Pass::backend::convert(pass.context, x, y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X, Y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) Pass::backend::convert(pass.context, dy, dx);
  }
};
}

// (c, h, w) -> (c h w), in canonical order as PyTorch's Flatten.
struct flatten : detail::relabel {
  static constexpr extents output(extents in) { return extents{int(in.size())}; }
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, flatten>, Before, In>;
  static std::string label() { return "flatten"; }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.node("Flatten", {x});
  }
};

// region: reshape
// The same elements in another shape of the same size: reshape<8, 8> behind dense<64>.
template <int... D>
struct reshape : detail::relabel {
  static constexpr extents output(extents in) { return in.size() == extents{D...}.size() ? extents{D...} : extents::broken(); }
  template <int Index, class Before, class In>
  using mistake = reshape_changes_the_number_of_elements<at<Index, reshape>, Before, In>;
  static std::string label() { return text("reshape", extents{D...}); }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.reshaped(x, extents{D...});
  }
};
// end region

}
