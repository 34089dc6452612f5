// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/wavelet/daubechies.hpp>

namespace cosmoml::inline COSMOML_ABI::wavelet {

// Options of transform.
struct transform_options {
  int axes = 2;      // the last 1, 2 or 3 axes of the sample are transformed
  int levels = 0;    // 0: as many as the shortest of them allows; more than that sees mostly its own extension
  extension mode = extension::symmetric;
};

template <class At, class After, class Given>
struct wavelet_transform_needs_longer_axes {
  static_assert(nn::never<At>, "cosmoml: a wavelet transform needs as many axes as its options say (2 by default), long enough for one level; Haar wants 2 elements, dbN wants 4 N - 2");
};

// The multilevel discrete wavelet transform as a layer without parameters: (..., h, w) -> all coefficients as one flat vector, coarse to
// fine, A_L, (H, V, D)_L, ..., (H, V, D)_1, one such vector after the other for each of the leading axes. Level 1 is the finest.
// coefficients(in) says where each band lies. The adjoint is exact, boundaries included, so it may stand anywhere in a network.
template <Wavelet W = haar, transform_options Options = transform_options{}>
struct transform {
  static constexpr wavelet_sizes coefficients(extents in) {
    const int axes = Options.axes;
    if (axes < 1 || axes > 3 || in.rank < axes) return {};
    int n[3] = {}, levels = wavelet_sizes::max_levels;
    for (int a = 0; a < axes; ++a) {
      n[a] = in[in.rank - axes + a];
      const int most = max_level(n[a], W::taps);
      levels = most < levels ? most : levels;
    }
    return {n, axes, Options.levels ? Options.levels : levels, W::taps, Options.mode};
  }
  static constexpr index_t planes(extents in) {
    index_t n = 1;
    for (int a = 0; a < in.rank - Options.axes; ++a) n *= in[a];
    return n;
  }
  static constexpr extents output(extents in) {
    const wavelet_sizes z = coefficients(in);
    return z.levels == 0 ? extents::broken() : extents{int(planes(in) * z.size())};
  }
  static constexpr auto fields(extents) { return nn::no_fields; }
  template <int Index, class Before, class In>
  using mistake = wavelet_transform_needs_longer_axes<nn::at<Index, transform>, Before, In>;
  static std::string label() { return text(W::name, " transform"); }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.template linear<transform, In>(x);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    ops::wavelet_analysis<typename Pass::backend>(pass.context, coefficients(X::shape), Options.mode, decomposition<W, S>(), planes(X::shape), x, y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X, Y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>)
      ops::wavelet_synthesis<true, typename Pass::backend>(pass.context, coefficients(X::shape), Options.mode, decomposition<W, S>(), planes(X::shape), dy, dx);
  }
};

}
