// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/ops/normalise.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::nn {

// Options of batch_norm.
struct batch_norm_options {
  double momentum = 0.1;     // of the new value in running statistics; 0: their plain mean over all batches
  double epsilon = 1e-5;     // added to variances
  bool affine = true;        // with weight and bias
  int domains = 1;           // parameters and statistics kept apart for so many kinds of data; see model.use_domain
};

template <class At, class After, class Given>
struct batch_norm_options_out_of_range {
  static_assert(never<At>, "cosmoml: batch_norm takes momentum from 0 to 1, epsilon above 0 and at least one domain");
};

namespace detail {

// What normalisation multiplies by and adds, from 1 / sd.
template <class V, class W>
struct norm_scales {
  V weight_deviation, scale, shift;   // weight_deviation: 1 / sd
  W weight, bias;
  index_t domain;
  COSMOML_HD void operator()(index_t c) const {
    using S = typename V::scalar;
    const index_t at = domain * V::sample_size + c;
    const S inverse = weight_deviation(0, c);
    if constexpr (Wanted<W>) {
      scale(0, c) = weight(0, at) * inverse;
      shift(0, c) = bias(0, at);
    } else {
      scale(0, c) = inverse;
      shift(0, c) = S(0);
    }
  }
};
// The same from a variance.
template <class V, class W>
struct norm_scales_of_variance {
  V variance;
  norm_scales<V, W> scales;
  double epsilon;
  COSMOML_HD void operator()(index_t c) const {
    using S = typename V::scalar;
    scales.weight_deviation(0, c) = S(1) / S(std::sqrt(double(variance(0, c)) + epsilon));
    scales(c);
  }
};
template <class V, class R, class N>
struct update_running {
  V mean, variance;
  R running_mean, running_variance;
  N batches;
  index_t domain, count;
  double momentum;
  COSMOML_HD void operator()(index_t c) const {
    using S = typename V::scalar;
    const index_t at = domain * V::sample_size + c;
    const S m = momentum > 0 ? S(momentum) : S(1) / (batches(0, domain) + S(1));
    running_mean(0, at) += m * (mean(0, c) - running_mean(0, at));
    running_variance(0, at) += m * (variance(0, c) * S(count) / S(count - 1) - running_variance(0, at));
  }
};
template <class N>
struct count_batch {
  N batches;
  index_t domain;
  COSMOML_HD void operator()(index_t) const { batches(0, domain) += typename N::scalar(1); }
};
template <class R, class V>
struct read_running {
  R running_mean, running_variance;
  V mean, variance;
  index_t domain;
  COSMOML_HD void operator()(index_t c) const {
    mean(0, c) = running_mean(0, domain * V::sample_size + c);
    variance(0, c) = running_variance(0, domain * V::sample_size + c);
  }
};
// Gradients of weight and bias from the two sums, and the factors of dx = w / sd (dy - mean(dy) - xhat mean(dy xhat)).
template <class V, class W, class G>
struct norm_gradients {
  V inverse, sum, sum_x, of_dy, of_x, constant;
  W weight;
  G d_weight, d_bias;
  index_t domain, count;
  COSMOML_HD void operator()(index_t c) const {
    using S = typename V::scalar;
    const index_t at = domain * V::sample_size + c;
    const S r = inverse(0, c), s = sum(0, c), sx = sum_x(0, c);
    S w = r;
    if constexpr (Wanted<W>) {
      w *= weight(0, at);
      d_weight(0, at) += sx * r;
      d_bias(0, at) += s;
    }
    of_dy(0, c) = w;
    of_x(0, c) = -w * r * r * sx / S(count);
    constant(0, c) = -w * s / S(count);
  }
};

}

// y = weight (x - mean) / sqrt(variance + epsilon) + bias for each channel of (channels, spatial axes...) or each of (features), mean and
// variance over the batch and the spatial axes. Inference uses the running values that training passes keep in the model's statistics.
// PyTorch's BatchNorm1d to 3d. Parameters: weight, bias (channels). Statistics: running_mean, running_var (unbiased), num_batches_tracked.
// With several domains each of these has one axis more, in front. Errors: invalid_argument for a training batch with one number a channel, or a domain that there is not.
template <batch_norm_options Options = batch_norm_options{}>
struct batch_norm {
  static constexpr bool reads_output = false, mixes_samples = true, repeats = true, spares_dy = true;
  static constexpr kind rewritable_as = kind::norm;
  static constexpr bool sensible = Options.momentum >= 0 && Options.momentum <= 1 && Options.epsilon > 0 && Options.domains > 0;
  static constexpr extents output(extents in) { return sensible ? in : extents::broken(); }
  static constexpr auto fields(extents in) {
    constexpr int d = Options.domains;
    const extents each = d > 1 ? extents{d, in[0]} : extents{in[0]}, counted = d > 1 ? extents{d} : extents{};
    const role r = d > 1 ? role::plain : role::vector;
    const field mean{"running_mean", each, r, 0, 0, false}, variance{"running_var", each, r, 0, 1, false}, batches{"num_batches_tracked", counted, role::plain, 0, 0, false, true};
    if constexpr (Options.affine) return std::array{field{"weight", each, r, 0, 1}, field{"bias", each, r}, mean, variance, batches};
    else return std::array{mean, variance, batches};
  }
  static constexpr edge_wishes wishes(extents) { return {.in = {}, .out = {}, .same = true}; }
  template <int Index, class Before, class In>
  using mistake = batch_norm_options_out_of_range<at<Index, batch_norm>, Before, In>;
  static std::string label() { return Options.domains > 1 ? text("batch_norm of ", Options.domains, " domains") : "batch_norm"; }

  // Vectors with an element a channel: two kept (mean, 1 / sd), seven that come and go.
  static constexpr int kept = 2, passing = 7;
  template <class X>
  static constexpr index_t channels = X::shape.dim[0];
  template <class Pass, class X, class Y>
  static index_t state_size(index_t) {
    return Pass::training ? kept * channels<X> : 0;
  }
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t) {
    return (Pass::training ? passing : passing + kept) * channels<X>;
  }
  template <class X, class S>
  static auto vector(S* p, int number) {
    return view<S, canonical<shape<X::shape.dim[0]>>>{p + number * channels<X>, 1};
  }
  template <fixed_string Name, class P>
  static auto parameter(P p) {
    if constexpr (Options.affine) return p.template get<Name>();
    else return nothing{};
  }
  static index_t domain_of(int domain) {
    if (Options.domains == 1) return 0;
    expect<invalid_argument>(domain >= 0 && domain < Options.domains, "batch_norm", "choose a domain that the layer keeps statistics of with model.use_domain", "domain ", domain,
                             " of ", Options.domains);
    return domain;
  }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr bool apart = Options.domains > 1;
    const auto every = [&](double v) { return g.constant({In::value[0]}, typename G::values(std::size_t(In::value[0]), v)); };
    const auto scale = Options.affine ? g.parameter("weight", apart) : every(1), shift = Options.affine ? g.parameter("bias", apart) : every(0);
    return g.node("BatchNormalization", {x, scale, shift, g.parameter("running_mean", apart), g.parameter("running_var", apart)}, {g.number("epsilon", Options.epsilon)});
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P p, X x, Y y, S* state) const {
    forward_then(pass, identity_function{}, p, x, y, state);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward_again(Pass& pass, P p, X x, Y y, S* state) const {
    forward_again_then(pass, identity_function{}, p, x, y, state);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P p, X x, Y, DY dy, DX dx, G g, S* state) const {
    backward_through(pass, identity_function{}, p, x, dy, dx, g, state);
  }
  // The same with a function of each element behind, whose slopes are found anew from x.
  template <class Pass, class F, class P, class X, class Y, class S>
  void forward_then(Pass& pass, F f, P p, X x, Y y, [[maybe_unused]] S* state) const {
    using B = typename Pass::backend;
    constexpr index_t n = channels<X>;
    S* const lasting = Pass::training ? state : pass.workspace + passing * n;
    auto mean = vector<X>(lasting, 0), inverse = vector<X>(lasting, 1);
    auto variance = vector<X>(pass.workspace, 0), scale = vector<X>(pass.workspace, 1), shift = vector<X>(pass.workspace, 2);
    auto running = statistics_of<batch_norm, typename X::shape_type>(pass);
    auto running_mean = running.template get<"running_mean">(), running_variance = running.template get<"running_var">();
    const index_t domain = domain_of(pass.domain);
    if constexpr (Pass::training) {
      const index_t count = x.elements() / n;
      expect<invalid_argument>(count > 1, "batch_norm", "train with at least two numbers a channel: a larger batch or larger maps", "a batch of ", x.batch,
                               " with one number a channel");
      ops::channel_moments<B>(pass.context, x, mean, variance);
      auto batches = running.template get<"num_batches_tracked">();
      B::for_each(pass.context, n, detail::update_running<decltype(mean), decltype(running_mean), decltype(batches)>{
                                       mean, variance, running_mean, running_variance, batches, domain, count, Options.momentum});
      B::for_each(pass.context, 1, detail::count_batch<decltype(batches)>{batches, domain});
    } else {
      B::for_each(pass.context, n, detail::read_running<decltype(running_mean), decltype(mean)>{running_mean, running_variance, mean, variance, domain});
    }
    auto weight = parameter<"weight">(p), bias = parameter<"bias">(p);
    const detail::norm_scales<decltype(mean), decltype(weight)> scales{inverse, scale, shift, weight, bias, domain};
    B::for_each(pass.context, n, detail::norm_scales_of_variance<decltype(mean), decltype(weight)>{variance, scales, Options.epsilon});
    ops::normalise<B>(pass.context, f, x, mean, scale, shift, y);
  }
  template <class Pass, class F, class P, class X, class Y, class S>
  void forward_again_then(Pass& pass, F f, P p, X x, Y y, S* state) const {
    using B = typename Pass::backend;
    constexpr index_t n = channels<X>;
    auto mean = vector<X>(state, 0), inverse = vector<X>(state, 1), scale = vector<X>(pass.workspace, 0), shift = vector<X>(pass.workspace, 1);
    auto weight = parameter<"weight">(p), bias = parameter<"bias">(p);
    B::for_each(pass.context, n, detail::norm_scales<decltype(mean), decltype(weight)>{inverse, scale, shift, weight, bias, domain_of(pass.domain)});
    ops::normalise<B>(pass.context, f, x, mean, scale, shift, y);
  }
  template <class Pass, class F, class P, class X, class DY, class DX, class G, class S>
  void backward_through(Pass& pass, F f, P p, X x, DY dy, DX dx, G g, S* state) const {
    using B = typename Pass::backend;
    constexpr index_t n = channels<X>;
    auto mean = vector<X>(state, 0), inverse = vector<X>(state, 1);
    auto sum = vector<X>(pass.workspace, 0), sum_x = vector<X>(pass.workspace, 1), of_dy = vector<X>(pass.workspace, 2), of_x = vector<X>(pass.workspace, 3),
               constant = vector<X>(pass.workspace, 4), scale = vector<X>(pass.workspace, 5), shift = vector<X>(pass.workspace, 6);
    auto weight = parameter<"weight">(p), bias = parameter<"bias">(p);
    if constexpr (!std::same_as<F, identity_function>)
      B::for_each(pass.context, n, detail::norm_scales<decltype(mean), decltype(weight)>{inverse, scale, shift, weight, bias, domain_of(pass.domain)});
    auto d_weight = parameter<"weight">(g), d_bias = parameter<"bias">(g);
    ops::normalise_sums<B>(pass.context, f, x, dy, mean, scale, shift, sum, sum_x);
    B::for_each(pass.context, n, detail::norm_gradients<decltype(mean), decltype(weight), decltype(d_weight)>{
                                     inverse, sum, sum_x, of_dy, of_x, constant, weight, d_weight, d_bias, domain_of(pass.domain), x.elements() / n});
    if constexpr (Wanted<DX>) ops::normalise_adjoint<B>(pass.context, f, x, dy, mean, scale, shift, of_dy, of_x, constant, dx);
  }
};

}
