// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/ops/pool.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

using cosmoml::pooling;
using cosmoml::leftover;
using cosmoml::window;

// Options of max_pool_over and average_pool_over.
struct pool_options {
  cosmoml::leftover leftover = leftover::drop;
};

template <class At, class After, class Given>
struct pool_window_has_another_number_of_axes {
  static_assert(never<At>, "cosmoml: a pooling window has one extent for each axis of its input; write 1 for axes that stay");
};
template <class At, class After, class Given>
struct pool_window_exceeds_its_input {
  static_assert(never<At>, "cosmoml: the pooling window is larger than the input and would drop all of it; use a smaller window or another remainder");
};

// The largest or the mean of each window; windows lie side by side. What fills no window is dropped unless the options say else.
template <pooling P, class Window, pool_options Options = pool_options{}>
struct pool {
  using windows = Window;
  static constexpr leftover rest = Options.leftover;
  static constexpr kind rewritable_as = P == pooling::average && Window::value.rank == 1 && rest == leftover::drop ? kind::mean_of_outputs : kind::other;

  static constexpr extents output(extents in) {
    if (in.rank != Window::value.rank) return extents::broken();
    const extents out = pooled(in, Window::value, rest);
    return out.size() == 0 ? extents::broken() : out;
  }
  static constexpr auto fields(extents) { return no_fields; }
  // Pooling over the first axis is done best along it.
  static constexpr edge_wishes wishes(extents in) {
    const edge_request r{.first_axis_inner = in.rank > 1 && Window::value[0] > 1};
    return {.in = r, .out = r};
  }
  static constexpr extents live(extents in, extents live_out) {
    for (int a = 0; a < in.rank; ++a) {
      const bool all = live_out[a] == pooled(in[a], Window::value[a], rest);
      if (rest == leftover::drop || (rest == leftover::partial && !all)) in.dim[a] = live_out[a] * Window::value[a];
    }
    return in;
  }
  template <int Index, class Before, class In>
  using mistake = std::conditional_t<In::value.rank != Window::value.rank, pool_window_has_another_number_of_axes<at<Index, pool>, Before, In>,
                                     pool_window_exceeds_its_input<at<Index, pool>, Before, In>>;
  static std::string label() {
    return text(P == pooling::maximum ? "max_pool" : "average_pool", Window::value, rest == leftover::drop ? "" : rest == leftover::partial ? " partial" : " keep");
  }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr extents in = In::value, out = output(in);
    if (rest == leftover::keep || in.rank > 3) g.cannot(rest == leftover::keep ? "ONNX has no pooling that keeps what fills no window" : "pooling over more than three axes");
    extents image{1};   // every axis of the sample becomes a spatial one
    for (int a = 0; a < in.rank; ++a) image.dim[image.rank++] = in[a];
    typename G::attributes with{g.integers("kernel_shape", in.rank, [](int a) { return Window::value[a]; }), g.integers("strides", in.rank, [](int a) { return Window::value[a]; }),
                                g.integers("pads", 2 * in.rank, [&](int i) {
                                  const int a = i - in.rank, missing = a < 0 ? 0 : out[a] * Window::value[a] - in[a];
                                  return missing > 0 ? missing : 0;
                                })};
    auto y = g.reshaped(x, image);
    if constexpr (P == pooling::maximum) y = g.node("MaxPool", {y}, with);
    else {
      with.push_back(g.integer("count_include_pad", 1));
      y = g.averaged(g.node("AveragePool", {y}, with), extents{1, 1}, out, [&](int o, int a) {
        return double(Window::value[a]) / ops::detail::window_at<rest>(o, in[a], Window::value[a]).count;
      });
    }
    return g.reshaped(y, out);
  }
  template <class Pass, class Pa, class X, class Y, class S>
  void forward(Pass& pass, Pa, X x, Y y, S*) const {
    ops::pool<typename Pass::backend, P, Window, rest>(pass.context, x, y);
  }
  template <class Pass, class Pa, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, Pa, X x, Y y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) ops::pool_adjoint<typename Pass::backend, P, Window, rest>(pass.context, x, y, dy, dx);
  }
};

// Over every axis: max_pool_over<window<2, 1, 2>>. The layers over the spatial axes alone (all but the first) come with convolutions.
template <class Window, pool_options Options = pool_options{}>
struct max_pool_over : pool<pooling::maximum, Window, Options> {
  template <int Index, class Before, class In>
  using mistake = std::conditional_t<In::value.rank != Window::value.rank, pool_window_has_another_number_of_axes<at<Index, max_pool_over>, Before, In>,
                                     pool_window_exceeds_its_input<at<Index, max_pool_over>, Before, In>>;
};
// The mean of each window over every axis: average_pool_over<window<2, 1, 2>>.
template <class Window, pool_options Options = pool_options{}>
struct average_pool_over : pool<pooling::average, Window, Options> {
  template <int Index, class Before, class In>
  using mistake = std::conditional_t<In::value.rank != Window::value.rank, pool_window_has_another_number_of_axes<at<Index, average_pool_over>, Before, In>,
                                     pool_window_exceeds_its_input<at<Index, average_pool_over>, Before, In>>;
};

}
