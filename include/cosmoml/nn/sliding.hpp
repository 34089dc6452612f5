// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/per_axis.hpp>
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/ops/convolution.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// As padding: as much as gives ceil(n / stride) results; the odd element goes behind the map.
inline constexpr int same = -1;

using cosmoml::edge;

namespace detail {

// A window that slides over the spatial axes (all but the first) of a sample: what convolutions and poolings share.
struct sliding {
  per_axis kernel, stride = 1, padding = 0, dilation = 1;
  bool ceil = false;   // windows that reach beyond the padded map count, if they begin inside of it

  constexpr int reach(int a) const { return (kernel[a] - 1) * dilation[a] + 1; }
  constexpr int total(int n, int a) const {   // with `same`
    const int need = ((n + stride[a] - 1) / stride[a] - 1) * stride[a] + reach(a) - n;
    return need > 0 ? need : 0;
  }
  constexpr int before(int n, int a) const { return padding[a] == same ? total(n, a) / 2 : padding[a]; }
  constexpr int results(int n, int a) const {
    if (padding[a] == same) return (n + stride[a] - 1) / stride[a];
    const int room = n + 2 * padding[a] - reach(a);
    if (room < 0) return 0;
    int count = (ceil ? room + stride[a] - 1 : room) / stride[a] + 1;
    if (ceil && (count - 1) * stride[a] >= n + padding[a]) --count;
    return count;
  }
  constexpr int after(int n, int a) const {
    const int read = (results(n, a) - 1) * stride[a] + reach(a) - n - before(n, a);
    return padding[a] == same || read > padding[a] ? read : padding[a];
  }
  template <class G>
  typename G::attributes onnx(G& g, extents in, bool padded = true) const {
    const int axes = in.rank - 1;
    typename G::attributes all{g.integers("kernel_shape", axes, [&](int a) { return kernel[a]; }), g.integers("strides", axes, [&](int a) { return stride[a]; })};
    if (dilation != per_axis(1)) all.push_back(g.integers("dilations", axes, [&](int a) { return dilation[a]; }));
    if (padded) all.push_back(g.integers("pads", 2 * axes, [&](int i) { return i < axes ? before(in[i + 1], i) : after(in[i - axes + 1], i - axes); }));
    return all;
  }
  constexpr bool sensible(extents in) const {
    for (int a = 0; a + 1 < in.rank; ++a)
      if (kernel[a] < 1 || stride[a] < 1 || dilation[a] < 1 || padding[a] < same) return false;
    return true;
  }
  static constexpr bool takes(extents in) { return in.rank >= 2 && in.rank <= 4; }
  constexpr extents output(extents in, int channels) const {
    if (!takes(in) || !sensible(in) || channels < 1) return extents::broken();
    extents out = in;
    out.dim[0] = channels;
    for (int a = 1; a < in.rank; ++a)
      if ((out.dim[a] = results(in[a], a - 1)) < 1) return extents::broken();
    return out;
  }
};

// L::window over maps of shape In, as the types that a geometry is made of.
template <class L, class In>
struct sliding_shapes {
  template <class F>
  static constexpr extents of_axes(F f) {
    extents e;
    e.rank = In::value.rank - 1;
    for (int a = 0; a < e.rank; ++a) e.dim[a] = f(a);
    return e;
  }
  static constexpr extents in = In::value, shapes[6] = {L::output(in),
                                                        of_axes([](int a) { return L::window.kernel[a]; }),
                                                        of_axes([](int a) { return L::window.stride[a]; }),
                                                        of_axes([](int a) { return L::window.dilation[a]; }),
                                                        of_axes([](int a) { return L::window.before(in[a + 1], a); }),
                                                        of_axes([](int a) { return L::window.after(in[a + 1], a); })};
  template <int Groups, edge Edge>
  using geometry = convolution_of<In, shape_at<sliding_shapes, 0>, shape_at<sliding_shapes, 1>, shape_at<sliding_shapes, 2>,
                                       shape_at<sliding_shapes, 3>, shape_at<sliding_shapes, 4>, shape_at<sliding_shapes, 5>, Groups, Edge>;
};

inline std::string per_axis_text(per_axis n) {
  if (n.first == n.second && n.second == n.third) return n.first == same ? "same" : std::to_string(n.first);
  return text(n.first, " ", n.second, " ", n.third);
}

}

}
