// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/summary.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <cmath>
#include <span>

namespace cosmoml::inline COSMOML_ABI::nn {

// A network on a backend. All parameters lie in one buffer, all gradients in a second, in the backend's own order; fields() and the
// canonical functions show them as PyTorch names and orders them.
//
//   model<net, backend::native<float>> m(key{1});                       trains and predicts
//   model<net, backend::native<float>, mode::inference> m(trained);     predicts: no gradients, no kept activations
//
// Cost of memory in training: two copies of the parameters, every inner edge once, two edges' gradients.
template <class Net, class B, mode M = mode::training, rewrites R = rewrites{}>
class model;

struct inference_options {
  index_t max_batch = 1;   // samples that the workspace holds; larger batches go in pieces
};

template <class Net, Backend B, mode M, rewrites R>
  requires SoundNetwork<Net>
class model<Net, B, M, R> {
  template <class N>
  struct unpack;
  template <int... D, class... L>
  struct unpack<sequential<input<D...>, L...>> {
    template <class Pass>
    using chain = plan::chain<Pass, shape<D...>, L...>;
  };
  using buffer = typename B::template buffer<typename B::scalar>;

public:
  using network = Net;
  using backend = B;
  using scalar = typename B::scalar;
  using pass_type = plan::pass<B, M, R>;
  using prediction_pass = plan::pass<B, mode::inference, R>;
  using chain = typename unpack<Net>::template chain<pass_type>;
  using prediction_chain = typename unpack<Net>::template chain<prediction_pass>;
  using form = typename chain::form;
  static constexpr bool training = M == mode::training;
  static constexpr index_t parameter_count = Net::parameter_count, stored_count = form::offsets.back();
  static constexpr index_t input_size = Net::input_extents.size(), output_size = Net::output::value.size();
  using input_layout = typename chain::template layout<0>;
  using output_layout = typename chain::template layout<chain::count>;
  using input_view = view<scalar, input_layout>;
  using output_view = view<scalar, output_layout>;

  // Parameters start as PyTorch's layers do: uniform in +-1/sqrt(fan in), from the key, the same on every backend.
  explicit model(key k)
    requires training
      : parameters_(stored_count), gradients_(stored_count) {
    initialise(k);
  }
  explicit model(key k, inference_options o = {})
    requires(!training)
      : parameters_(stored_count), options_(o) {
    initialise(k);
    resize(options_.max_batch);
  }
  // Parameters of any model of the same network, on any backend.
  template <class B2, mode M2, rewrites R2>
  explicit model(model<Net, B2, M2, R2>& other, inference_options o = {})
    requires(!training)
      : parameters_(stored_count), options_(o) {
    set_canonical_parameters(other.canonical_parameters());
    resize(options_.max_batch);
  }

  // ---- one batch at a time
  // Room for a batch; memory only grows.
  void resize(index_t batch) {
    batch_ = batch;
    input_at_ = input_.data();
    if (batch <= capacity_) return;
    capacity_ = batch;
    input_ = buffer(input_layout::size(batch));
    input_at_ = input_.data();
    output_ = buffer(output_layout::size(batch));
    if constexpr (training) output_gradient_ = buffer(output_layout::size(batch));
    index_t state = 0, workspace = prediction_chain::template workspace_size<input_view, output_view>(batch);
    if constexpr (training) {
      state = chain::template state_size<input_view, output_view>(batch);
      workspace = larger(workspace, chain::template workspace_size<input_view, output_view>(batch));
    }
    memory_ = buffer(state + workspace);
    workspace_at_ = state;
  }
  index_t batch() const { return batch_; }
  input_view input() { return {input_at_, batch_}; }
  // The batch is read where it is, until the next resize or load: samples of a tensor that stays on the backend.
  void use_input(input_view samples) {
    resize(samples.batch);
    input_at_ = samples.data;
  }
  output_view output() { return {output_.data(), batch_}; }
  output_view output_gradient()
    requires training
  {
    return {output_gradient_.data(), batch_};
  }
  // Samples from host memory become the input.
  template <HostArray X>
  void load(const X& samples) {
    const auto from = as_samples(samples, input_size, "model.load");
    resize(from.rows());
    load_rows(from, 0);
  }
  // Output of the batch in input(); the key feeds layers that draw random numbers.
  output_view forward(key randomness = {}) {
    pass_type p{context_, workspace(), randomness};
    chain::forward(p, net_.layers, const_parameters(), input(), output(), memory_.data());
    return output();
  }
  // Adds to the gradients what output_gradient() makes of the last forward.
  void backward()
    requires training
  {
    backward_to(nothing{});
  }
  // As backward; the gradient with respect to the input, too. `before` fills its memory first, for tests.
  input_view backward_to_input(scalar before = scalar(0))
    requires training
  {
    if (input_gradient_.size() < input_layout::size(capacity_)) input_gradient_ = buffer(input_layout::size(capacity_));
    const input_view dx{input_gradient_.data(), batch_};
    if (before != scalar(0)) B::assign(context_, dx, before);
    backward_to(dx);
    return dx;
  }
  void zero_gradients()
    requires training
  {
    B::fill(context_, gradients_.data(), stored_count, scalar(0));
  }
  // Output of the batch in input() as in inference: no random numbers, nothing kept for backward.
  output_view infer() {
    prediction_pass p{context_, workspace(), key{}};
    prediction_chain::forward(p, net_.layers, const_parameters(), input(), output(), memory_.data());
    return output();
  }
  // The output of the last forward or infer, to host memory: batch() x output elements.
  void copy_output(scalar* to) {
    host_.resize(std::size_t(output_layout::size(batch_)));
    B::to_host(context_, static_cast<const scalar*>(output_.data()), host_.data(), output_layout::size(batch_));
    for (index_t n = 0; n < batch_; ++n)
      for (index_t e = 0; e < output_size; ++e) to[n * output_size + e] = host_[std::size_t(output_layout::offset(n, e))];
  }
  // Predictions (n, output...) for samples (n, input...) in host memory, in pieces of what the workspace holds.
  template <HostArray X>
  ndarray<scalar> predict(const X& samples) {
    const auto from = as_samples(samples, input_size, "model.predict");
    const index_t n = from.rows();
    if (capacity_ == 0) resize(n < 256 ? larger(n, 1) : 256);
    ndarray<scalar> out(tensor<B, typename Net::output>::extents_with(n));
    for (index_t first = 0; first < n; first += capacity_) {
      resize(capacity_ < n - first ? capacity_ : n - first);
      load_rows(from, first);
      infer();
      copy_output(out.data() + first * output_size);
    }
    return out;
  }

  // ---- parameters
  // Flat, as the backend stores them, padding (always zero) included: for optimisers, norms, copies between models of one type.
  std::span<scalar> parameters() { return {parameters_.data(), std::size_t(stored_count)}; }
  std::span<scalar> gradients()
    requires training
  {
    return {gradients_.data(), std::size_t(stored_count)};
  }
  // visitor(path, field, at): at(e) is where canonical element e lies in the flat buffers.
  template <class V>
  void fields(V&& visitor) const {
    Net::body::template visit<B, typename Net::input_shape>("", 0, visitor);
  }
  // In canonical order, one field after the other: files, tests, models on other backends.
  ndarray<scalar> canonical_parameters() { return canonical(parameters_); }
  ndarray<scalar> canonical_gradients()
    requires training
  {
    return canonical(gradients_);
  }
  template <HostArray X>
  void set_canonical_parameters(const X& values) {
    const auto from = as_ndview(values);
    expect<shape_mismatch>(from.rank == 1 && from.dim[0] == parameter_count, "model.set_canonical_parameters",
                           "give one number for each parameter of the network", from.size(), " numbers for ", parameter_count, " parameters");
    ndarray<scalar> stored(stored_count);
    index_t i = 0;
    fields([&](const std::string&, const field& f, auto at) {
      for (index_t e = 0; e < f.shape.size(); ++e) stored[at(e)] = scalar(from.data[i++ * from.stride[0]]);
    });
    B::from_host(context_, static_cast<const scalar*>(stored.data()), parameters_.data(), stored_count);
  }

  // Run-time options of a named layer.
  template <fixed_string Name>
  auto& layer() {
    constexpr int i = index_of<Name>();
    static_assert(i >= 0, "cosmoml: no layer has this name; give one a name with named<\"...\", layer>");
    return get<(i < 0 ? 0 : i)>(net_.layers);
  }
  typename B::context& context() { return context_; }
  static std::string summary() { return nn::summary<Net>() + text("on ", B::name, ", ", stored_count, " numbers stored\n"); }

private:
  const scalar* const_parameters() const { return parameters_.data(); }
  scalar* workspace() { return memory_.data() + workspace_at_; }

  template <class DX>
  void backward_to(DX dx) {
    pass_type p{context_, workspace()};
    chain::backward(p, net_.layers, const_parameters(), input(), output(), output_gradient(), dx, gradients_.data(), memory_.data());
  }
  void initialise(key k) {
    ndarray<scalar> stored(stored_count);
    std::uint64_t number = 0;
    fields([&](const std::string&, const field& f, auto at) {
      const key own = k.fold(number++);
      const double bound = f.fan_in ? 1 / std::sqrt(double(f.fan_in)) : 0;
      for (index_t e = 0; e < f.shape.size(); ++e) stored[at(e)] = scalar(f.fan_in ? bound * (2 * own.uniform(std::uint64_t(e)) - 1) : f.constant);
    });
    B::from_host(context_, static_cast<const scalar*>(stored.data()), parameters_.data(), stored_count);
  }
  template <class T>
  void load_rows(ndview<T> from, index_t first) {
    host_.resize(std::size_t(input_layout::size(batch_)));
    const bool plain = from.rows_contiguous();
    for (index_t n = 0; n < batch_; ++n)
      for (index_t e = 0; e < input_size; ++e)
        host_[std::size_t(input_layout::offset(n, e))] = scalar(plain ? from.data[(first + n) * from.stride[0] + e] : from(first + n, e));
    B::from_host(context_, static_cast<const scalar*>(host_.data()), input_.data(), input_layout::size(batch_));
  }
  ndarray<scalar> canonical(const buffer& from) {
    ndarray<scalar> stored(stored_count), out(parameter_count);
    B::to_host(context_, from.data(), stored.data(), stored_count);
    index_t i = 0;
    fields([&](const std::string&, const field& f, auto at) {
      for (index_t e = 0; e < f.shape.size(); ++e) out[i++] = stored[at(e)];
    });
    return out;
  }
  template <fixed_string Name>
  static constexpr int index_of() {
    int found = -1;
    for_index<form::layer_count>([&](auto i) {
      using layer = typename form::template layer<i>;
      if constexpr (requires { layer::name; })
        if (layer::name.view() == Name.view()) found = i;
    });
    return found;
  }

  Net net_;
  typename B::context context_;
  buffer parameters_, gradients_, input_, output_, output_gradient_, input_gradient_, memory_;
  scalar* input_at_ = nullptr;
  index_t workspace_at_ = 0, capacity_ = 0, batch_ = 0;
  inference_options options_;
  std::vector<scalar> host_;
};

// A broken network: its witness says what is wrong, and this accepts whatever follows and says nothing.
template <class Net, class B, mode M, rewrites R>
class model : judged<Net>::type {
  struct anything {
    template <class T>
    operator T() const;
    template <class I>
    anything operator[](I) const;
    index_t size() const;
    index_t rows() const;
  };

public:
  template <class... A>
  explicit model(A&&...) {}
  template <class... A>
  void load(A&&...) {}
  template <class... A>
  anything predict(A&&...) {
    return {};
  }
  template <class... A>
  anything forward(A&&...) {
    return {};
  }
  template <class... A>
  void backward(A&&...) {}
};

}
