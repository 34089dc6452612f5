// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/sliding.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of conv. A number for each axis: 3 for all, {3, 5}, {1, 2, 2}.
struct conv_options {
  per_axis stride = 1;
  per_axis padding = 0;    // elements beyond each border, or `same`
  per_axis dilation = 1;
  int groups = 1;          // channels in as many groups that do not see each other
  bool bias = true;
  cosmoml::edge edge = edge::zeros;   // what the padding holds: zeros, or the map again
};

template <class At, class After, class Given>
struct conv_needs_channels_and_spatial_axes {
  static_assert(never<At>, "cosmoml: conv takes (channels, spatial axes...) with one to three spatial axes; it cannot follow flatten or dense, and images without channels need reshape<1, height, width> first");
};
template <class At, class After, class Given>
struct conv_groups_do_not_divide_the_channels {
  static_assert(never<At>, "cosmoml: the groups of a convolution must divide the channels that come in and those that go out");
};
template <class At, class After, class Given>
struct conv_kernel_exceeds_its_input {
  static_assert(never<At>, "cosmoml: the kernel of the convolution is larger than the padded map; use a smaller kernel, more padding, or less pooling before it");
};
template <class At, class After, class Given>
struct conv_options_out_of_range {
  static_assert(never<At>, "cosmoml: channels, kernel, stride, dilation and groups of a convolution are at least one, padding is zero or more or same");
};

// y[o] = bias[o] + sum over c, k of weight[o, c, k] x[c, stride p + dilation k - padding]: PyTorch's Conv1d, Conv2d and Conv3d by the
// rank of the input, (channels, spatial axes...). conv<16, 3>, conv<16, per_axis{3, 5}, conv_options{.stride = 2, .padding = same}>.
// Parameters: weight (Channels, channels / groups, kernel...), bias (Channels).
template <int Channels, per_axis Kernel, conv_options Options = conv_options{}>
struct conv {
  static constexpr detail::sliding window{Kernel, Options.stride, Options.padding, Options.dilation};
  static constexpr bool sensible(extents in) { return Channels > 0 && Options.groups > 0 && window.sensible(in); }
  static constexpr bool groups_fit(extents in) { return in[0] % Options.groups == 0 && Channels % Options.groups == 0; }
  static constexpr kind rewritable_as = Options.bias ? kind::convolution : kind::other;
  static constexpr bool reads_output = false, spares_dy = true;

  static constexpr extents output(extents in) {
    if (!window.takes(in) || !sensible(in) || !groups_fit(in)) return extents::broken();
    return window.output(in, Channels);
  }
  static constexpr extents weight_shape(extents in) {
    extents w = in;
    w.rank = in.rank + 1;
    w.dim[0] = Channels;
    w.dim[1] = in[0] / Options.groups;
    for (int a = 0; a + 1 < in.rank; ++a) w.dim[a + 2] = Kernel[a];
    return w;
  }
  static constexpr auto fields(extents in) {
    const extents w = weight_shape(in);
    const int fan_in = int(w.size() / Channels);
    if constexpr (Options.bias) return std::array{field{"weight", w, role::filter, fan_in}, field{"bias", {Channels}, role::vector, fan_in}};
    else return std::array{field{"weight", w, role::filter, fan_in}};
  }
  // What is read beyond the border of x, and of dy when the input gradient is the convolution with the filter turned round. Of few channels,
  // as the data of a network have, that gradient is seldom asked for: then it works on a copy.
  static constexpr edge_wishes wishes(extents in) {
    const int widest = Options.groups > 1 ? edge_request::most_channels : in[0] > Channels ? in[0] : Channels;
    edge_wishes w{.in = {.convolved = true, .widest = widest}, .out = {.convolved = true, .widest = widest}};
    for (int a = 0; a + 1 < in.rank; ++a) {
      const int before = window.before(in[a + 1], a), after = window.after(in[a + 1], a), turned = window.reach(a) - 1 - (before < after ? before : after);
      w.in.halo = int(larger(w.in.halo, larger(before, after)));
      if (Options.stride[a] == 1 && in[0] > 4) w.out.halo = int(larger(w.out.halo, turned));
    }
    w.in.halo = worth_its_rim(in, w.in.halo), w.out.halo = worth_its_rim(output(in), w.out.halo);
    return w;
  }
  // Small maps are kept without: a rim would be a third of them and more, and the kernels' own copies of them stay in the cache.
  static constexpr int worth_its_rim(extents maps, int halo) {
    index_t rimmed = 10, plain = 13;
    for (int a = 1; a < maps.rank; ++a) rimmed *= maps[a] + 2 * halo, plain *= maps[a];
    return rimmed > plain ? 0 : halo;
  }
  template <class In>
  using geometry = typename detail::sliding_shapes<conv, In>::template geometry<Options.groups, Options.edge>;
  template <class Pass, class X>
  using geometry_for = std::conditional_t<Pass::allowed.winograd, geometry<typename X::shape_type>, direct_sum<geometry<typename X::shape_type>>>;
  template <int Index, class Before, class In>
  using mistake = std::conditional_t<!window.takes(In::value), conv_needs_channels_and_spatial_axes<at<Index, conv>, Before, In>,
                                     std::conditional_t<!sensible(In::value), conv_options_out_of_range<at<Index, conv>, Before, In>,
                                                        std::conditional_t<!groups_fit(In::value), conv_groups_do_not_divide_the_channels<at<Index, conv>, Before, In>,
                                                                           conv_kernel_exceeds_its_input<at<Index, conv>, Before, In>>>>;
  template <class Pass, class X, class Y>
  static convolution_method method() {
    using G = geometry_for<Pass, X>;
    if constexpr (requires { Pass::backend::template method_of_convolution<G, X, Y>(); }) return Pass::backend::template method_of_convolution<G, X, Y>();
    else return {};
  }
  static std::string label() {
    std::string s = text("conv<", Channels, ", ", detail::per_axis_text(Kernel), ">");
    if (Options.stride != per_axis(1)) s += " stride " + detail::per_axis_text(Options.stride);
    if (Options.padding != per_axis(0)) s += text(Options.edge == edge::periodic ? " periodic" : " padding", " ", detail::per_axis_text(Options.padding));
    if (Options.dilation != per_axis(1)) s += " dilation " + detail::per_axis_text(Options.dilation);
    if (Options.groups != 1) s += text(" groups ", Options.groups);
    return s;
  }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr extents in = In::value;
    auto with = window.onnx(g, in, Options.edge == edge::zeros);
    with.push_back(g.integer("group", Options.groups));
    auto from = x;
    if constexpr (Options.edge == edge::periodic)
      for (int a = 0; a + 1 < in.rank; ++a) {
        const int n = in[a + 1], before = window.before(n, a);
        from = g.gathered(from, a + 1, n + before + window.after(n, a), [&](int i) { return ops::detail::wrapped(i - before, n); });
      }
    if constexpr (Options.bias) return g.node("Conv", {from, g.parameter("weight"), g.parameter("bias")}, with);
    else return g.node("Conv", {from, g.parameter("weight")}, with);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P p, X x, Y y, S*) const {
    using B = typename Pass::backend;
    ops::convolution<B, geometry_for<Pass, X>>(pass.context, x, p.template get<"weight">(), y);
    if constexpr (Options.bias) B::add_channel(pass.context, p.template get<"bias">(), y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P p, X x, Y, DY dy, DX dx, G g, S*) const {
    if constexpr (Options.bias) Pass::backend::sum_channel(pass.context, dy, g.template get<"bias">());
    adjoints(pass, p, x, dy, dx, g);
  }
  // Those of the sums; the bias has its own.
  template <class Pass, class P, class X, class DY, class DX, class G>
  void adjoints(Pass& pass, P p, X x, DY dy, DX dx, G g) const {
    using B = typename Pass::backend;
    ops::convolution_weight_adjoint<B, geometry_for<Pass, X>>(pass.context, x, dy, g.template get<"weight">());
    if constexpr (Wanted<DX>) ops::convolution_input_adjoint<B, geometry_for<Pass, X>>(pass.context, p.template get<"weight">(), dy, dx);
  }
};

}
