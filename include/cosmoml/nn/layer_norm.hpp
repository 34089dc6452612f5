// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of layer_norm.
struct layer_norm_options {
  int axes = 0;             // of the sample, counted from the last; 0: all of them
  double epsilon = 1e-5;
  bool affine = true;
};

template <class At, class After, class Given>
struct layer_norm_options_out_of_range {
  static_assert(never<At>, "cosmoml: layer_norm takes at most as many axes as the sample has, and epsilon above 0");
};

namespace detail {

template <class X, class W, class M, class Y>
struct layer_norm_forward {   // of one group of elements that share mean and variance
  X x;
  W weight, bias;
  M mean, inverse;
  Y y;
  double epsilon;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr index_t groups = M::sample_size, size = Y::sample_size / groups;
    const index_t n = i / groups, first = i % groups * size;
    S sum = 0;
    for (index_t e = 0; e < size; ++e) sum += x(n, first + e);
    const S m = sum / S(size);
    sum = 0;
    for (index_t e = 0; e < size; ++e) {
      const S d = x(n, first + e) - m;
      sum += d * d;
    }
    const S r = S(1) / S(std::sqrt(double(sum / S(size)) + epsilon));
    for (index_t e = 0; e < size; ++e) {
      S v = (x(n, first + e) - m) * r;
      if constexpr (Wanted<W>) v = v * weight(0, e) + bias(0, e);
      y(n, first + e) = v;
    }
    mean(n, i % groups) = m;
    inverse(n, i % groups) = r;
  }
};
template <class X, class W, class M, class DY, class DX>
struct layer_norm_backward {
  X x;
  W weight;
  M mean, inverse;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DX::scalar;
    constexpr index_t groups = M::sample_size, size = DX::sample_size / groups;
    const index_t n = i / groups, first = i % groups * size;
    const S m = mean(n, i % groups), r = inverse(n, i % groups);
    S sum = 0, sum_x = 0;
    for (index_t e = 0; e < size; ++e) {
      const S d = scaled(dy(n, first + e), e);
      sum += d;
      sum_x += d * (x(n, first + e) - m) * r;
    }
    for (index_t e = 0; e < size; ++e) dx(n, first + e) = r * (scaled(dy(n, first + e), e) - (sum + (x(n, first + e) - m) * r * sum_x) / S(size));
  }
  template <class S>
  COSMOML_HD S scaled(S d, [[maybe_unused]] index_t e) const {
    if constexpr (Wanted<W>) return d * weight(0, e);
    else return d;
  }
};
template <class X, class M, class DY, class G>
struct layer_norm_gradients {
  X x;
  M mean, inverse;
  DY dy;
  G d_weight, d_bias;
  COSMOML_HD void operator()(index_t e) const {
    using S = typename G::scalar;
    constexpr index_t groups = M::sample_size, size = DY::sample_size / groups;
    S sum = 0, sum_x = 0;
    for (index_t n = 0; n < dy.batch; ++n)
      for (index_t g = 0; g < groups; ++g) {
        const S d = dy(n, g * size + e);
        sum += d;
        sum_x += d * (x(n, g * size + e) - mean(n, g)) * inverse(n, g);
      }
    d_weight(0, e) += sum_x;
    d_bias(0, e) += sum;
  }
};

}

// y = weight (x - mean) / sqrt(variance + epsilon) + bias, mean and variance over the last axes of each sample. PyTorch's LayerNorm with
// those axes as normalized_shape. Parameters: weight, bias, both of the shape of those axes.
template <layer_norm_options Options = layer_norm_options{}>
struct layer_norm {
  static constexpr bool reads_output = false;
  static constexpr double epsilon = Options.epsilon;   // clang 16 reads a double behind an int of a template argument at the wrong place
  static constexpr int first_axis(extents in) { return Options.axes == 0 ? 0 : in.rank - Options.axes; }
  static constexpr extents groups(extents in) {
    in.rank = first_axis(in);
    for (int a = in.rank; a < extents::max_rank; ++a) in.dim[a] = 0;
    return in;
  }
  static constexpr extents normalised(extents in) {
    extents e;
    for (int a = first_axis(in); a < in.rank; ++a) e.dim[e.rank++] = in[a];
    return e;
  }
  static constexpr extents output(extents in) {
    return Options.axes >= 0 && Options.axes <= in.rank && Options.epsilon > 0 ? in : extents::broken();
  }
  static constexpr auto fields(extents in) {
    const extents e = normalised(in);
    const role r = e.rank == 1 ? role::vector : role::plain;
    if constexpr (Options.affine) return std::array{field{"weight", e, r, 0, 1}, field{"bias", e, r}};
    else return no_fields;
  }
  template <int Index, class Before, class In>
  using mistake = layer_norm_options_out_of_range<at<Index, layer_norm>, Before, In>;
  static std::string label() { return "layer_norm"; }

  template <class In>
  struct shapes_of {
    static constexpr extents shapes[1] = {groups(In::value)};
  };
  template <class X>
  using moments = shape_at<shapes_of<typename X::shape_type>, 0>;
  // Of each group: mean, 1 / sd.
  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    return 2 * batch * moments<X>::value.size();
  }
  template <class X, class S>
  static auto moment(S* p, X x, int number) {
    return view<S, canonical<moments<X>>>{p + number * x.batch * moments<X>::value.size(), x.batch};
  }
  template <fixed_string Name, class P>
  static auto parameter(P p) {
    if constexpr (Options.affine) return p.template get<Name>();
    else return nothing{};
  }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr extents e = normalised(In::value);
    const typename G::attributes with{g.integer("axis", first_axis(In::value) + 1), g.number("epsilon", epsilon)};
    if constexpr (Options.affine) return g.node("LayerNormalization", {x, g.parameter("weight"), g.parameter("bias")}, with);
    else return g.node("LayerNormalization", {x, g.constant({e.dim, e.dim + e.rank}, typename G::values(std::size_t(e.size()), 1.0))}, with);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P p, X x, Y y, S* state) const {
    auto mean = moment(state, x, 0), inverse = moment(state, x, 1);
    auto weight = parameter<"weight">(p), bias = parameter<"bias">(p);
    Pass::backend::for_each(pass.context, x.batch * moments<X>::value.size(),
                            detail::layer_norm_forward<X, decltype(weight), decltype(mean), Y>{x, weight, bias, mean, inverse, y, epsilon});
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P p, X x, Y, DY dy, DX dx, G g, S* state) const {
    using B = typename Pass::backend;
    auto mean = moment(state, x, 0), inverse = moment(state, x, 1);
    if constexpr (Options.affine) {
      auto d_weight = g.template get<"weight">(), d_bias = g.template get<"bias">();
      B::for_each(pass.context, d_weight.sample_size, detail::layer_norm_gradients<X, decltype(mean), DY, decltype(d_weight)>{x, mean, inverse, dy, d_weight, d_bias});
    }
    if constexpr (Wanted<DX>) {
      auto weight = parameter<"weight">(p);
      B::for_each(pass.context, x.batch * moments<X>::value.size(),
                  detail::layer_norm_backward<X, decltype(weight), decltype(mean), DY, DX>{x, weight, mean, inverse, dy, dx});
    }
  }
};

}
