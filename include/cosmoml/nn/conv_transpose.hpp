// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/conv.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of conv_transpose.
struct conv_transpose_options {
  per_axis stride = 1;
  per_axis padding = 0;           // of the convolution that it turns round: removed from each border
  per_axis output_padding = 0;    // results added behind the map, fewer than the stride
  per_axis dilation = 1;
  int groups = 1;
  bool bias = true;
};

template <class At, class After, class Given>
struct conv_transpose_rejects_its_input {
  static_assert(never<At>, "cosmoml: conv_transpose takes (channels, one to three spatial axes); its groups divide both numbers of channels, output_padding is below the stride, and padding leaves something over");
};

// The input gradient of conv as a layer: from (channels, n...) to (Channels, (n - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1 ...).
// PyTorch's ConvTranspose1d to 3d. Parameters: weight (channels, Channels / groups, kernel...), bias (Channels).
template <int Channels, per_axis Kernel, conv_transpose_options Options = conv_transpose_options{}>
struct conv_transpose {
  static constexpr detail::sliding window{Kernel, Options.stride, Options.padding, Options.dilation};
  static constexpr bool reads_output = false;

  static constexpr extents output(extents in) {
    if (!window.takes(in) || Channels < 1 || Options.groups < 1 || !window.sensible(in)) return extents::broken();
    if (in[0] % Options.groups != 0 || Channels % Options.groups != 0) return extents::broken();
    extents out = in;
    out.dim[0] = Channels;
    for (int a = 0; a + 1 < in.rank; ++a) {
      const int more = Options.output_padding[a];
      out.dim[a + 1] = (in[a + 1] - 1) * Options.stride[a] - 2 * Options.padding[a] + window.reach(a) + more;
      if (more < 0 || more >= Options.stride[a] || Options.padding[a] < 0 || out[a + 1] < 1) return extents::broken();
    }
    return out;
  }
  static constexpr auto fields(extents in) {
    extents w = in;
    w.rank = in.rank + 1;
    w.dim[0] = in[0];
    w.dim[1] = Channels / Options.groups;
    for (int a = 0; a + 1 < in.rank; ++a) w.dim[a + 2] = Kernel[a];
    const int fan_in = int(w.size() / in[0]);
    if constexpr (Options.bias) return std::array{field{"weight", w, role::filter, fan_in}, field{"bias", {Channels}, role::vector, fan_in}};
    else return std::array{field{"weight", w, role::filter, fan_in}};
  }
  static constexpr edge_wishes wishes(extents in) {
    const int widest = Options.groups > 1 ? edge_request::most_channels : in[0] > Channels ? in[0] : Channels;
    edge_wishes w{.in = {.convolved = true, .widest = widest}, .out = {.convolved = true, .widest = widest}};
    for (int a = 0; a + 1 < in.rank; ++a) {
      w.in.halo = int(larger(w.in.halo, (window.reach(a) - 1) / Options.stride[a]));
      w.out.halo = int(larger(w.out.halo, larger(Options.padding[a], window.reach(a) - 1 - Options.padding[a])));
    }
    return w;
  }
  template <int Index, class Before, class In>
  using mistake = conv_transpose_rejects_its_input<at<Index, conv_transpose>, Before, In>;
  static std::string label() { return text("conv_transpose<", Channels, ", ", detail::per_axis_text(Kernel), "> stride ", detail::per_axis_text(Options.stride)); }

  // Of the convolution whose adjoint this is: from y's shape to x's.
  template <class In>
  struct shapes_of {
    template <class F>
    static constexpr extents of_axes(F f) {
      extents e;
      e.rank = In::value.rank - 1;
      for (int a = 0; a < e.rank; ++a) e.dim[a] = f(a);
      return e;
    }
    static constexpr extents shapes[5] = {output(In::value), of_axes([](int a) { return Kernel[a]; }), of_axes([](int a) { return Options.stride[a]; }),
                                          of_axes([](int a) { return Options.dilation[a]; }), of_axes([](int a) { return Options.padding[a]; })};
    template <int I>
    using at = shape_at<shapes_of, I>;
    using geometry = convolution_of<at<0>, In, at<1>, at<2>, at<3>, at<4>, at<4>, Options.groups, edge::zeros>;
  };

  template <class Pass, class X>
  using geometry_for = std::conditional_t<Pass::allowed.winograd, typename shapes_of<typename X::shape_type>::geometry, direct_sum<typename shapes_of<typename X::shape_type>::geometry>>;

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr int axes = In::value.rank - 1;
    const typename G::attributes with{
        g.integers("kernel_shape", axes, [](int a) { return Kernel[a]; }), g.integers("strides", axes, [](int a) { return Options.stride[a]; }),
        g.integers("dilations", axes, [](int a) { return Options.dilation[a]; }), g.integers("pads", 2 * axes, [](int i) { return Options.padding[i % axes]; }),
        g.integers("output_padding", axes, [](int a) { return Options.output_padding[a]; }), g.integer("group", Options.groups)};
    if constexpr (Options.bias) return g.node("ConvTranspose", {x, g.parameter("weight"), g.parameter("bias")}, with);
    else return g.node("ConvTranspose", {x, g.parameter("weight")}, with);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P p, X x, Y y, S*) const {
    using B = typename Pass::backend;
    ops::convolution_input_adjoint<B, geometry_for<Pass, X>>(pass.context, p.template get<"weight">(), x, y);
    if constexpr (Options.bias) B::add_channel(pass.context, p.template get<"bias">(), y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P p, X x, Y, DY dy, DX dx, G g, S*) const {
    using B = typename Pass::backend;
    using geometry = geometry_for<Pass, X>;
    ops::convolution_weight_adjoint<B, geometry>(pass.context, dy, x, g.template get<"weight">());
    if constexpr (Options.bias) B::sum_channel(pass.context, dy, g.template get<"bias">());
    if constexpr (Wanted<DX>) ops::convolution<B, geometry>(pass.context, dy, p.template get<"weight">(), dx);
  }
};

}
