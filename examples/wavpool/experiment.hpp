// SPDX-License-Identifier: BSL-1.0
// One training run of the paper: the authors' split, settings and rule to stop, and their ways to count.
#pragma once
#include "../support/images.hpp"

#include <cosmoml/backend/native.hpp>
#if defined(__CUDACC__)
#include <cosmoml/backend/thrust_cuda.hpp>
#endif
#include <cosmoml/nn/cross_entropy.hpp>
#include <cosmoml/optim/sgd.hpp>
#include <cosmoml/papers/wavpool.hpp>
#include <cosmoml/train/confusion.hpp>
#include <cosmoml/train/early_stop.hpp>
#include <cosmoml/train/fit.hpp>
#include <cosmoml/train/progress_bar.hpp>
#include <cosmoml/train/roc_auc.hpp>

namespace examples {

// Compiled by nvcc, the same example trains on a GPU.
#if defined(__CUDACC__)
using device = cosmoml::backend::thrust<float, cosmoml::exec::cuda>;
#else
using device = cosmoml::backend::native<float>;
#endif

struct run {
  std::string model;
  cosmoml::train::fit_report report;
  std::vector<double> accuracy;   // of the validation images after each epoch, mean over batches as the authors count
  double best_accuracy = 0;       // the largest of these
  double best_sample_accuracy = 0;   // the same, counted over images: a short last batch weighs what it is worth
  cosmoml::train::confusion test;    // after the last epoch
  double test_auc = 0;               // one class against the rest, from the scores
};

// Hears the predictions of the validation images after each epoch.
class accuracies {
public:
  accuracies(std::span<const int> labels, int batch) : labels_(labels), batch_(std::size_t(batch)) {}
  void on_epoch(const cosmoml::train::epoch_report<float>& r) {
    const auto called = cosmoml::train::most_likely(r.validation_output);
    std::size_t all = 0, batches = 0;
    double sum = 0;
    for (std::size_t first = 0; first < labels_.size(); first += batch_, ++batches) {
      const std::size_t n = std::min(batch_, labels_.size() - first);
      std::size_t right = 0;
      for (std::size_t i = first; i < first + n; ++i) right += called[i] == labels_[i];
      sum += double(right) / double(n);
      all += right;
    }
    by_batch.push_back(sum / double(batches));
    best_by_sample = std::max(best_by_sample, double(all) / double(labels_.size()));
  }
  std::vector<double> by_batch;
  double best_by_sample = 0;

private:
  std::span<const int> labels_;
  std::size_t batch_;
};

// region: training
template <class Net, class Progress>
run train_once(const std::string& name, const labelled& data, const cosmoml::papers::wavpool::settings& s, int epochs, cosmoml::key k, Progress& progress) {
  namespace train = cosmoml::train;
  const auto [training, validation, test] = part_sizes(data.images.rows(), {s.training, s.validation, s.test});
  const auto all = data.samples();
  const std::span<const int> labels = data.labels;

  cosmoml::nn::model<Net, device> net(k);
  accuracies heard(labels.subspan(std::size_t(training), std::size_t(validation)), s.batch_size);
  train::stop_after_rises stop({.from = s.stop_from_epoch, .rises = s.stop_after_rises});
  const auto report = train::fit(net, all.middle_rows(0, training), all.middle_rows(training, validation), cosmoml::nn::cross_entropy{},
                                 cosmoml::optim::sgd{{.learning_rate = s.learning_rate}},
                                 {.epochs = epochs, .batch_size = s.batch_size, .shuffle = false}, heard, stop, progress);

  const auto scores = net.predict(all.middle_rows(training + validation, test).inputs);
  const auto test_labels = labels.subspan(std::size_t(training + validation), std::size_t(test));
  return {name, report, heard.by_batch, *std::max_element(heard.by_batch.begin(), heard.by_batch.end()), heard.best_by_sample,
          train::confusion(test_labels, train::most_likely(scores), int(scores.row_size())), train::macro_roc_auc(scores, test_labels)};
}
// end region

}
