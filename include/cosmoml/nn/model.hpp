// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/broken_model.hpp>
#include <cosmoml/nn/field_values.hpp>
#include <cosmoml/nn/summary.hpp>
#include <cosmoml/nn/tile_walk.hpp>
#include <cosmoml/nn/training_memory.hpp>
#include <cosmoml/nn/workspace.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <cmath>
#include <span>

namespace cosmoml::inline COSMOML_ABI::nn {

// A network on a backend. All parameters lie in one buffer, all gradients in a second, statistics in a third, in the backend's own
// order; fields() and the canonical functions show them as PyTorch names and orders them.
//
//   model<net, backend::native<float>> m(key{1});                       trains and predicts
//   model<net, backend::native<float>, mode::inference> m(trained);     predicts: no gradients, no kept activations
//
// Cost of memory in training: two copies of the parameters, every inner edge once, two edges' gradients.
template <class Net, class B, mode M, rewrites R>
class model {
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
  template <class Pass>
  using chain_of = typename unpack<Net>::template chain<Pass>;
  using chain = chain_of<pass_type>;
  using prediction_chain = chain_of<prediction_pass>;
  using form = typename chain::form;
  // Layers that several places share lie behind all others.
  using shared_once = typename Net::shared_once;
  static constexpr auto in_common_places = shared_once::template places<B, form::offsets.back(), form::statistics_offsets.back()>::at;
  static constexpr bool training = M == mode::training;
  static constexpr index_t parameter_count = Net::parameter_count, stored_count = in_common_places.back().parameters;
  static constexpr index_t stored_statistics = in_common_places.back().statistics;
  static constexpr bool draws_random_numbers = chain::behaviour.draws;   // in training: dropout and the like
  static constexpr index_t input_size = Net::input_extents.size(), output_size = Net::output::value.size();
  using input_layout = typename chain::template layout<0>;
  using output_layout = typename chain::template layout<chain::count>;
  using input_view = view<scalar, input_layout>;
  using output_view = view<scalar, output_layout>;

  // What a prediction needs beside the parameters. A model owns one; threads that share a const model bring one each, made for it.
  class workspace {
  public:
    explicit workspace(const model& owner, inference_options o = {}) {
      memory_.hold(o.max_batch);
      owner.infer(memory_);   // every buffer of the backend now has its size
    }
    index_t batch() const { return memory_.batch(); }
    // Whose statistics layers that keep several use from now on, counted from 0.
    void use_domain(int domain) { memory_.use_domain(domain); }

  private:
    friend model;
    prediction_memory<prediction_pass, prediction_chain, input_layout, output_layout> memory_;
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
  void resize(index_t batch) { own_.hold(batch); }
  index_t batch() const { return own_.batch(); }
  // Changes whenever memory of a step moves: what was recorded on it (train/captured_step.hpp) is stale then. (Each of these only grows.)
  std::uint64_t memory_generation() const
    requires training
  {
    return std::uint64_t(own_.capacity() + trained_capacity_ + output_gradient_.size());
  }
  input_view input() { return own_.input(); }
  // The batch is read where it is, until the next resize or load: samples of a tensor that stays on the backend.
  void use_input(input_view samples) { own_.read_from(samples); }
  output_view output() { return own_.output(); }
  output_view output_gradient()
    requires training
  {
    if (output_gradient_.size() < output_layout::size(batch())) output_gradient_ = buffer(output_layout::size(own_.capacity()));
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
    if constexpr (training) forward_pass(randomness);
    else infer();
    return output();
  }
  // Adds to the gradients what output_gradient() makes of the last forward.
  void backward()
    requires training
  {
    backward_pass();
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
    if (const std::string found = detail::not_finite_field<B>(context(), parameters_, visit<true>); !found.empty()) return "parameter " + found;
    if (plan::any_not_finite<B>(context(), input())) return "the input";
    if constexpr (plan::guards_finite) try {
        forward_unguarded(randomness);
      } catch (const plan::not_finite_output& found) {
        return "the output of layer " + found.path + " (" + found.label + ")";
      }
    else forward(randomness);
    if (const std::string found = chain::first_not_finite(context(), input(), output(), memory_.data(), trained_capacity_, ""); !found.empty()) return "the output of layer " + found;
    const std::string found = detail::not_finite_field<B>(context(), statistics_, visit<false>);
    return found.empty() ? found : "statistic " + found;
  }
  void zero_gradients()
    requires training
  {
    B::fill(context(), gradients_.data(), stored_count, scalar(0));
  }
  // forward, loss and backward of the batch in input(), in tiles where the plan says so: adds scale times the gradient of the loss to the
  // gradients, leaves the predictions in output(), and returns the loss's sum. Targets and weights (or null) as in nn/loss.hpp.
  template <class LossType>
  double add_gradients(const LossType& loss, const typename LossType::template target<B>* targets, const scalar* weights, scalar scale, key randomness = {})
    requires training
  {
    const plan::tiling walk = plan::training_tiles<pass_type, chain, input_view, output_view>(batch(), stored_count);
    if constexpr (plan::Tiles<pass_type> && !plan::guards_finite)
      if (walk.samples < batch()) {
        tiles_.template hold<input_view, output_view>(walk, stored_count);
        return tiles_.walk(walk, context(), net_.layers, const_parameters(), input(), output(), loss, targets, weights, scale, randomness, gradients_.data(), stored_count, shared_places());
      }
    forward(randomness);
    const double sum = loss.template evaluate<B>(context(), output(), output_gradient(), targets, weights, scale);
    backward();
    return sum;
  }
  // What add_gradients holds for batches of so many samples. On top come the scratch memory of the backend's kernels, data sets, and the
  // optimiser's state; and a copy of the activations for those who call forward and backward where add_gradients takes tiles.
  static training_memory training_bytes(index_t batch)
    requires training
  {
    const plan::tiling walk = plan::training_tiles<pass_type, chain, input_view, output_view>(batch, stored_count);
    const bool whole = walk.samples == batch;   // one pass through memory of its own, or groups of tiles
    const index_t at_once = whole ? 1 : tile_walk<pass_type, chain>::side_by_side(walk);
    constexpr index_t one = index_t(sizeof(scalar));
    return {.parameters = one * stored_count,
            .gradients = one * stored_count * (whole ? 1 : walk.groups),
            .statistics = one * stored_statistics,
            .samples = one * (input_layout::size(batch) + output_layout::size(batch) + (whole ? output_layout::size(batch) : at_once * output_layout::size(walk.samples))),
            .activations = one * at_once * chain::template state_size<input_view, output_view>(walk.samples),
            .workspace = one * at_once * chain::template workspace_size<input_view, output_view>(walk.samples, true)};
  }
  // Output of the batch in input() as in inference: no random numbers, nothing kept for backward.
  output_view infer() {
    infer(own_);
    return output();
  }
  // The output of the last forward or infer, to host memory: batch() x output elements.
  void copy_output(scalar* to) { own_.write_rows(ndview<scalar>(to, own_.batch(), output_size), 0); }
  // Predictions (n, output...) for samples (n, input...) in host memory, in pieces of what the workspace holds.
  template <HostArray X>
  ndarray<scalar> predict(const X& samples) {
    const auto from = as_samples(samples, input_size, "model.predict");
    if (own_.capacity() == 0) resize(from.rows() < 256 ? larger(from.rows(), 1) : 256);
    ndarray<scalar> out(tensor<B, typename Net::output>::extents_with(from.rows()));
    in_pieces(own_, from, ndview<scalar>(out.data(), from.rows(), output_size));
    return out;
  }
  // The same into an array of the caller, one sample a row, of any strides and type of number, apart from the samples' memory; allocates
  // nothing. Safe from several threads, each with a workspace of its own.
  template <HostArray X, WritableArray Out = std::span<scalar>>
  void predict_into(workspace& w, const X& samples, Out&& out) const {
    const auto from = as_samples(samples, input_size, "model.predict_into");
    auto to = host_adaptor<std::remove_cvref_t<Out>>::view(out);
    count_samples(to, output_size, "model.predict_into, the array for the result");
    expect<shape_mismatch>(to.rows() == from.rows(), "model.predict_into", "give one row for the outputs of each sample", to.rows(), " rows for ", from.rows(), " samples");
    in_pieces(w.memory_, from, to);
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
  void fields(field_visitor visitor) const { visit<true>(visitor); }
  // Running means and the like: what training passes write, inference reads and no optimiser sees. Flat, as parameters().
  std::span<scalar> statistics() {
    parameters_changed();
    return {statistics_.data(), std::size_t(stored_statistics)};
  }
  std::span<const scalar> statistics() const { return {statistics_.data(), std::size_t(stored_statistics)}; }
  void statistics_fields(field_visitor visitor) const { visit<false>(visitor); }
  // Whose statistics layers that keep several use from now on, counted from 0.
  void use_domain(int domain) {
    own_.use_domain(domain);
    parameters_changed();
  }
  int domain() const { return own_.domain(); }
  // In canonical order, one field after the other: files, tests, models on other backends.
  ndarray<scalar> canonical_parameters() { return detail::read_fields<B>(context(), parameters_, visit<true>); }
  ndarray<scalar> canonical_statistics() { return detail::read_fields<B>(context(), statistics_, visit<false>); }
  ndarray<scalar> canonical_gradients()
    requires training
  {
    return detail::read_fields<B>(context(), gradients_, visit<true>);
  }
  template <HostArray X>
  void set_canonical_parameters(const X& values) {
    detail::write_fields<B>(context(), parameters_, values, "model.set_canonical_parameters", "parameters", visit<true>);
    parameters_changed();
  }
  template <HostArray X>
  void set_canonical_statistics(const X& values) {
    detail::write_fields<B>(context(), statistics_, values, "model.set_canonical_statistics", "statistics", visit<false>);
    parameters_changed();
  }

  // Run-time options of a named layer.
  template <fixed_string Name>
  auto& layer() {
    constexpr int i = index_of<Name>(typename form::indices{});
    static_assert(i >= 0, "cosmoml: no layer has this name; give one a name with named<\"...\", layer>");
    return get<(i < 0 ? 0 : i)>(net_.layers);
  }
  typename B::context& context() { return own_.context(); }
  const auto& layers() const { return net_.layers; }
  // What a pass is told about the layers that several places share; null without any.
  const plan::shared_memory<scalar, training>* in_common() {
    if constexpr (shared_once::count == 0) return nullptr;
    else {
      if constexpr (training) shared_ = {shared_places(), parameters_.data(), gradients_.data(), statistics_.data()};
      else shared_ = {shared_places(), parameters_.data(), nullptr, statistics_.data()};
      return &shared_;
    }
  }
  // The network as a table, and how this model runs it.
  static std::string summary() {
    std::string s = nn::summary<Net>() + text("on ", B::name, ", ", stored_count, " numbers stored\nplan\n");
    int changes = 0, copies = 0;
    chain::visit_plan([&](int depth, int number, const std::string& label, const std::string& what, plan::moves made) {
      s += text(std::string(std::size_t(2 * depth + 2), ' '), number, " ", label, what.empty() ? "" : ": ", what, "\n");
      changes += int(made.relays);
      copies += int(made.copies);
    });
    s += text(changes, " changes of layout", copies > 0 ? text(", inputs copied: ", copies) : "", "\n");
    constexpr index_t many = 1 << 20;
    const index_t tile = plan::training_tiles<pass_type, chain, input_view, output_view>(many, stored_count).samples;
    return tile < many ? s + text("a batch that leaves the cache is trained in tiles of ", tile, " samples\n") : s;
  }

private:
  static constexpr const plan::shared_place* shared_places() {
    if constexpr (shared_once::count == 0) return nullptr;
    else return in_common_places.data();
  }
  const scalar* const_parameters() const { return parameters_.data(); }
  using memory = prediction_memory<prediction_pass, prediction_chain, input_layout, output_layout>;

  pass_type pass_for(key randomness, bool prepared)
    requires training
  {
    return {context(), memory_.data() + workspace_at_, randomness, prepared, statistics_.data(), own_.domain(), 0, trained_capacity_, nullptr, in_common(), true};
  }
  template <class DX>
  void backward_to(DX dx) {
    expect<invalid_argument>(batch() <= trained_capacity_, "model.backward", "call forward for this batch first", "a batch of ", batch(), " samples that never went forward");
    expect<invalid_argument>(kept_, "model.backward", "call forward again, or switch rewrites.reuse off: gradients took the memory of activations", "a second backward of one forward");
    if (R.reuse && workspace_at_ * index_t(sizeof(scalar)) >= R.reuse_from) kept_ = false;
    pass_type p = pass_for(randomness_, true);
    chain::backward(p, net_.layers, const_parameters(), input(), output(), output_gradient(), dx, gradients_.data(), memory_.data());
  }
  void initialise(key k) {
    detail::start_fields<B>(context(), statistics_, key{}, visit<false>);
    detail::start_fields<B>(context(), parameters_, k, visit<true>);
    parameters_changed();
  }
  // The long ones stand in nn/model_passes.hpp, not inline: `extern template class model<...>` keeps them out of a translation unit.
  void forward_pass(key randomness);
  void forward_unguarded(key randomness);   // not_finite_output comes out of it
  void backward_pass();
  void infer(memory& m, index_t first = 0) const;   // first: the number of its first sample in what was asked
  template <class T, class U>
  void in_pieces(memory& m, const ndview<T>& from, const ndview<U>& out) const {
    const index_t n = from.rows(), most = m.capacity();
    for (index_t first = 0; first < n; first += most) {
      m.hold(most < n - first ? most : n - first);
      m.read_rows(from, first);
      infer(m, first);
      m.write_rows(out, first);
    }
    m.hold(m.batch());   // the array may be gone when the input is asked for again
  }
  template <bool Trained>
  static void visit(field_visitor visitor) {
    Net::body::template visit<B, typename Net::input_shape, Trained>("", 0, visitor);
    shared_once::for_first([&](auto i) {
      using use = typename shared_once::template use<i>;
      constexpr plan::shared_place at = in_common_places[std::size_t(i)];
      visit_fields<B, typename use::layer::body, typename use::input, Trained>(std::string(at.name), Trained ? at.parameters : at.statistics, visitor);
    });
  }
  template <fixed_string Name, int I>   // no lambda around it: nvcc finds no names in one
  static constexpr bool is_called() {
    using layer = typename form::template layer<I>;
    if constexpr (requires { layer::name; }) return layer::name.view() == Name.view();
    else return false;
  }
  template <fixed_string Name, int... I>
  static constexpr int index_of(std::integer_sequence<int, I...>) {
    int found = -1;
    ((found = is_called<Name, I>() ? I : found), ...);
    return found;
  }

  Net net_;
  buffer parameters_, gradients_, statistics_, output_gradient_, input_gradient_, memory_;
  plan::shared_memory<scalar, training> shared_{};
  index_t workspace_at_ = 0, trained_capacity_ = 0;
  key randomness_{};   // of the last forward
  bool kept_ = true;   // what it left for backward
  std::uint64_t version_ = 1;
  memory own_;
  tile_walk<pass_type, chain> tiles_;
};

}

#include <cosmoml/nn/model_passes.hpp>
