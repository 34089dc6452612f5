// SPDX-License-Identifier: BSL-1.0
// mlpack in float on one thread, by its manual forward and backward passes: training steps and one sample.
#include "../server.hpp"

#include <mlpack/core.hpp>
#include <mlpack/methods/ann/ann.hpp>

static const std::string named = mlpack::util::GetVersion();
const char* const peers::library = named.c_str();

namespace {
using matrix = arma::fmat;
using small = mlpack::FFN<mlpack::MeanSquaredErrorType<matrix>, mlpack::RandomInitialization, matrix>;
using linear = mlpack::FFN<mlpack::NegativeLogLikelihoodType<matrix>, mlpack::RandomInitialization, matrix>;

void build(small& net) {
  net.Add<mlpack::Linear<matrix>>(100);
  net.Add<mlpack::ReLU<matrix>>();
  net.Add<mlpack::Linear<matrix>>(100);
  net.Add<mlpack::ReLU<matrix>>();
  net.Add<mlpack::Linear<matrix>>(2);
}
void build(linear& net) {
  net.Add<mlpack::Linear<matrix>>(273);
  net.Add<mlpack::Linear<matrix>>(10);
  net.Add<mlpack::LogSoftMax<matrix>>();
}
std::vector<std::size_t> widths(const small&) { return {2, 100, 100, 2}; }
std::vector<std::size_t> widths(const linear&) { return {784, 273, 10}; }
// The last layer whose outputs are PyTorch's.
std::size_t last_layer(const small&) { return 4; }
std::size_t last_layer(const linear&) { return 1; }

matrix targets(const small&, const peers::store& s, const std::string& name) {
  const auto t = s.read<float>(name + "-target");
  return matrix(t.data(), 2, t.size() / 2);
}
matrix targets(const linear&, const peers::store& s, const std::string& name) {
  const auto t = s.read<int>(name + "-target");
  return arma::conv_to<matrix>::from(std::vector<float>(t.begin(), t.end())).t();
}

template <class Net>
struct held {
  Net net{false};   // the loss is a mean over the batch
  matrix x;   // a sample a column
  std::vector<float> parameters;

  held(const peers::store& s, const std::string& name) : parameters(s.parameters(name)) {
    build(net);
    const auto from = s.read<float>(name + "-x");
    const std::size_t inputs = widths(net)[0];
    x = matrix(from.data(), inputs, from.size() / inputs);
    net.Reset(inputs);
    start();
  }
  // PyTorch's (outputs, inputs) by rows, here by columns; biases behind each.
  void start() {
    const auto w = widths(net);
    float* to = net.Parameters().memptr();
    const float* from = parameters.data();
    for (std::size_t l = 0; l + 1 < w.size(); ++l) {
      for (std::size_t o = 0; o < w[l + 1]; ++o)
        for (std::size_t i = 0; i < w[l]; ++i) to[i * w[l + 1] + o] = *from++;
      to += w[l] * w[l + 1];
      for (std::size_t o = 0; o < w[l + 1]; ++o) *to++ = *from++;
    }
  }
  std::vector<double> outputs() {
    matrix y;
    net.SetNetworkMode(false);
    net.Forward(x, y, 0, last_layer(net));
    return {y.begin(), y.end()};
  }
};

// Adam of ensmallen for the small network, plain descent for the other.
template <class Net>
struct train : peers::workload, held<Net> {
  matrix target, y, gradient;
  ens::AdamUpdate adam{1e-8, 0.9, 0.999};
  std::unique_ptr<ens::AdamUpdate::Policy<matrix, matrix>> policy;

  train(const peers::store& s, const std::string& name) : held<Net>(s, name), target(targets(this->net, s, name)) {}
  void reset(int) override {
    this->start();
    this->net.SetNetworkMode(true);
    auto& p = this->net.Parameters();
    gradient.set_size(p.n_rows, p.n_cols);
    policy = std::make_unique<ens::AdamUpdate::Policy<matrix, matrix>>(adam, p.n_rows, p.n_cols);
  }
  double step() {
    this->net.Forward(this->x, y);
    const double loss = double(this->net.Backward(this->x, target, gradient));
    if constexpr (std::is_same_v<Net, small>) policy->Update(this->net.Parameters(), 1e-4, gradient);
    else this->net.Parameters() -= 0.1f * gradient;
    return loss;
  }
  void call() override { step(); }
  std::vector<double> check() override {
    std::vector<double> v;
    for (int i = 0; i < 5; ++i) v.push_back(step());
    const auto all = this->outputs();
    v.insert(v.end(), all.begin(), all.end());
    return v;
  }
};

template <class Net>
struct one : peers::workload, held<Net> {
  matrix y;
  one(const peers::store& s, const std::string& name) : held<Net>(s, name) {
    this->x = matrix(this->x.col(0));
    this->net.SetNetworkMode(false);
  }
  void call() override { this->net.Forward(this->x, y, 0, last_layer(this->net)); }
  std::vector<double> check() override {
    call();
    return {y.begin(), y.end()};
  }
};

template <class Net>
bool add(const std::string& name) {
  peers::add(name + "/train", [=](const peers::store& s) { return std::make_unique<train<Net>>(s, name); });
  peers::add(name + "/predict1", [=](const peers::store& s) { return std::make_unique<one<Net>>(s, name); });
  return true;
}
const bool added = add<small>("mlp_2_100_100_2") && add<linear>("mlp_784_273_10");
}
