// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/ops/pool.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class At, class After, class Given>
struct global_pool_needs_spatial_axes {
  static_assert(never<At>, "cosmoml: global pooling takes (channels, spatial axes...); this input has channels only");
};

// (channels, spatial axes...) -> (channels): the largest or the mean of each map. PyTorch's AdaptiveAvgPool or AdaptiveMaxPool to one
// element, and the Flatten behind it.
template <pooling P>
struct global_pool {
  static constexpr bool reads_output = false;
  static constexpr extents output(extents in) { return in.rank >= 2 ? extents{in[0]} : extents::broken(); }
  static constexpr auto fields(extents) { return no_fields; }
  static constexpr edge_wishes wishes(extents) { return {.in = {.convolved = true}, .out = {}}; }   // stands behind convolutions
  static constexpr extents live(extents in, extents live_out) {
    in.dim[0] = live_out[0];
    return in;
  }
  template <int Index, class Before, class In>
  using mistake = global_pool_needs_spatial_axes<at<Index, global_pool>, Before, In>;
  static std::string label() { return P == pooling::maximum ? "global_max_pool" : "global_average_pool"; }

  template <class In>
  struct shapes_of {
    static constexpr extents shapes[2] = {[] {
                                            extents e = In::value;
                                            e.dim[0] = 1;
                                            return e;
                                          }(),
                                          [] {
                                            extents e = In::value;
                                            for (int a = 1; a < e.rank; ++a) e.dim[a] = 1;
                                            return e;
                                          }()};
  };
  // One window a map; y as (channels, 1, 1), in place.
  template <class X>
  using window = shape_at<shapes_of<typename X::shape_type>, 0>;
  template <class X, class Y>
  static auto results(Y y) {
    return y.template sub<shape_at<shapes_of<typename X::shape_type>, 1>, 0>();
  }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.reshaped(g.node(P == pooling::maximum ? "GlobalMaxPool" : "GlobalAveragePool", {x}), output(In::value));
  }
  template <class Pass, class Pa, class X, class Y, class S>
  void forward(Pass& pass, Pa, X x, Y y, S*) const {
    ops::pool<typename Pass::backend, P, window<X>, leftover::drop>(pass.context, x, results<X>(y));
  }
  template <class Pass, class Pa, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, Pa, X x, Y y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) ops::pool_adjoint<typename Pass::backend, P, window<X>, leftover::drop>(pass.context, x, results<X>(y), results<X>(dy), dx);
  }
};
// The mean of each map.
struct global_average_pool : global_pool<pooling::average> {
  template <int Index, class Before, class In>
  using mistake = global_pool_needs_spatial_axes<at<Index, global_average_pool>, Before, In>;
};
// The largest element of each map.
struct global_max_pool : global_pool<pooling::maximum> {
  template <int Index, class Before, class In>
  using mistake = global_pool_needs_spatial_axes<at<Index, global_max_pool>, Before, In>;
};

}
