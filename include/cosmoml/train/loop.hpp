// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/finite_guard.hpp>
#include <cosmoml/train/captured_step.hpp>
#include <cosmoml/train/fit_options.hpp>
#include <cosmoml/train/last_good.hpp>
#include <cosmoml/train/observer.hpp>
#include <cosmoml/train/resident.hpp>
#include <cosmoml/train/stepper.hpp>

#include <chrono>
#include <utility>

namespace cosmoml::inline COSMOML_ABI::train::detail {

// Where a fit stands between two steps.
struct position {
  int epoch = 0;
  index_t batch = 0;                // of the epoch: the next one
  index_t steps = 0, batches = 0;   // done in all
  double sum = 0, weight = 0;       // of the epoch's losses so far
};

// One fit: epochs of steps of batches from a feed (resident_feed.hpp says what that is).
template <class Model, class Feed, class LossType, class Opt>
class loop {
  using B = typename Model::backend;
  using S = typename B::scalar;

public:
  using scalar = S;
  loop(Model& trained, Feed& feed, const LossType& loss, const Opt& optimizer, const fit_options& o)
      : net_(trained), feed_(feed), loss_(loss), options_(o), layer_key_(split<2>(o.randomness)[1]), steps_(trained, optimizer, o), good_(trained), start_(clock::now()) {
    if constexpr (HasRate<Opt>) base_rate_ = optimizer.options.learning_rate;
    steps_per_epoch_ = (feed.batches() + o.accumulate - 1) / o.accumulate;
    recorded_ = Records<B> && !plan::guards_finite && o.record && !Model::draws_random_numbers && feed.can_be_recorded() && steps_.can_be_recorded();
  }

  template <class HeldOut, class... Observer>
  fit_report run(HeldOut* held_out, Observer&... observers) {
    constexpr index_t target_size = LossType::targets(Model::network::output::value);
    validated_ = held_out != nullptr;
    each_checkpoint([&](auto& file) { file.begin(*this, observers...); }, observers...);
    while (at_.epoch < options_.epochs && !report_.stopped_early) {
      feed_.begin_epoch(at_.epoch);
      const index_t batches = feed_.batches();
      while (at_.batch < batches) {
        const index_t last = smaller(at_.batch + options_.accumulate, batches);
        double weight = 0;
        for (index_t b = at_.batch; b < last; ++b) weight += feed_.weight(b);
        expect<invalid_argument>(weight > 0, "train::fit", "give each batch a sample of positive weight", "a batch whose weights are all zero");
        double sum = 0;
        if constexpr (!plan::guards_finite) sum = step(last, 1 / (weight * double(target_size)));
        else try {
            sum = step(last, 1 / (weight * double(target_size)));
          } catch (const numerical_error& e) {
            good_.stop(net_, text(e.what(), ", ", here()), key_of_batch(at_.batch));
          }
        at_.sum += sum;
        at_.weight += weight * double(target_size);
        at_.batches += last - at_.batch;
        at_.batch = last;
        ++at_.steps;
        steps_.add_to_average(net_, at_.epoch, at_.steps, last == batches);
        if (options_.keep_good_every > 0 && at_.steps % options_.keep_good_every == 0) keep_good(text("after ", at_.steps, " steps"));
        [[maybe_unused]] const progress p{at_.epoch, options_.epochs, at_.batch, batches, feed_.rows(), at_.sum / at_.weight, elapsed()};
        ([&](auto& o) { if constexpr (HearsBatches<std::remove_cvref_t<decltype(o)>>) o.on_batch(p); }(observers), ...);
        const bool stop = stop_requested(observers...);
        each_checkpoint([&](auto& file) { file.after_step(*this, stop, observers...); }, observers...);
        if (stop) {
          report_.stopped_early = true;
          report_.reason = stop_reason_;
          return finish();
        }
      }
      keep_good(text("of the end of epoch ", at_.epoch));
      end_epoch(held_out, observers...);
      ++at_.epoch, at_.batch = 0, at_.sum = at_.weight = 0;
      each_checkpoint([&](auto& file) { file.after_epoch(*this, observers...); }, observers...);
    }
    return finish();
  }

private:
  friend train::checkpoint;
  using clock = std::chrono::steady_clock;
  template <class F, class... Observer>
  static void each_checkpoint([[maybe_unused]] F&& f, Observer&... observers) {
    ([&](auto& o) { if constexpr (std::is_same_v<std::remove_cvref_t<decltype(o)>, train::checkpoint>) f(o); }(observers), ...);
  }
  double elapsed() const { return before_ + std::chrono::duration<double>(clock::now() - start_).count(); }
  fit_report finish() {
    if (steps_.averaged()) steps_.swap_average(net_);
    report_.steps = at_.steps;
    report_.seconds = elapsed();
    return std::move(report_);
  }
  static index_t smaller(index_t a, index_t b) { return a < b ? a : b; }
  std::string here() const { return text("in epoch ", at_.epoch, ", batch ", at_.batch, ", after ", at_.steps, " steps"); }
  key key_of_batch(index_t b) const { return layer_key_.fold(std::uint64_t(at_.batches + b - at_.batch)); }
  void check(double found, const char* what) {
    if (!std::isfinite(found)) good_.stop(net_, text(what, found, " ", here()), key_of_batch(at_.batch));
  }
  void keep_good(const std::string& when) {
    if (!good_.keep(net_, when)) good_.stop(net_, text("parameters are not finite at the end of epoch ", at_.epoch, ", batch ", at_.batch - 1, ", after ", at_.steps, " steps"), layer_key_);
  }

  template <class... Observer>
  bool stop_requested(Observer&... observers) {
    bool stop = false;
    ([&](auto& o) {
      if constexpr (RequestsStop<std::remove_cvref_t<decltype(o)>>)
        if (!stop && o.stop_requested()) {
          stop = true;
          stop_reason_ = "an observer ended it";
          if constexpr (requires { o.reason(); }) stop_reason_ = o.reason();
        }
    }(observers), ...);
    return stop;
  }

  // The batches up to `last` make one step. Returns the sum of their losses.
  double step(index_t last, double scale) {
    auto& c = net_.context();
    steps_.begin(c, {at_.steps, steps_per_epoch_, losses_}, base_rate_);
    auto add = [&](index_t b) { return net_.add_gradients(loss_, feed_.targets(), feed_.weights(), S(scale), key_of_batch(b)); };
    auto evaluate = [&] {
      net_.zero_gradients();
      double sum = 0;
      for (index_t b = at_.batch; b < last; ++b) {
        feed_.prepare(b);
        feed_.fetch();
        sum += add(b);
      }
      return sum;
    };
    if constexpr (stepper<Model, Opt>::searches) {
      bool first = true;
      return steps_.search(net_, [&] {
        const double sum = evaluate();
        if (std::exchange(first, false)) check(sum, "the loss became ");
        return sum * scale;
      }) / scale;
    } else {
      if (recorded_ && feed_.size(at_.batch) == options_.batch_size) {
        feed_.prepare(at_.batch, true);
        const double sum = replay_(c, net_.memory_generation(), [&] {
          feed_.fetch();
          net_.zero_gradients();
          const double found = add(at_.batch);
          steps_.update(net_);
          return found;
        });
        net_.parameters_changed();
        check(sum, "the loss became ");
        return sum;
      }
      const double sum = evaluate();
      check(sum, "the loss became ");
      check(steps_.update(net_), "the gradient's norm became ");
      return sum;
    }
  }

  template <class HeldOut, class... Observer>
  void end_epoch(HeldOut* held_out, Observer&... observers) {
    double held_out_loss = NAN;
    if (held_out) {
      if (steps_.averaged()) steps_.swap_average(net_);
      held_out_loss = evaluate(net_, loss_, *held_out, outputs_);
      if (steps_.averaged()) steps_.swap_average(net_);
    }
    report_.history.push_back({at_.epoch, at_.sum / at_.weight, held_out_loss, elapsed(), steps_.learning_rate()});
    losses_.push_back(held_out ? held_out_loss : at_.sum / at_.weight);
    [[maybe_unused]] const epoch_report<S> r{at_.epoch, options_.epochs, at_.sum / at_.weight, held_out_loss, outputs_, elapsed()};
    ([&](auto& o) {
      using O = std::remove_cvref_t<decltype(o)>;
      if constexpr (EndsTraining<O, S>) {
        if (o.on_epoch(r)) {
          report_.stopped_early = true;
          if constexpr (requires { o.reason(); }) report_.reason = o.reason();
          else report_.reason = "an observer ended it";
        }
      } else if constexpr (HearsEpochs<O, S>) o.on_epoch(r);
    }(observers), ...);
  }

  Model& net_;
  Feed& feed_;
  const LossType& loss_;
  const fit_options& options_;
  key layer_key_;
  stepper<Model, Opt> steps_;
  last_good<Model> good_;
  captured_step<B> replay_;
  position at_;
  fit_report report_;
  std::vector<double> losses_;
  ndarray<S> outputs_;
  clock::time_point start_;
  double before_ = 0;   // seconds of the fits that this one goes on from
  std::string stop_reason_;
  bool validated_ = false;
  double base_rate_ = 0;
  index_t steps_per_epoch_ = 1;
  bool recorded_ = false;
};

// Held-out samples on the backend, and the loop over the feed.
template <class Model, class Feed, class X, class Y, class LossType, class Opt, class... Observer>
fit_report run(Model& net, Feed& feed, const samples<X, Y>& validation, const LossType& loss, const Opt& optimizer, const fit_options& options, Observer&... observers) {
  loop<Model, Feed, LossType, Opt> all(net, feed, loss, optimizer, options);
  using held_out = resident<Model, LossType>;
  if (validation.rows() == 0) return all.run(static_cast<held_out*>(nullptr), observers...);
  held_out data(net.context(), validation, "train::fit, validation samples");
  return all.run(&data, observers...);
}

}
