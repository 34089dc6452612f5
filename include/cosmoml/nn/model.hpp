// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/broken_model.hpp>
#include <cosmoml/nn/summary.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <cmath>
#include <span>

namespace cosmoml::inline COSMOML_ABI::nn {

struct inference_options {
  index_t max_batch = 1;   // samples that the workspace holds; larger batches go in pieces
};

// A network on a backend. All parameters lie in one buffer, all gradients in a second, statistics in a third, in the backend's own
// order; fields() and the canonical functions show them as PyTorch names and orders them.
//
//   model<net, backend::native<float>> m(key{1});                       trains and predicts
//   model<net, backend::native<float>, mode::inference> m(trained);     predicts: no gradients, no kept activations
//
// Cost of memory in training: two copies of the parameters, every inner edge once, two edges' gradients.
template <class Net, Backend B, mode M, rewrites R>
  requires SoundNetwork<Net>
class model<Net, B, M, R> {
  template <class N>
  struct unpack;
  template <class Input, class... L>
  struct unpack<sequential<Input, L...>> {
    template <class Pass>
    using chain = plan::chain<Pass, typename Input::shape_type, L...>;
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
  static constexpr index_t stored_statistics = form::statistics_offsets.back();
  static constexpr index_t input_size = Net::input_extents.size(), output_size = Net::output::value.size();
  using input_layout = typename chain::template layout<0>;
  using output_layout = typename chain::template layout<chain::count>;
  using input_view = view<scalar, input_layout>;
  using output_view = view<scalar, output_layout>;

  // What a prediction needs beside the parameters: a context, room for a batch and for what inner layers hand on. A model owns one; threads
  // that share a const model bring one each. It belongs to the model that it was made for.
  class workspace {
  public:
    explicit workspace(const model& owner, inference_options o = {}) {
      hold(o.max_batch);
      owner.infer(*this);   // every buffer of the backend now has its size
    }
    index_t batch() const { return batch_; }
    // Whose statistics layers that keep several use from now on, counted from 0.
    void use_domain(int domain) { domain_ = domain; }

  private:
    friend model;
    workspace() = default;

    void hold(index_t batch) {
      batch_ = batch;
      input_at_ = input_.data();
      if (batch <= capacity_) return;
      capacity_ = batch;
      input_ = buffer(input_layout::size(batch));
      input_at_ = input_.data();
      output_ = buffer(output_layout::size(batch));
      host_.resize(std::size_t(larger(input_layout::size(batch), output_layout::size(batch))));
    }
    // A training model holds inputs and outputs here but may never predict.
    void hold_layers() {
      if (capacity_ <= layers_capacity_) return;
      layers_capacity_ = capacity_;
      free_at_ = prediction_chain::template state_size<input_view, output_view>(capacity_);
      layers_ = buffer(free_at_ + prediction_chain::template workspace_size<input_view, output_view>(capacity_));
      prepared_from_ = 0;
    }
    input_view input() { return {input_at_, batch_}; }
    output_view output() { return {output_.data(), batch_}; }
    template <class T>
    void load_rows(ndview<T> from, index_t first) {
      const bool plain = from.rows_contiguous();
      for (index_t n = 0; n < batch_; ++n)
        for (index_t e = 0; e < input_size; ++e)
          host_[std::size_t(input_layout::offset(n, e))] = scalar(plain ? from.data[(first + n) * from.stride[0] + e] : from(first + n, e));
      B::from_host(context_, static_cast<const scalar*>(host_.data()), input_.data(), input_layout::size(batch_));
    }
    void copy_output(scalar* to) {
      B::to_host(context_, static_cast<const scalar*>(output_.data()), host_.data(), output_layout::size(batch_));
      for (index_t n = 0; n < batch_; ++n)
        for (index_t e = 0; e < output_size; ++e) to[n * output_size + e] = host_[std::size_t(output_layout::offset(n, e))];
    }

    typename B::context context_;
    buffer input_, output_, layers_;
    scalar* input_at_ = nullptr;
    index_t capacity_ = 0, batch_ = 0, layers_capacity_ = 0, free_at_ = 0, prepared_batch_ = 0;
    int domain_ = 0;
    std::uint64_t prepared_from_ = 0;   // the parameters' version
    std::vector<scalar> host_;
  };

  // Parameters start as PyTorch's layers do: uniform in +-1/sqrt(fan in), from the key, the same on every backend.
  explicit model(key k)
    requires training
      : parameters_(stored_count), gradients_(stored_count), statistics_(stored_statistics) {
    initialise(k);
  }
  explicit model(key k, inference_options o = {})
    requires(!training)
      : parameters_(stored_count), statistics_(stored_statistics) {
    initialise(k);
    own_.hold(o.max_batch);
    infer();
  }
  // Parameters of any model of the same network, on any backend.
  template <class B2, mode M2, rewrites R2>
  explicit model(model<Net, B2, M2, R2>& other, inference_options o = {})
    requires(!training)
      : parameters_(stored_count), statistics_(stored_statistics) {
    set_canonical_parameters(other.canonical_parameters());
    set_canonical_statistics(other.canonical_statistics());
    own_.hold(o.max_batch);
    infer();
  }

  // ---- one batch at a time
  // Room for a batch; memory only grows.
  void resize(index_t batch) {
    own_.hold(batch);
    if constexpr (training)
      if (batch > trained_capacity_) {
        trained_capacity_ = batch;
        output_gradient_ = buffer(output_layout::size(batch));
        workspace_at_ = chain::template state_size<input_view, output_view>(batch);
        memory_ = buffer(workspace_at_ + chain::template workspace_size<input_view, output_view>(batch));
      }
  }
  index_t batch() const { return own_.batch_; }
  input_view input() { return own_.input(); }
  // The batch is read where it is, until the next resize or load: samples of a tensor that stays on the backend.
  void use_input(input_view samples) {
    resize(samples.batch);
    own_.input_at_ = samples.data;
  }
  output_view output() { return own_.output(); }
  output_view output_gradient()
    requires training
  {
    return {output_gradient_.data(), batch()};
  }
  // Samples from host memory become the input.
  template <HostArray X>
  void load(const X& samples) {
    const auto from = as_samples(samples, input_size, "model.load");
    resize(from.rows());
    own_.load_rows(from, 0);
  }
  // Output of the batch in input(); the key feeds layers that draw random numbers.
  output_view forward(key randomness = {}) {
    if constexpr (training) {
      pass_type p{context(), free_memory(), randomness};
      p.statistics = statistics_.data();
      p.domain = own_.domain_;
      if (stored_statistics > 0) parameters_changed();   // what is prepared from them, too
      chain::forward(p, net_.layers, const_parameters(), input(), output(), memory_.data());
    } else infer();
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
    if (input_gradient_.size() < input_layout::size(trained_capacity_)) input_gradient_ = buffer(input_layout::size(trained_capacity_));
    const input_view dx{input_gradient_.data(), batch()};
    if (before != scalar(0)) B::assign(context(), dx, before);
    backward_to(dx);
    return dx;
  }
  // Where numbers stop being finite when the batch in input() goes forward again: a parameter, the input, the output of a layer, or a
  // statistic, by its path; empty if nowhere.
  std::string not_finite(key randomness = {})
    requires training
  {
    if (const std::string found = not_finite_field<true>(parameters_); !found.empty()) return "parameter " + found;
    if (plan::any_not_finite<B>(context(), input())) return "the input";
    forward(randomness);
    if (const std::string found = chain::first_not_finite(context(), input(), output(), memory_.data(), ""); !found.empty()) return "the output of layer " + found;
    const std::string found = not_finite_field<false>(statistics_);
    return found.empty() ? found : "statistic " + found;
  }
  void zero_gradients()
    requires training
  {
    B::fill(context(), gradients_.data(), stored_count, scalar(0));
  }
  // Output of the batch in input() as in inference: no random numbers, nothing kept for backward.
  output_view infer() { return infer(own_); }
  // The output of the last forward or infer, to host memory: batch() x output elements.
  void copy_output(scalar* to) { own_.copy_output(to); }
  // Predictions (n, output...) for samples (n, input...) in host memory, in pieces of what the workspace holds.
  template <HostArray X>
  ndarray<scalar> predict(const X& samples) {
    const auto from = as_samples(samples, input_size, "model.predict");
    if (own_.capacity_ == 0) resize(from.rows() < 256 ? larger(from.rows(), 1) : 256);
    ndarray<scalar> out(tensor<B, typename Net::output>::extents_with(from.rows()));
    in_pieces(own_, from, out.data());
    return out;
  }
  // The same into memory of the caller, n x output elements, without allocating anything. Safe from several threads, each with a workspace of its own.
  template <HostArray X>
  void predict_into(workspace& w, const X& samples, std::span<scalar> out) const {
    const auto from = as_samples(samples, input_size, "model.predict_into");
    expect<shape_mismatch>(index_t(out.size()) == from.rows() * output_size, "model.predict_into", "give one number for each output of each sample", out.size(),
                           " numbers for ", from.rows(), " samples of ", output_size, " outputs");
    in_pieces(w, from, out.data());
  }

  // ---- parameters
  // Flat, as the backend stores them, padding (always zero) included: for optimisers, norms, copies between models of one type.
  // Whoever writes through a span after other calls to the model says so with parameters_changed().
  std::span<scalar> parameters() {
    parameters_changed();
    return {parameters_.data(), std::size_t(stored_count)};
  }
  std::span<const scalar> parameters() const { return {parameters_.data(), std::size_t(stored_count)}; }
  void parameters_changed() { ++version_; }
  std::span<scalar> gradients()
    requires training
  {
    return {gradients_.data(), std::size_t(stored_count)};
  }
  // visitor(path, field, at): at(e) is where canonical element e lies in the flat buffers.
  template <class V>
  void fields(V&& visitor) const {
    visit<true>(visitor);
  }
  // Running means and the like: what training passes write, inference reads and no optimiser sees. Flat, as parameters().
  std::span<scalar> statistics() {
    parameters_changed();
    return {statistics_.data(), std::size_t(stored_statistics)};
  }
  std::span<const scalar> statistics() const { return {statistics_.data(), std::size_t(stored_statistics)}; }
  template <class V>
  void statistics_fields(V&& visitor) const {
    visit<false>(visitor);
  }
  // Whose statistics layers that keep several use from now on, counted from 0.
  void use_domain(int domain) {
    own_.use_domain(domain);
    parameters_changed();
  }
  // In canonical order, one field after the other: files, tests, models on other backends.
  ndarray<scalar> canonical_parameters() { return canonical<true>(parameters_); }
  ndarray<scalar> canonical_statistics() { return canonical<false>(statistics_); }
  ndarray<scalar> canonical_gradients()
    requires training
  {
    return canonical<true>(gradients_);
  }
  template <HostArray X>
  void set_canonical_parameters(const X& values) {
    set_canonical<true>(parameters_, values, "model.set_canonical_parameters");
  }
  template <HostArray X>
  void set_canonical_statistics(const X& values) {
    set_canonical<false>(statistics_, values, "model.set_canonical_statistics");
  }

  // Run-time options of a named layer.
  template <fixed_string Name>
  auto& layer() {
    constexpr int i = index_of<Name>();
    static_assert(i >= 0, "cosmoml: no layer has this name; give one a name with named<\"...\", layer>");
    return get<(i < 0 ? 0 : i)>(net_.layers);
  }
  typename B::context& context() { return own_.context_; }
  // The network as a table, and how this model runs it.
  static std::string summary() {
    std::string s = nn::summary<Net>() + text("on ", B::name, ", ", stored_count, " numbers stored\nplan\n");
    chain::visit_plan([&s](int depth, int number, const std::string& label, const std::string& what) {
      s += text(std::string(std::size_t(2 * depth + 2), ' '), number, " ", label, what.empty() ? "" : ": ", what, "\n");
    }, 0);
    return s;
  }

private:
  const scalar* const_parameters() const { return parameters_.data(); }
  scalar* free_memory() { return memory_.data() + workspace_at_; }

  template <class DX>
  void backward_to(DX dx) {
    pass_type p{context(), free_memory()};
    p.statistics = statistics_.data();
    p.domain = own_.domain_;
    chain::backward(p, net_.layers, const_parameters(), input(), output(), output_gradient(), dx, gradients_.data(), memory_.data());
  }
  void initialise(key k) {
    ndarray<scalar> stored(stored_count), statistics(stored_statistics);
    statistics_fields([&](const std::string&, const field& f, auto at) {
      for (index_t e = 0; e < f.shape.size(); ++e) statistics[at(e)] = scalar(f.constant);
    });
    B::from_host(context(), static_cast<const scalar*>(statistics.data()), statistics_.data(), stored_statistics);
    std::uint64_t number = 0;
    fields([&](const std::string&, const field& f, auto at) {
      const key own = k.fold(number++);
      const double bound = f.fan_in ? 1 / std::sqrt(double(f.fan_in)) : 0;
      for (index_t e = 0; e < f.shape.size(); ++e) stored[at(e)] = scalar(f.fan_in ? bound * (2 * own.uniform(std::uint64_t(e)) - 1) : f.constant);
    });
    B::from_host(context(), static_cast<const scalar*>(stored.data()), parameters_.data(), stored_count);
    parameters_changed();
  }
  output_view infer(workspace& w) const {
    w.hold_layers();
    prediction_pass p{w.context_, w.layers_.data() + w.free_at_, key{}, w.prepared_from_ == version_ && w.prepared_batch_ == w.batch_};
    p.statistics = statistics_.data();
    p.domain = w.domain_;
    prediction_chain::forward(p, net_.layers, static_cast<const scalar*>(parameters_.data()), w.input(), w.output(), w.layers_.data());
    w.prepared_from_ = version_;
    w.prepared_batch_ = w.batch_;
    return w.output();
  }
  template <class T>
  void in_pieces(workspace& w, ndview<T> from, scalar* out) const {
    const index_t n = from.rows(), most = w.capacity_;
    for (index_t first = 0; first < n; first += most) {
      w.hold(most < n - first ? most : n - first);
      w.load_rows(from, first);
      infer(w);
      w.copy_output(out + first * output_size);
    }
  }
  template <bool Trained, class V>
  void visit(V&& visitor) const {
    Net::body::template visit<B, typename Net::input_shape, Trained>("", 0, visitor);
  }
  template <bool Trained>
  std::string not_finite_field(const buffer& from) {
    ndarray<scalar> stored(from.size());
    B::to_host(context(), from.data(), stored.data(), from.size());
    std::string found;
    visit<Trained>([&](const std::string& path, const field& f, auto at) {
      for (index_t e = 0; found.empty() && e < f.shape.size(); ++e)
        if (!std::isfinite(stored[at(e)])) found = path;
    });
    return found;
  }
  template <bool Trained>
  ndarray<scalar> canonical(const buffer& from) {
    ndarray<scalar> stored(from.size());
    B::to_host(context(), from.data(), stored.data(), from.size());
    std::vector<scalar> out;
    visit<Trained>([&](const std::string&, const field& f, auto at) {
      for (index_t e = 0; e < f.shape.size(); ++e) out.push_back(stored[at(e)]);
    });
    const index_t n = index_t(out.size());
    return ndarray<scalar>({n}, std::move(out));
  }
  template <bool Trained, HostArray X>
  void set_canonical(buffer& to, const X& values, const char* asked) {
    const auto from = as_ndview(values);
    index_t n = 0;
    visit<Trained>([&](const std::string&, const field& f, auto) { n += f.shape.size(); });
    expect<shape_mismatch>(from.rank == 1 && from.dim[0] == n, asked, Trained ? "give one number for each parameter of the network" : "give one number for each statistic of the network",
                           from.size(), " numbers for ", n, Trained ? " parameters" : " statistics");
    ndarray<scalar> stored(to.size());
    index_t i = 0;
    visit<Trained>([&](const std::string&, const field& f, auto at) {
      for (index_t e = 0; e < f.shape.size(); ++e) stored[at(e)] = scalar(from.data[i++ * from.stride[0]]);
    });
    B::from_host(context(), static_cast<const scalar*>(stored.data()), to.data(), to.size());
    parameters_changed();
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
  buffer parameters_, gradients_, statistics_, output_gradient_, input_gradient_, memory_;
  index_t workspace_at_ = 0, trained_capacity_ = 0;
  std::uint64_t version_ = 1;
  workspace own_;
};

}
