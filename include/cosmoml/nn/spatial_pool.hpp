// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/sliding.hpp>
#include <cosmoml/ops/sliding_pool.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of max_pool and average_pool.
struct spatial_pool_options {
  per_axis stride = 0;          // 0: the window itself, so that windows lie side by side
  per_axis padding = 0;         // beyond each border, or `same`
  bool ceil = false;            // a last window that is not filled counts too (PyTorch's ceil_mode)
  bool count_padding = true;    // averages: padding counts as zeros (PyTorch's count_include_pad); never with `same`
};

template <class At, class After, class Given>
struct spatial_pool_needs_channels_and_spatial_axes {
  static_assert(never<At>, "cosmoml: max_pool and average_pool take (channels, spatial axes...) with one to three spatial axes and pool over those; max_pool_over<window<...>> pools over any axes");
};
template <class At, class After, class Given>
struct spatial_pool_leaves_nothing {
  static_assert(never<At>, "cosmoml: the pooling window is larger than the map and nothing would be left; pool less before it, or use ceil or same");
};
template <class At, class After, class Given>
struct spatial_pool_options_out_of_range {
  static_assert(never<At>, "cosmoml: window and stride of a pooling are at least one, and its padding is at most half the window");
};

// The largest or the mean of windows over the spatial axes of (channels, spatial axes...); channels stay. PyTorch's MaxPool and AvgPool,
// 1d to 3d by the rank of the input.
template <pooling P, per_axis Window, spatial_pool_options Options = spatial_pool_options{}>
struct spatial_pool {
  static constexpr detail::sliding window{Window, {Options.stride.first ? Options.stride.first : Window.first, Options.stride.second ? Options.stride.second : Window.second,
                                                   Options.stride.third ? Options.stride.third : Window.third},
                                          Options.padding, 1, Options.ceil};
  static constexpr bool reads_output = false;
  static constexpr bool maximum = P == pooling::maximum;

  static constexpr bool sensible(extents in) {
    for (int a = 0; a + 1 < in.rank; ++a)
      if (2 * window.padding[a] > Window[a]) return false;
    return window.sensible(in);
  }
  static constexpr extents output(extents in) { return window.takes(in) && sensible(in) ? window.output(in, in[0]) : extents::broken(); }
  static constexpr auto fields(extents) { return no_fields; }
  // Stands among convolutions. Windows that overlap want both edges in channel blocks.
  static constexpr edge_wishes wishes(extents in) {
    const int widest = side_by_side(in) ? 0 : edge_request::most_channels;
    return {.in = {.convolved = true, .widest = widest}, .out = {.convolved = true, .widest = widest}};
  }
  template <class At, class Before, class In>
  using mistake_at = std::conditional_t<!window.takes(In::value), spatial_pool_needs_channels_and_spatial_axes<At, Before, In>,
                                        std::conditional_t<!sensible(In::value), spatial_pool_options_out_of_range<At, Before, In>, spatial_pool_leaves_nothing<At, Before, In>>>;
  template <int Index, class Before, class In>
  using mistake = mistake_at<at<Index, spatial_pool>, Before, In>;
  static std::string label() {
    std::string s = text(maximum ? "max_pool<" : "average_pool<", detail::per_axis_text(Window), ">");
    if (window.stride != Window) s += " stride " + detail::per_axis_text(window.stride);
    if (Options.padding != per_axis(0)) s += " padding " + detail::per_axis_text(Options.padding);
    return s + (Options.ceil ? " ceil" : "");
  }

  // Windows side by side from the border on: the pooling of ops/pool.hpp, which needs no state.
  static constexpr bool side_by_side(extents in) {
    for (int a = 0; a + 1 < in.rank; ++a)
      if (window.stride[a] != Window[a] || window.before(in[a + 1], a) != 0) return false;
    return true;
  }
  static constexpr leftover rest = Options.ceil || Options.padding.first == same ? leftover::partial : leftover::drop;
  template <class In>
  struct shapes_of {
    static constexpr extents shapes[1] = {[] {
      extents e = In::value;
      e.dim[0] = 1;
      for (int a = 1; a < e.rank; ++a) e.dim[a] = Window[a - 1];
      return e;
    }()};
  };
  template <class In>
  using plain_window = shape_at<shapes_of<In>, 0>;
  template <class In>
  static constexpr bool plain() {
    return side_by_side(In::value) && output(In::value) == pooled(In::value, plain_window<In>::value, rest);
  }
  static constexpr bool counts_padding = Options.count_padding && Options.padding.first != same;
  template <class In>
  using geometry = typename detail::sliding_shapes<spatial_pool, In>::template geometry<In::value[0], edge::zeros>;

  static constexpr extents live(extents in, extents live_out) {
    if (!side_by_side(in)) return in;
    for (int a = 0; a < in.rank; ++a) {
      const int all = live_out[a] * (a > 0 ? Window[a - 1] : 1);
      in.dim[a] = all < in[a] ? all : in[a];
    }
    return in;
  }

  // Which element of each window won, found anew on the way back beside the results: it would be as large as y, and x is there.
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t batch) {
    return Pass::training && maximum && !plain<typename X::shape_type>() ? 2 * winner_layout<Y>::size(batch) : 0;
  }
  template <class Y>
  using winner_layout = std::conditional_t<Y::layout::whole, typename Y::layout, canonical<typename Y::shape_type>>;
  template <class Y, class S>
  static auto apart(Y y, S* memory) {
    return view<S, winner_layout<Y>>{memory, y.batch};
  }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr extents in = In::value, out = output(in);
    if constexpr (maximum) return g.node("MaxPool", {x}, window.onnx(g, in));
    else {
      auto with = window.onnx(g, in);
      with.push_back(g.integer("count_include_pad", 1));
      return g.averaged(g.node("AveragePool", {x}, with), extents{1}, out, [&](int o, int a) {
        if (a == 0) return 1.0;
        const int n = in[a], k = Window[a - 1], before = window.before(n, a - 1);
        return double(k) / ops::detail::window_count<counts_padding>(o, n, k, window.stride[a - 1], before, n + before);
      });
    }
  }
  template <class Pass, class Pa, class X, class Y, class S>
  void forward(Pass& pass, Pa, X x, Y y, S*) const {
    using B = typename Pass::backend;
    using In = typename X::shape_type;
    if constexpr (plain<In>()) ops::pool<B, P, plain_window<In>, rest>(pass.context, x, y);
    else if constexpr (!maximum) ops::sliding_average<B, geometry<In>, counts_padding>(pass.context, x, y);
    else ops::sliding_max<B, geometry<In>>(pass.context, x, y, nothing{});
  }
  template <class Pass, class F, class X, class DY, class DX>
  static constexpr bool gives_slope = plain<typename X::shape_type>() && FusesPoolAdjoint<typename Pass::backend, P, plain_window<typename X::shape_type>, rest, F, X, DY, DX>;
  template <class Pass, class Pa, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, Pa, X x, Y y, DY dy, DX dx, G, S*) const {
    using B = typename Pass::backend;
    using In = typename X::shape_type;
    if constexpr (!Wanted<DX>) return;
    else if constexpr (requires { typename DX::view_before; })
      B::template pool_adjoint_through<P, plain_window<In>, rest>(pass.context, typename DX::function{}, x, dy, static_cast<typename DX::view_before>(dx));
    else if constexpr (plain<In>()) ops::pool_adjoint<B, P, plain_window<In>, rest>(pass.context, x, y, dy, dx);
    else if constexpr (!maximum) ops::sliding_average_adjoint<B, geometry<In>, counts_padding>(pass.context, dy, dx);
    else {
      const auto winners = apart(y, pass.workspace);
      ops::sliding_max<B, geometry<In>>(pass.context, x, apart(y, pass.workspace + winners.storage()), winners);
      ops::sliding_max_adjoint<B, geometry<In>>(pass.context, winners, dy, dx);
    }
  }
};

// max_pool<2>, max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>.
template <per_axis Window, spatial_pool_options Options = spatial_pool_options{}>
struct max_pool : spatial_pool<pooling::maximum, Window, Options> {
  template <int Index, class Before, class In>
  using mistake = typename max_pool::template mistake_at<at<Index, max_pool>, Before, In>;
};
// average_pool<2>, average_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>.
template <per_axis Window, spatial_pool_options Options = spatial_pool_options{}>
struct average_pool : spatial_pool<pooling::average, Window, Options> {
  template <int Index, class Before, class In>
  using mistake = typename average_pool::template mistake_at<at<Index, average_pool>, Before, In>;
};

}
