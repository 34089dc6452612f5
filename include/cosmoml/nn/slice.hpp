// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class At, class After, class Given>
struct slice_reaches_beyond_its_input {
  static_assert(never<At>, "cosmoml: slice<begin, count> takes elements along the first axis, of which there must be at least begin + count");
};

// Slices of one input, as a composite's branches look at them.
struct slice_set {
  static constexpr int capacity = 256;
  int begin[capacity] = {}, length[capacity] = {}, count = 0;
  bool disjoint = true;
  constexpr void include(const slice_set& other) {
    disjoint = disjoint && other.disjoint && other.count > 0 && count + other.count <= capacity;
    for (int i = 0; i < other.count && count < capacity; ++i, ++count) {
      for (int j = 0; j < count; ++j)
        if (other.begin[i] < begin[j] + length[j] && begin[j] < other.begin[i] + other.length[i]) disjoint = false;
      begin[count] = other.begin[i];
      length[count] = other.length[i];
    }
  }
};

// Elements Begin ... Begin + Count - 1 of a flat sample; of more axes, along the first: so many channels.
template <int Begin, int Count>
struct slice {
  static constexpr int begin = Begin, count = Count;
  static constexpr extents output(extents in) {
    if (in.rank < 1 || Begin < 0 || Count < 1 || Begin + Count > in[0]) return extents::broken();
    in.dim[0] = Count;
    return in;
  }
  static constexpr auto fields(extents) { return no_fields; }
  static constexpr bool reads_output = false, reads_input = false;
  static constexpr extents live(extents, extents live_out) {
    live_out.dim[0] += Begin;
    return live_out;
  }
  template <int Index, class Before, class In>
  using mistake = slice_reaches_beyond_its_input<at<Index, slice>, Before, In>;
  static std::string label() { return text("slice<", Begin, ", ", Count, ">"); }

  template <class V>
  static auto of(V v) {
    return v.template sub<output_shape<slice, typename V::shape_type>, Begin * V::shape.stride(0)>();
  }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.slice(x, 0, Begin, Count);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    Pass::backend::convert(pass.context, of(x), y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X, Y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) {
      Pass::backend::assign(pass.context, dx, S(0));
      Pass::backend::convert(pass.context, dy, of(dx));
    }
  }
};

}
