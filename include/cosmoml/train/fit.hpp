// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/loss.hpp>
#include <cosmoml/nn/model.hpp>
#include <cosmoml/optim/optimizer.hpp>
#include <cosmoml/train/batches.hpp>
#include <cosmoml/train/captured_step.hpp>
#include <cosmoml/train/observer.hpp>
#include <cosmoml/train/samples.hpp>

#include <chrono>

namespace cosmoml::inline COSMOML_ABI::train {

struct fit_options {
  int epochs = 10;
  index_t batch_size = 64;
  bool shuffle = true;      // a new order each epoch; false: the order given
  key randomness{};         // of the order and of layers that draw
  // Shuffled full batches without weights are recorded once and replayed where the backend can (exec::cuda: a CUDA graph). Not for layers
  // that draw random numbers: they would draw the same ones in each step.
  bool record = false;
};

struct epoch_row {
  int epoch;
  double loss, validation_loss;   // NaN without a validation set
  double seconds;                 // since the fit began
};
struct fit_report {
  std::vector<epoch_row> history;
  index_t steps = 0;
  double seconds = 0;
  bool stopped_early = false;
  const char* reason = "all epochs done";
};

namespace detail {

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

// Parameters and statistics as they were when all of them were finite.
template <class Model>
class last_good {
  using B = typename Model::backend;
  using S = typename B::scalar;

public:
  explicit last_good(Model& m) : parameters_(Model::stored_count), statistics_(Model::stored_statistics) { keep(m, "of the start"); }
  // False, and nothing kept, if the model's are not finite.
  bool keep(Model& m, std::string when) {
    auto& c = m.context();
    const Model& now = m;
    const S *p = now.parameters().data(), *s = now.statistics().data();
    if (!std::isfinite(B::dot(c, p, p, Model::stored_count)) || !std::isfinite(B::dot(c, s, s, Model::stored_statistics))) return false;
    B::copy(c, p, parameters_.data(), Model::stored_count);
    B::copy(c, s, statistics_.data(), Model::stored_statistics);
    when_ = std::move(when);
    return true;
  }
  // Puts them back and says what happened.
  [[noreturn]] void stop(Model& m, const std::string& found, key randomness) {
    const std::string where = m.not_finite(randomness);
    auto& c = m.context();
    B::copy(c, static_cast<const S*>(parameters_.data()), m.parameters().data(), Model::stored_count);
    B::copy(c, static_cast<const S*>(statistics_.data()), m.statistics().data(), Model::stored_statistics);
    throw numerical_error("train::fit", found + (where.empty() ? "" : "; the first numbers that are not finite: " + where),
                          "lower the learning rate, or scale the inputs; the model has the parameters " + when_ + " again");
  }

private:
  typename B::template buffer<S> parameters_, statistics_;
  std::string when_;
};

}

// Trains a model: batches of `training` through the loss, backward and the optimiser, epoch after epoch; after each, the loss and the
// outputs on `validation`. Observers are told, and may end it. Data crosses to the backend once.
// Errors: invalid_argument (no data, labels that are no class), shape_mismatch, numerical_error (data not finite; or a loss that is not,
// with the batch and the layer: the model then has the parameters of the last epoch that ended well).
template <class Net, class B, rewrites R, class X, class Y, class LossType, class Opt, class X2, class Y2, class... Observer>
  requires(Optimizer<Opt, B> && nn::SoundNetwork<Net>)
fit_report fit(nn::model<Net, B, mode::training, R>& net, const samples<X, Y>& training, const samples<X2, Y2>& validation,
               const LossType& loss, const Opt& optimizer, const fit_options& options, Observer&&... observers) {
  using model = nn::model<Net, B, mode::training, R>;
  using S = typename B::scalar;
  using target = typename LossType::template target<B>;
  static_assert(nn::Loss<LossType, B, typename model::output_view>, "cosmoml: fit takes a loss such as nn::cross_entropy{}; see nn/loss.hpp");
  expect<invalid_argument>(options.epochs > 0, "train::fit", "train for at least one epoch", options.epochs, " epochs");

  auto& c = net.context();
  detail::resident<model, LossType> data(c, training, "train::fit, training samples");
  const bool validated = validation.rows() > 0;
  std::vector<detail::resident<model, LossType>> held_out;
  if (validated) held_out.emplace_back(c, validation, "train::fit, validation samples");

  const auto [order_key, layer_key] = split<2>(options.randomness);
  const batches parts(data.rows(), options.batch_size);
  typename Opt::template state<B> state(model::stored_count);
  typename B::template buffer<int> rows(options.shuffle ? data.rows() : 0);
  typename B::template buffer<target> targets(options.shuffle ? options.batch_size * data.target_size : 0);
  typename B::template buffer<S> weights(options.shuffle && data.weights.size() ? options.batch_size : 0);
  const bool recorded = Records<B> && options.record && options.shuffle && !data.weights.size();
  typename B::template buffer<int> batch_rows(recorded ? options.batch_size : 0);
  captured_step<B> replay;

  fit_report report;
  const auto start = std::chrono::steady_clock::now();
  auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  ndarray<S> outputs;
  std::vector<int> order;
  detail::last_good<model> good(net);

  for (int epoch = 0; epoch < options.epochs && !report.stopped_early; ++epoch) {
    if (options.shuffle) {
      order = permutation(data.rows(), order_key.fold(std::uint64_t(epoch)));
      B::from_host(c, static_cast<const int*>(order.data()), rows.data(), data.rows());
    }
    double sum = 0, weight = 0;
    for (index_t b = 0; b < parts.count(); ++b) {
      const index_t first = parts.first(b), n = parts.size(b);
      const target* t = data.targets.data() + first * data.target_size;
      const S* w = data.weights.size() ? data.weights.data() + first : nullptr;
      const int* picked = rows.data() + first;
      if (options.shuffle) {
        net.resize(n);
        t = targets.data();
        if (w) {
          B::for_each(c, n, detail::pick_rows<S>{data.weights.data(), picked, weights.data(), 1});
          w = weights.data();
        }
      } else net.use_input(data.inputs.view().samples(first, n));
      double batch_weight = 0;
      for (index_t i = 0; i < n; ++i) batch_weight += data.weight(options.shuffle ? order[std::size_t(first + i)] : first + i);
      expect<invalid_argument>(batch_weight > 0, "train::fit", "give each batch a sample of positive weight", "a batch whose weights are all zero");

      const double scale = 1 / (batch_weight * double(data.target_size));
      auto check_loss = [&](double found) {
        if (!std::isfinite(found))
          good.stop(net, text("the loss became ", found, " in epoch ", epoch, ", batch ", b, ", after ", report.steps, " steps"), layer_key.fold(std::uint64_t(report.steps)));
      };
      auto gradients = [&] {
        if (options.shuffle) {
          B::gather(c, data.inputs.view(), picked, net.input());
          B::for_each(c, n * data.target_size, detail::pick_rows<target>{data.targets.data(), picked, targets.data(), data.target_size});
        }
        net.zero_gradients();
        const double found = net.add_gradients(loss, t, w, S(scale), layer_key.fold(std::uint64_t(report.steps)));
        if (!recorded) check_loss(found);
        return found;
      };
      auto update = [&] {
        if constexpr (AdvancesOnHost<Opt, B>) optimizer.template apply<B>(c, net.parameters().data(), net.gradients().data(), state, model::stored_count);
        else optimizer.template step<B>(c, net.parameters().data(), net.gradients().data(), state, model::stored_count);
      };
      if constexpr (AdvancesOnHost<Opt, B>) optimizer.template advance<B>(c, state);
      double batch_sum;
      if (recorded && n == options.batch_size) {
        B::copy(c, static_cast<const int*>(rows.data()) + first, batch_rows.data(), n);
        picked = batch_rows.data();
        batch_sum = replay(c, net.memory_generation(), [&] {
          const double found = gradients();
          update();
          return found;
        });
        net.parameters_changed();
      } else {
        batch_sum = gradients();
        update();
      }
      if (recorded) check_loss(batch_sum);
      ++report.steps;
      sum += batch_sum;
      weight += batch_weight * double(data.target_size);
      [[maybe_unused]] const progress p{epoch, options.epochs, b + 1, parts.count(), data.rows(), sum / weight, elapsed()};
      ([&](auto& o) { if constexpr (HearsBatches<std::remove_cvref_t<decltype(o)>>) o.on_batch(p); }(observers), ...);
    }
    if (!good.keep(net, text("of the end of epoch ", epoch)))
      good.stop(net, text("parameters are not finite at the end of epoch ", epoch, ", batch ", parts.count() - 1, ", after ", report.steps, " steps"), layer_key);
    const double held_out_loss = validated ? detail::evaluate(net, loss, held_out[0], outputs) : NAN;
    report.history.push_back({epoch, sum / weight, held_out_loss, elapsed()});
    [[maybe_unused]] const epoch_report<S> r{epoch, options.epochs, sum / weight, held_out_loss, outputs, elapsed()};
    ([&](auto& o) {
      using O = std::remove_cvref_t<decltype(o)>;
      if constexpr (EndsTraining<O, S>) {
        if (o.on_epoch(r)) {
          report.stopped_early = true;
          if constexpr (requires { o.reason(); }) report.reason = o.reason();
          else report.reason = "an observer ended it";
        }
      } else if constexpr (HearsEpochs<O, S>) o.on_epoch(r);
    }(observers), ...);
  }
  report.seconds = elapsed();
  return report;
}

// A wrong network has said what is wrong with it.
template <class Net, class B, rewrites R, class X, class Y, class LossType, class Opt, class X2, class Y2, class... Observer>
  requires(!nn::SoundNetwork<Net>)
fit_report fit(nn::model<Net, B, mode::training, R>&, const samples<X, Y>&, const samples<X2, Y2>&, const LossType&, const Opt&, const fit_options&, Observer&&...) {
  return {};
}

// Without a validation set.
template <class Net, class B, rewrites R, class X, class Y, class LossType, class Opt>
  requires Optimizer<Opt, B>
fit_report fit(nn::model<Net, B, mode::training, R>& net, const samples<X, Y>& training, const LossType& loss, const Opt& optimizer,
               const fit_options& options = {}) {
  return fit(net, training, samples<X, Y>{}, loss, optimizer, options);
}

}
