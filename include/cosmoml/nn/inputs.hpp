// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/input.hpp>
#include <cosmoml/nn/named.hpp>
#include <cosmoml/nn/parallel.hpp>
#include <cosmoml/tensor/ndarray.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

namespace detail {
template <class... Input>
struct input_shapes {   // and that of a sample, which holds all
  static constexpr extents shapes[sizeof...(Input) + 1] = {Input::shape_type::value..., extents{int((Input::shape_type::value.size() + ...))}};
};
}

template <class At, class After, class Given>
struct network_has_no_input_of_this_name {
  static_assert(never<At>, "cosmoml: the network has no input of this name; from takes the inputs that the network begins with and one of their names");
};

// Several inputs of one network, each with a name:
//   using data = inputs<named<"image", input<1, 32, 32>>, named<"radius", input<1>>>;
//   using net = sequential<data, parallel<join::concatenate, sequential<from<data, "image">, ...>, from<data, "radius">>, ...>;
// A sample holds them one after the other; `pack<data>(images, radii)` makes such samples of arrays.
template <class... Input>
struct inputs {
  static constexpr bool is_input = true;
  static constexpr int count = int(sizeof...(Input));
  using all = detail::input_shapes<Input...>;
  using shape_type = shape_at<all, count>;

  static constexpr int index(std::string_view name) {
    int i = 0, found = -1;
    ((found = Input::name.view() == name ? i : found, ++i), ...);
    return found;
  }
  // Of input number i, in a sample.
  static constexpr index_t begin(int i) {
    index_t n = 0;
    for (int j = 0; j < i; ++j) n += all::shapes[j].size();
    return n;
  }
};

// The input of that name, in its own shape: first in a branch of the first layer.
template <class Inputs, fixed_string Name>
struct from {
  static constexpr int number = Inputs::index(Name.view());
  static constexpr bool reads_output = false;
  using shape_type = shape_at<typename Inputs::all, (number < 0 ? 0 : number)>;
  static constexpr extents output(extents in) { return number >= 0 && in == Inputs::shape_type::value ? shape_type::value : extents::broken(); }
  static constexpr auto fields(extents) { return no_fields; }
  template <int Index, class Before, class In>
  using mistake = network_has_no_input_of_this_name<at<Index, from>, Before, In>;
  static std::string label() { return text("input ", Name.view()); }

  static constexpr slice_set touched() {
    slice_set s;
    s.begin[0] = int(Inputs::begin(number));
    s.length[0] = int(shape_type::value.size());
    s.count = 1;
    return s;
  }
  template <class V>
  static auto of(V v) {
    return v.template sub<shape_type, Inputs::begin(number)>();
  }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.reshaped(g.slice(x, 0, Inputs::begin(number), shape_type::value.size()), shape_type::value);
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

// Samples of a network with several inputs: one array each, in their order, row n of each to sample n.
template <class Inputs, class S = float, HostArray... X>
ndarray<S> pack(const X&... arrays) {
  static_assert(sizeof...(X) == Inputs::count, "cosmoml: give pack one array for each input of the network");
  index_t rows = -1;
  auto count = [&](index_t n) {
    expect<shape_mismatch>(rows < 0 || n == rows, "nn::pack", "give every input as many samples", n, " after ", rows);
    rows = n;
  };
  int i = 0;
  (count(as_samples(arrays, Inputs::all::shapes[i++].size(), "nn::pack").rows()), ...);
  constexpr index_t size = Inputs::shape_type::value.size();
  ndarray<S> samples(rows, size);
  i = 0;
  auto put = [&](auto from) {
    for (index_t n = 0; n < rows; ++n)
      for (index_t e = 0; e < Inputs::all::shapes[i].size(); ++e) samples[n * size + Inputs::begin(i) + e] = S(from(n, e));
    ++i;
  };
  int j = 0;
  (put(as_samples(arrays, Inputs::all::shapes[j++].size(), "nn::pack")), ...);
  return samples;
}

}
