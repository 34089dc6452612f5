// SPDX-License-Identifier: BSL-1.0
// RLtools with OpenBLAS on one thread: training step, one sample, and an update of double Q-learning written with its operations.
#include "../server.hpp"

#include <cmath>

#define RL_TOOLS_BACKEND_ENABLE_OPENBLAS
#include <rl_tools/operations/cpu_mux.h>

#include <rl_tools/nn/optimizers/adam/instance/operations_generic.h>

#include <rl_tools/nn/operations_cpu_mux.h>

#include <rl_tools/nn_models/mlp/operations_generic.h>

#include <rl_tools/nn/optimizers/adam/operations_generic.h>

#include <rl_tools/nn/loss_functions/mse/operations_generic.h>

const char* const peers::library = "RLtools, OpenBLAS";

namespace {
namespace rlt = rl_tools;
using device_type = rlt::devices::DEVICE_FACTORY<>;
using index = typename device_type::index_t;
using policy = rlt::numeric_types::Policy<float>;
using rlt::nn::activation_functions::ActivationFunction;

// Layers of `Inputs -> Hidden -> ... -> Outputs`, as many as Count.
template <index Inputs, index Hidden, index Outputs, index Count, ActivationFunction Activation>
struct perceptron {
  using configuration = rlt::nn_models::mlp::Configuration<policy, index, Outputs, Count, Hidden, Activation, ActivationFunction::IDENTITY>;
  template <class Capability, index Batch>
  using network = rlt::nn_models::mlp::NeuralNetwork<configuration, Capability, rlt::tensor::Shape<index, 1, Batch, Inputs>>;
  template <index Batch>
  using trained = network<rlt::nn::capability::Gradient<rlt::nn::parameters::Adam>, Batch>;
  template <index Batch>
  using predicts = network<rlt::nn::capability::Forward<>, Batch>;
};
using small = perceptron<2, 100, 2, 3, ActivationFunction::RELU>;
using linear = perceptron<784, 273, 10, 2, ActivationFunction::IDENTITY>;
using q_network = perceptron<40, 128, 50, 3, ActivationFunction::RELU>;

template <index Rows, index Columns>
using matrix = rlt::Matrix<rlt::matrix::Specification<float, index, Rows, Columns>>;

template <index Rows, index Columns>
void load(device_type& d, matrix<Rows, Columns>& m, const std::vector<float>& from) {
  rlt::malloc(d, m);
  for (index i = 0; i < Rows; ++i)
    for (index j = 0; j < Columns; ++j) rlt::set(m, i, j, from[i * Columns + j]);
}
template <class Layer>
void load_layer(device_type& d, Layer& layer, const float*& from) {
  auto weights = rlt::matrix_view(d, layer.weights.parameters);
  for (index o = 0; o < decltype(weights)::ROWS; ++o)
    for (index i = 0; i < decltype(weights)::COLS; ++i) rlt::set(weights, o, i, *from++);
  auto biases = rlt::matrix_view(d, layer.biases.parameters);
  for (index o = 0; o < decltype(biases)::COLS; ++o) rlt::set(biases, 0, o, *from++);
}
template <class Network>
void load_network(device_type& d, Network& net, const std::vector<float>& p) {
  const float* from = p.data();
  load_layer(d, net.input_layer, from);
  for (index i = 0; i < Network::NUM_HIDDEN_LAYERS; ++i) load_layer(d, net.hidden_layers[i], from);
  load_layer(d, net.output_layer, from);
}

// A network that learns, its buffers and its Adam with PyTorch's constants.
template <class Network>
struct learner {
  using optimizer_type = rlt::nn::optimizers::Adam<rlt::nn::optimizers::adam::Specification<policy, index, rlt::nn::optimizers::adam::DEFAULT_PARAMETERS_PYTORCH<policy>>>;
  device_type device;
  Network net;
  typename Network::template Buffer<> buffers;
  optimizer_type optimizer;
  bool random = false;   // the layers draw nothing

  explicit learner(float rate) {
    rlt::init(device);
    rlt::malloc(device, net);
    rlt::malloc(device, buffers);
    rlt::malloc(device, optimizer);
    rlt::init(device, optimizer);
    auto p = rlt::get(device, optimizer.parameters, 0);
    p.alpha = rate;
    p.epsilon_sqrt = 0;
    rlt::set(device, optimizer.parameters, p, 0);
  }
  void start(const std::vector<float>& parameters) {
    load_network(device, net, parameters);
    rlt::reset_optimizer_state(device, optimizer, net);
  }
};

constexpr index batch = 128;
struct train : peers::workload {
  using network = small::trained<batch>;
  learner<network> learn{1e-4f};
  std::vector<float> parameters;
  matrix<batch, 2> x, target, gradient;

  explicit train(const peers::store& s) : parameters(s.parameters("mlp_2_100_100_2")) {
    load(learn.device, x, s.read<float>("mlp_2_100_100_2-x"));
    load(learn.device, target, s.read<float>("mlp_2_100_100_2-target"));
    rlt::malloc(learn.device, gradient);
  }
  void reset(int) override { learn.start(parameters); }
  double step() {
    rlt::zero_gradient(learn.device, learn.net);
    rlt::forward(learn.device, learn.net, x, learn.buffers, learn.random);
    auto y = rlt::matrix_view(learn.device, learn.net.output_layer.output);
    const double loss = double(rlt::nn::loss_functions::mse::evaluate(learn.device, y, target));
    rlt::nn::loss_functions::mse::gradient(learn.device, y, target, gradient, 1.0f);
    rlt::backward(learn.device, learn.net, x, gradient, learn.buffers);
    rlt::step(learn.device, learn.optimizer, learn.net);
    return loss;
  }
  void call() override { step(); }
  std::vector<double> check() override {
    std::vector<double> v;
    for (int i = 0; i < 5; ++i) v.push_back(step());
    rlt::forward(learn.device, learn.net, x, learn.buffers, learn.random);
    auto y = rlt::matrix_view(learn.device, learn.net.output_layer.output);
    for (index n = 0; n < batch; ++n)
      for (index e = 0; e < 2; ++e) v.push_back(double(rlt::get(y, n, e)));
    return v;
  }
};

template <class Perceptron, index Inputs, index Outputs>
struct one : peers::workload {
  using network = typename Perceptron::template predicts<1>;
  device_type device;
  network net;
  typename network::template Buffer<> buffers;
  matrix<1, Inputs> x;
  matrix<1, Outputs> y;
  bool random = false;

  one(const peers::store& s, const std::string& name) {
    rlt::init(device);
    rlt::malloc(device, net);
    rlt::malloc(device, buffers);
    rlt::malloc(device, y);
    load(device, x, s.read<float>(name + "-x"));
    load_network(device, net, s.parameters(name));
  }
  void call() override { rlt::evaluate(device, net, x, y, buffers, random); }
  std::vector<double> check() override {
    call();
    std::vector<double> v;
    for (index e = 0; e < Outputs; ++e) v.push_back(double(rlt::get(y, 0, e)));
    return v;
  }
};

struct q_update : peers::workload {
  learner<q_network::trained<batch>> online{1e-3f};
  q_network::predicts<batch> target;
  std::vector<float> parameters, reward, done;
  std::vector<int> action;
  matrix<batch, 40> state, next;
  matrix<batch, 50> chosen, judged, gradient;

  explicit q_update(const peers::store& s)
      : parameters(s.parameters("dqn-online")), reward(s.read<float>("dqn-reward")), done(s.read<float>("dqn-done")), action(s.read<int>("dqn-action")) {
    auto& d = online.device;
    load(d, state, s.read<float>("dqn-state"));
    load(d, next, s.read<float>("dqn-next"));
    for (auto* m : {&chosen, &judged, &gradient}) rlt::malloc(d, *m);
    rlt::malloc(d, target);
    load_network(d, target, s.parameters("dqn-target"));
  }
  void reset(int) override { online.start(parameters); }
  double step() {
    auto& d = online.device;
    rlt::evaluate(d, online.net, next, chosen, online.buffers, online.random);
    rlt::evaluate(d, target, next, judged, online.buffers, online.random);
    rlt::zero_gradient(d, online.net);
    rlt::forward(d, online.net, state, online.buffers, online.random);
    auto q = rlt::matrix_view(d, online.net.output_layer.output);
    rlt::set_all(d, gradient, 0.0f);
    double loss = 0;
    for (index n = 0; n < batch; ++n) {
      index best = 0;
      for (index a = 1; a < 50; ++a)
        if (rlt::get(chosen, n, a) > rlt::get(chosen, n, best)) best = a;
      const index a = index(action[n]);
      const float off = rlt::get(q, n, a) - (reward[n] + 0.8f * (1 - done[n]) * rlt::get(judged, n, best)), size = std::abs(off);
      loss += size < 1 ? 0.5 * double(off) * double(off) : double(size) - 0.5;
      rlt::set(gradient, n, a, (size < 1 ? off : std::copysign(1.0f, off)) / float(batch));
    }
    rlt::backward(d, online.net, state, gradient, online.buffers);
    rlt::step(d, online.optimizer, online.net);
    return loss / double(batch);
  }
  void call() override { step(); }
  std::vector<double> check() override {
    std::vector<double> v;
    for (int i = 0; i < 5; ++i) v.push_back(step());
    rlt::evaluate(online.device, online.net, state, chosen, online.buffers, online.random);
    for (index n = 0; n < batch; ++n)
      for (index a = 0; a < 50; ++a) v.push_back(double(rlt::get(chosen, n, a)));
    return v;
  }
};

const peers::add train_small("mlp_2_100_100_2/train", [](const peers::store& s) { return std::make_unique<train>(s); });
const peers::add one_small("mlp_2_100_100_2/predict1", [](const peers::store& s) { return std::make_unique<one<small, 2, 2>>(s, "mlp_2_100_100_2"); });
const peers::add one_linear("mlp_784_273_10/predict1", [](const peers::store& s) { return std::make_unique<one<linear, 784, 10>>(s, "mlp_784_273_10"); });
const peers::add update("double_dqn_update", [](const peers::store& s) { return std::make_unique<q_update>(s); });
}
