// SPDX-License-Identifier: BSL-1.0
// One training run of a network of the paper on images in three colours.
#pragma once
#include "../support/images.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn/cross_entropy.hpp>
#include <cosmoml/optim/adam.hpp>
#include <cosmoml/papers/deepadversaries.hpp>
#include <cosmoml/train/confusion.hpp>
#include <cosmoml/train/fit.hpp>
#include <cosmoml/train/progress_bar.hpp>

namespace examples {

// The paper's networks at the paper's widths, for ten classes and smaller images.
template <int Side, int Width = 8>
using convnet = cosmoml::papers::deepadversaries::convnet<Side, Width, 256, 10>;
template <int Side>
using resnet18 = cosmoml::papers::deepadversaries::resnet18<Side, 64, 256, 10>;

struct training_plan {
  std::array<cosmoml::index_t, 3> parts;   // images that train, validate, test, in file order
  int epochs;
  int batch = 64;
  double learning_rate = 1e-3;
};

struct trained {
  cosmoml::train::fit_report report;
  std::vector<double> accuracy;      // of the validation images after each epoch
  cosmoml::ndarray<float> scores;    // (test images, classes)
  cosmoml::ndarray<float> filters;   // of the first layer, (filters, 3, height, width)
  cosmoml::index_t parameters = 0;
};

// Hears the predictions of the validation images after each epoch.
struct accuracies {
  std::span<const int> labels;
  std::vector<double> found;
  void on_epoch(const cosmoml::train::epoch_report<float>& r) {
    found.push_back(cosmoml::train::confusion(labels, cosmoml::train::most_likely(r.validation_output), int(r.validation_output.row_size())).accuracy());
  }
};

// The weight of a network's first layer.
template <class Model>
cosmoml::ndarray<float> first_filters(Model& net) {
  cosmoml::ndarray<float> filters;
  const auto parameters = net.canonical_parameters();
  net.fields([&](const std::string&, const cosmoml::field& f, auto) {
    if (filters.size() > 0) return;
    filters = cosmoml::ndarray<float>(f.shape[0], f.shape[1], f.shape[2], f.shape[3]);
    std::copy_n(parameters.data(), filters.size(), filters.data());
  });
  return filters;
}

// region: training
// Adam on the cross-entropy, the images in a new order each epoch. R says which rewrites the plan may make: winograd, among others.
template <class Net, cosmoml::rewrites R = cosmoml::rewrites{}>
trained train_once(const labelled& data, const training_plan& p, cosmoml::key k, cosmoml::train::progress_bar::observer& progress) {
  const auto [training, validation, test] = p.parts;
  const auto all = data.samples();
  const auto [start, order] = cosmoml::split<2>(k);

  cosmoml::nn::model<Net, cosmoml::backend::native<float>, cosmoml::mode::training, R> net(start);
  accuracies heard{std::span<const int>(data.labels).subspan(std::size_t(training), std::size_t(validation)), {}};
  const auto report = cosmoml::train::fit(net, all.middle_rows(0, training), all.middle_rows(training, validation), cosmoml::nn::cross_entropy{},
                                          cosmoml::optim::adam{{.learning_rate = p.learning_rate}},
                                          {.epochs = p.epochs, .batch_size = p.batch, .randomness = order}, heard, progress);
  return {report, heard.found, net.predict(all.middle_rows(training + validation, test).inputs), first_filters(net), Net::parameter_count};
}
// end region

}
