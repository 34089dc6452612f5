// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/per_axis.hpp>
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/ops/upsample.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

using cosmoml::interpolation;

// Options of upsample.
struct upsample_options {
  interpolation mode = interpolation::nearest;
};

template <class At, class After, class Given>
struct upsample_rejects_its_input {
  static_assert(never<At>, "cosmoml: upsample takes (channels, one to three spatial axes) and factors of at least one");
};

// Each spatial axis Factor times as long: PyTorch's Upsample(scale_factor), mode nearest, or linear, bilinear and trilinear with
// align_corners = False.
template <per_axis Factor, upsample_options Options = upsample_options{}>
struct upsample {
  static constexpr bool reads_output = false, reads_input = false;
  static constexpr extents output(extents in) {
    if (in.rank < 2 || in.rank > 4) return extents::broken();
    for (int a = 1; a < in.rank; ++a) {
      if (Factor[a - 1] < 1) return extents::broken();
      in.dim[a] *= Factor[a - 1];
    }
    return in;
  }
  static constexpr auto fields(extents) { return no_fields; }
  static constexpr edge_wishes wishes(extents) { return {.in = {.convolved = true}, .out = {.convolved = true}}; }   // stands among convolutions
  template <int Index, class Before, class In>
  using mistake = upsample_rejects_its_input<at<Index, upsample>, Before, In>;
  static std::string label() {
    const bool one = Factor.first == Factor.second && Factor.second == Factor.third;
    const std::string f = one ? std::to_string(Factor.first) : text(Factor.first, " ", Factor.second, " ", Factor.third);
    return text("upsample<", f, ">", Options.mode == interpolation::linear ? " linear" : "");
  }

  using factor = shape<Factor.first, Factor.second, Factor.third>;
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr extents in = In::value;
    constexpr bool line = in.rank == 2;   // as an image of one row, since runtimes interpolate images and volumes
    auto y = x;
    if constexpr (line) y = g.reshaped(x, extents{in[0], 1, in[1]});
    typename G::values scales{1, 1};
    if (line) scales.push_back(1);
    for (int a = 1; a < in.rank; ++a) scales.push_back(Factor[a - 1]);
    const bool linear = Options.mode == interpolation::linear;
    y = g.node("Resize", {y, "", g.floats(scales)}, {g.words("mode", linear ? "linear" : "nearest"), g.words("coordinate_transformation_mode", linear ? "half_pixel" : "asymmetric"), g.words("nearest_mode", "floor")});
    if constexpr (line) y = g.reshaped(y, output(in));
    return y;
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    ops::upsample<typename Pass::backend, Options.mode, factor>(pass.context, x, y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X, Y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) ops::upsample_adjoint<typename Pass::backend, Options.mode, factor>(pass.context, dy, dx);
  }
};

}
