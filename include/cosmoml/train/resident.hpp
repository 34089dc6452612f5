// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/tensor/tensor.hpp>
#include <cosmoml/train/samples.hpp>

#include <cmath>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train::detail {

// Samples on the backend: inputs in the network's own layout, targets and weights flat. Checked once, on the way.
template <class Model, class LossType>
struct resident {
  using B = typename Model::backend;
  using S = typename B::scalar;
  using target = typename LossType::template target<B>;
  tensor<B, typename Model::network::input_shape, typename Model::input_layout> inputs;
  typename B::template buffer<target> targets;
  typename B::template buffer<S> weights;
  std::vector<double> host_weights;
  index_t target_size;

  template <class X, class Y>
  resident(typename B::context& c, const samples<X, Y>& from, const char* asked) : target_size(LossType::targets(Model::network::output::value)) {
    const index_t n = from.rows();
    expect<invalid_argument>(n > 0, asked, "give at least one sample", "no data");
    const auto x = as_samples(from.inputs, Model::input_size, asked);
    for (index_t i = 0; i < n; ++i)
      for (index_t e = 0; e < Model::input_size; ++e)
        if (!std::isfinite(double(x(i, e))))
          throw numerical_error(asked, text("input ", double(x(i, e)), " in sample ", i, ", element ", e), "remove or replace samples that are not finite");
    inputs.assign(c, from.inputs);

    const auto y = as_samples(from.targets, target_size, asked);
    expect<shape_mismatch>(y.rows() == n, asked, "give one target for each input", n, " inputs and ", y.rows(), " targets");
    ndarray<target> host(n * target_size);
    for (index_t i = 0; i < n; ++i)
      for (index_t e = 0; e < target_size; ++e) {
        const auto v = y(i, e);
        if constexpr (std::is_same_v<target, int>) {
          if (!(v >= 0 && index_t(v) < Model::output_size && v == decltype(v)(index_t(v))))
            throw invalid_argument(asked, text("label ", double(v), " in sample ", i),
                                   text("number the classes 0 to ", Model::output_size - 1, ", as many as the network has outputs"));
        } else if (!std::isfinite(double(v)))
          throw numerical_error(asked, text("target ", double(v), " in sample ", i), "remove or replace samples that are not finite");
        host[i * target_size + e] = target(v);
      }
    targets = typename B::template buffer<target>(host.size());
    B::from_host(c, static_cast<const target*>(host.data()), targets.data(), host.size());

    if (from.weights.rank) {
      ndarray<S> w(n);
      for (index_t i = 0; i < n; ++i) {
        host_weights.push_back(from.weights(i, 0));
        expect<invalid_argument>(std::isfinite(host_weights.back()) && host_weights.back() >= 0, asked, "use finite weights of zero or more",
                                 "weight ", host_weights.back(), " of sample ", i);
        w[i] = S(host_weights.back());
      }
      weights = typename B::template buffer<S>(n);
      B::from_host(c, static_cast<const S*>(w.data()), weights.data(), n);
    }
  }
  index_t rows() const { return inputs.batch(); }
  double weight(index_t i) const { return host_weights.empty() ? 1 : host_weights[std::size_t(i)]; }
};

// Copies what belongs to rows[first ...] next to one another.
template <class T>
struct pick_rows {
  const T* from;
  const int* rows;
  T* to;
  index_t size;
  COSMOML_HD void operator()(index_t i) const { to[i] = from[rows[i / size] * size + i % size]; }
};

// Mean loss over resident samples, and the network's output for them.
template <class Model, class LossType>
double evaluate(Model& net, const LossType& loss, resident<Model, LossType>& data, ndarray<typename Model::scalar>& output) {
  using B = typename Model::backend;
  using S = typename B::scalar;
  constexpr index_t piece = 1024;
  double sum = 0, weight = 0;
  tensor<B, typename Model::network::output, typename Model::output_layout> out;
  output = ndarray<S>(tensor<B, typename Model::network::output>::extents_with(data.rows()));
  for (index_t first = 0; first < data.rows(); first += piece) {
    const index_t n = piece < data.rows() - first ? piece : data.rows() - first;
    net.use_input(data.inputs.view().samples(first, n));
    const auto y = net.infer();
    sum += loss.template evaluate<B>(net.context(), y, nothing{}, data.targets.data() + first * data.target_size,
                                     data.weights.size() ? data.weights.data() + first : nullptr, S(0));
    net.copy_output(output.data() + first * Model::output_size);
    for (index_t i = 0; i < n; ++i) weight += data.weight(first + i);
  }
  return sum / (weight * double(data.target_size));
}

}
