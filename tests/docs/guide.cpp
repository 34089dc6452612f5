// What docs/start.md, docs/everything.md and docs/from_pytorch.md show, compiled and run.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/io.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <unistd.h>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
// region: network
using net = sequential<input<1, 28, 28>,
                       conv<16, 3, conv_options{.padding = 1}>, batch_norm<>, relu, max_pool<2>,
                       conv<32, 3, conv_options{.padding = 1}>, batch_norm<>, relu, max_pool<2>,
                       flatten, dropout<dropout_options{.rate = 0.2}>, dense<10>>;
static_assert(net::output::value == extents{10});
static_assert(net::parameter_count == 20'586);
// end region

// region: block
template <int Channels>
using block = sequential<conv<Channels, 3, conv_options{.padding = 1, .bias = false}>, batch_norm<>, relu>;
using small_net = sequential<input<1, 8, 8>, named<"stem", block<8>>, residual<block<8>>,
                             max_pool<2>, flatten, named<"head", dense<3>>>;
// end region

std::string path(const char* name) { return "/tmp/cosmoml-guide-" + std::to_string(getpid()) + name; }
}

TEST_CASE("docs/start: train, save, load, predict") {
  const std::string weights = path("weights");
  ndarray<float> images(48, 1, 28, 28);
  std::vector<int> labels;
  for (index_t i = 0; i < images.rows(); ++i) {
    labels.push_back(int(i % 10));
    for (index_t e = 0; e < 784; ++e) images.row(i)[e] = float(0.1 * key{8}.fold(i).uniform(std::uint64_t(e)) + (e / 78 == i % 10));
  }
  // region: training
  model<net, backend::native<float>> m(key{1});
  const auto [training, held_out] = train::hold_out(images.rows(), 0.25, key{2});
  const auto seen = train::take_rows(images, training), unseen = train::take_rows(images, held_out);
  const auto seen_labels = train::take_rows(labels, training), unseen_labels = train::take_rows(labels, held_out);
  const auto report = train::fit(m, train::pair_up(seen, seen_labels), train::pair_up(unseen, unseen_labels),
                                 cross_entropy{}, optim::adamw{{.learning_rate = 3e-3}},
                                 {.epochs = 12, .batch_size = 16, .randomness = key{3}});
  // end region
  CHECK(report.history.back().loss < 0.5 * report.history.front().loss);
  // region: weights
  io::save_weights(weights, m);   // safetensors, PyTorch's names
  model<net, backend::native<float>, mode::inference> predictor(key{}, {.max_batch = 32});
  io::load_weights(weights, predictor);
  const std::vector<int> digits = train::most_likely(predictor.predict(unseen));
  // end region
  CHECK(digits == train::most_likely(m.predict(unseen)));
  CHECK(train::confusion(seen_labels, train::most_likely(m.predict(seen)), 10).accuracy() > 0.9);
  std::remove(weights.c_str());
}

TEST_CASE("docs/everything: one type on two backends, the flat buffers, and keys") {
  // region: token
  model<small_net, backend::native<float>> fast(key{1});
  model<small_net, backend::reference<double>> judge(key{1});
  judge.set_canonical_parameters(fast.canonical_parameters());
  // end region
  ndarray<float> x(5, 1, 8, 8);
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(key{6}.uniform(std::uint64_t(i)));
  const auto a = fast.predict(x);
  const auto b = judge.predict(x);
  for (index_t i = 0; i < a.size(); ++i) CHECK(double(a[i]) == doctest::Approx(b[i]).epsilon(1e-4));
  std::string listing;
  // region: fields
  fast.fields([&](const std::string& path, const field& f, auto place) {
    listing += path + " begins at " + std::to_string(place(0)) + ", " + std::to_string(f.shape.size()) + " numbers\n";
  });
  // end region
  CHECK(listing.find("stem.0.weight begins at 0, 72 numbers") == 0);
  CHECK(listing.find("head.bias") != std::string::npos);
  // region: step
  const std::vector<int> labels{0, 2, 1, 1, 0};
  const optim::adam optimiser{{.learning_rate = 1e-3}};
  optim::adam::state<backend::native<float>> moments(fast.stored_count);
  fast.load(x);
  fast.zero_gradients();
  const double loss = fast.add_gradients(cross_entropy{}, labels.data(), nullptr, 1.0f / 5, key{9});
  optimiser.step<backend::native<float>>(fast.context(), fast.parameters().data(), fast.gradients().data(), moments,
                                         fast.stored_count);
  // end region
  CHECK(loss > 0);
  CHECK(fast.predict(x)[0] != a[0]);
  // region: keys
  const key k{42};
  const auto [noise, order] = split<2>(k);      // two streams
  const double third = noise.uniform(3);        // the number at place 3, whoever asks and when
  const key of_epoch_7 = order.fold(7);
  // end region
  CHECK(third == noise.uniform(3));
  CHECK(of_epoch_7.uniform(0) != order.uniform(0));
}
