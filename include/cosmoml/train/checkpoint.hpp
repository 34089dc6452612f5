// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/checkpoint_file.hpp>
#include <cosmoml/train/loop.hpp>

#include <unistd.h>

namespace cosmoml::inline COSMOML_ABI::train {

// Given to fit beside the observers: the file that a training goes on from when it was cut short. The result has the bits of a training that was
// left alone: parameters, statistics, optimiser, means of parameters, observers that remember, place in the epoch, history (checkpoint_file.hpp).
//   train::fit(net, training, loss, adam, {.epochs = 20}, train::checkpoint{.path = "run.checkpoint", .every_steps = 1000});
// Errors: io_error (it cannot be written: found out before the first step; it is damaged), invalid_argument (it is of other settings),
// shape_mismatch (of another network or optimiser).
struct checkpoint {
  std::string path;           // empty: none
  index_t every_steps = 0;    // 0: only at the end of epochs
  int every_epochs = 1;       // 0: only after steps, and at the end
  bool resume = true;         // go on from a file that is there; false: begin again and write over it

  // What fit calls.
  template <class Loop, class... Observer>
  void begin(Loop& l, Observer&... observers) const {
    if (path.empty()) return;
    expect<invalid_argument>(every_steps >= 0 && every_epochs >= 0, "train::checkpoint", "write every so many steps or epochs, or 0", "every ", every_steps, " steps, ", every_epochs, " epochs");
    if (!resume || ::access(path.c_str(), F_OK) != 0) return write(l, observers...);
    detail::checkpoint_reader file(path);
    exchange(file, l, observers...);
    l.report_.resumed = true;
    l.keep_good(text("of the checkpoint after ", l.at_.steps, " steps"));
  }
  template <class Loop, class... Observer>
  void after_step(Loop& l, bool last, Observer&... observers) const {
    if (last || (every_steps > 0 && l.at_.steps % every_steps == 0)) write(l, observers...);
  }
  template <class Loop, class... Observer>
  void after_epoch(Loop& l, Observer&... observers) const {
    if (l.at_.epoch == l.options_.epochs || l.report_.stopped_early || (every_epochs > 0 && l.at_.epoch % every_epochs == 0)) write(l, observers...);
  }

private:
  // Only what is finite: a run that diverges leaves its last good file.
  template <class Loop, class... Observer>
  void write(Loop& l, Observer&... observers) const {
    if (path.empty()) return;
    l.keep_good(text("after ", l.at_.steps, " steps"));
    detail::checkpoint_writer file;
    exchange(file, l, observers...);
    file.write(path);
  }
  // All that the rest of the fit depends on.
  template <class Archive, class Loop, class... Observer>
  static void exchange(Archive& a, Loop& l, Observer&... observers) {
    auto& at = l.at_;
    auto& report = l.report_;
    const fit_options& o = l.options_;
    a.setting("cosmoml_checkpoint", text(checkpoint_major, ".", checkpoint_minor));
    a.setting("scalar", detail::stored_type<typename Loop::scalar>());
    a.setting("key", std::to_string(o.randomness.value));
    a.setting("batch_size", text(o.batch_size));
    a.setting("accumulate", text(o.accumulate));
    a.setting("order", o.order ? "given" : o.shuffle ? "shuffled" : "as it is");
    a.setting("data", l.feed_.settings());
    a.setting("samples", text(l.feed_.rows()));
    a.setting("batches", text(l.feed_.batches()));
    a.setting("validation", text(l.validated_));
    a.number("epoch", at.epoch);
    a.number("batch", at.batch);
    a.number("steps", at.steps);
    a.number("batches", at.batches);
    a.number("loss_sum", at.sum);
    a.number("loss_weight", at.weight);
    a.number("stopped_early", report.stopped_early);
    a.words("reason", report.reason);
    std::vector<double> rows;
    for (const epoch_row& r : report.history) rows.insert(rows.end(), {double(r.epoch), r.loss, r.validation_loss, r.seconds, r.learning_rate});
    a.list("history", rows);
    double seconds = l.elapsed();
    a.number("seconds", seconds);
    [[maybe_unused]] int number = 0;
    ([&](auto& observer) {
      if constexpr (Remembers<std::remove_cvref_t<decltype(observer)>>) {
        const std::string name = text("observer.", number++, ".");
        observer.visit([&](const char* word, auto& v) { a.number(name + word, v); });
      }
    }(observers), ...);
    l.steps_.exchange(a, l.net_);
    exchange_model(a, l.net_);
    if constexpr (!Archive::writes) {
      l.before_ = seconds;
      l.start_ = Loop::clock::now();
      for (std::size_t i = 0; i + 4 < rows.size(); i += 5) {
        report.history.push_back({int(rows[i]), rows[i + 1], rows[i + 2], rows[i + 3], rows[i + 4]});
        l.losses_.push_back(l.validated_ ? rows[i + 2] : rows[i + 1]);
      }
    }
  }
  template <class Archive, class Model>
  static void exchange_model(Archive& a, Model& net) {
    using B = typename Model::backend;
    using S = typename Model::scalar;
    auto& c = net.context();
    ndarray<S> parameters(Model::stored_count), statistics(Model::stored_statistics);
    if constexpr (Archive::writes) {
      const Model& now = net;
      B::to_host(c, now.parameters().data(), parameters.data(), parameters.size());
      B::to_host(c, now.statistics().data(), statistics.data(), statistics.size());
    }
    a.template fields<true>("model", net, parameters);
    a.template fields<false>("model", net, statistics);
    if constexpr (!Archive::writes) {
      B::from_host(c, static_cast<const S*>(parameters.data()), net.parameters().data(), parameters.size());
      B::from_host(c, static_cast<const S*>(statistics.data()), net.statistics().data(), statistics.size());
    }
  }
};

// Parameters and statistics from a checkpoint into a model of the same network and scalar, on any backend: to predict with a training's last state.
// Errors: io_error, shape_mismatch; the model then stays as it was.
template <class Model>
void load_checkpoint(const std::string& path, Model& model) {
  using B = typename Model::backend;
  using S = typename Model::scalar;
  detail::checkpoint_reader file(path);
  ndarray<S> parameters(Model::stored_count), statistics(Model::stored_statistics);
  file.template fields<true>("model", model, parameters);
  file.template fields<false>("model", model, statistics);
  B::from_host(model.context(), static_cast<const S*>(parameters.data()), model.parameters().data(), Model::stored_count);
  B::from_host(model.context(), static_cast<const S*>(statistics.data()), model.statistics().data(), Model::stored_statistics);
}

}
