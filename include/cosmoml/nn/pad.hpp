// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/sliding.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class At, class After, class Given>
struct pad_rejects_its_input {
  static_assert(never<At>, "cosmoml: pad takes (channels, one to three spatial axes) and borders of zero or more elements");
};

// Before[axis] and After[axis] elements more at the borders of each map: zeros, or the map again. PyTorch's ConstantPad with zero and
// CircularPad.
template <per_axis Before, per_axis After = Before, edge Edge = edge::zeros>
struct pad {
  static constexpr bool reads_output = false, reads_input = false;
  static constexpr extents output(extents in) {
    if (in.rank < 2 || in.rank > 4) return extents::broken();
    for (int a = 1; a < in.rank; ++a) {
      if (Before[a - 1] < 0 || After[a - 1] < 0) return extents::broken();
      in.dim[a] += Before[a - 1] + After[a - 1];
    }
    return in;
  }
  static constexpr auto fields(extents) { return no_fields; }
  template <int Index, class B, class In>
  using mistake = pad_rejects_its_input<at<Index, pad>, B, In>;
  static std::string label() { return text("pad<", detail::per_axis_text(Before), ", ", detail::per_axis_text(After), ">", Edge == edge::periodic ? " periodic" : ""); }

  // Where result o of an axis comes from, or -1.
  COSMOML_HD static constexpr int source(int o, int n, int before) {
    const int i = o - before;
    if (Edge == edge::periodic) return ops::detail::wrapped(i, n);
    return i >= 0 && i < n ? i : -1;
  }
  template <class X, class Y>
  struct copy {
    X x;
    Y y;
    COSMOML_HD void operator()(index_t i) const {
      using S = typename Y::scalar;
      constexpr extents in = X::shape, out = Y::shape;
      constexpr index_t size = Y::sample_size;
      constexpr int before[3] = {Before.first, Before.second, Before.third};
      const index_t n = i / size;
      index_t place = i % size, from = 0, scale = 1;
      bool inside = true;
      for (int a = out.rank; a-- > 1;) {
        const int at = source(int(place % out.dim[a]), in.dim[a], before[a - 1]);
        place /= out.dim[a];
        inside = inside && at >= 0;
        from += at * scale;
        scale *= in.dim[a];
      }
      y(n, i % size) = inside ? x(n, from + place * scale) : S(0);
    }
  };
  // All results that come from one element: i + before and, in a periodic box, whole boxes away from it.
  template <class DY, class DX>
  struct gather {
    DY dy;
    DX dx;
    COSMOML_HD void operator()(index_t i) const {
      using S = typename DX::scalar;
      constexpr extents in = DX::shape, out = DY::shape;
      constexpr index_t size = DX::sample_size;
      constexpr int before[3] = {Before.first, Before.second, Before.third};
      const index_t n = i / size;
      index_t place = i % size;
      int first[3] = {}, step[3] = {1, 1, 1}, end[3] = {1, 1, 1};
      index_t stride[3] = {}, scale = 1;
      for (int a = in.rank; a-- > 1;) {
        const int o = int(place % in.dim[a]) + before[a - 1];
        place /= in.dim[a];
        step[a - 1] = Edge == edge::periodic ? in.dim[a] : out.dim[a];
        first[a - 1] = Edge == edge::periodic ? o % in.dim[a] : o;
        end[a - 1] = out.dim[a];
        stride[a - 1] = scale;
        scale *= out.dim[a];
      }
      S sum = 0;
      for (int u = first[0]; u < end[0]; u += step[0])
        for (int v = first[1]; v < end[1]; v += step[1])
          for (int k = first[2]; k < end[2]; k += step[2]) sum += dy(n, place * scale + u * stride[0] + v * stride[1] + k * stride[2]);
      dx(n, i % size) = sum;
    }
  };
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr extents in = In::value;
    if constexpr (Edge == edge::zeros) return g.padded(x, in, [](int a) { return a > 0 ? Before[a - 1] : 0; }, [](int a) { return a > 0 ? After[a - 1] : 0; });
    else {
      auto y = x;
      for (int a = 1; a < in.rank; ++a) y = g.gathered(y, a, in[a] + Before[a - 1] + After[a - 1], [&](int i) { return source(i, in[a], Before[a - 1]); });
      return y;
    }
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    Pass::backend::for_each(pass.context, y.elements(), copy<X, Y>{x, y});
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X, Y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) Pass::backend::for_each(pass.context, dx.elements(), gather<DY, DX>{dy, dx});
  }
};

}
