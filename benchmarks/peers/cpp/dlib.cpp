// SPDX-License-Identifier: BSL-1.0
// dlib: training steps and one sample, on one thread.
#include "../server.hpp"

#include <algorithm>
#include <dlib/dnn.h>
#include <dlib/revision.h>

static const std::string named = "dlib " + std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION);
const char* const peers::library = named.c_str();

namespace {
using sample = dlib::matrix<float, 0, 1>;
using small = dlib::loss_mean_squared_multioutput<dlib::fc<2, dlib::relu<dlib::fc<100, dlib::relu<dlib::fc<100, dlib::input<sample>>>>>>>;
using linear = dlib::loss_multiclass_log<dlib::fc<10, dlib::fc<273, dlib::input<sample>>>>;

// PyTorch's (outputs, inputs) and biases go where dlib keeps (inputs, outputs) and one row of biases.
template <int Layer, class Net>
void load_layer(Net& net, const float*& from, long inputs, long outputs) {
  float* to = dlib::layer<Layer>(net).layer_details().get_layer_params().host();
  for (long o = 0; o < outputs; ++o)
    for (long i = 0; i < inputs; ++i) to[i * outputs + o] = *from++;
  std::copy(from, from + outputs, to + inputs * outputs);
  from += outputs;
}
void load(small& net, const std::vector<float>& p) {
  const float* from = p.data();
  load_layer<5>(net, from, 2, 100);
  load_layer<3>(net, from, 100, 100);
  load_layer<1>(net, from, 100, 2);
}
void load(linear& net, const std::vector<float>& p) {
  const float* from = p.data();
  load_layer<2>(net, from, 784, 273);
  load_layer<1>(net, from, 273, 10);
}
std::vector<sample> samples(const std::vector<float>& x, long width) {
  std::vector<sample> all(x.size() / std::size_t(width));
  for (std::size_t n = 0; n < all.size(); ++n) all[n] = dlib::mat(x.data() + n * std::size_t(width), width, 1);
  return all;
}
std::vector<sample> targets(const small&, const peers::store& s, const std::string& name) { return samples(s.read<float>(name + "-target"), 2); }
std::vector<unsigned long> targets(const linear&, const peers::store& s, const std::string& name) {
  const auto t = s.read<int>(name + "-target");
  return {t.begin(), t.end()};
}
dlib::adam solver(const small&) { return {0.0f, 0.9f, 0.999f}; }
dlib::sgd solver(const linear&) { return dlib::sgd{0.0f, 0.0f}; }
constexpr double rate(const small&) { return 1e-4; }
constexpr double rate(const linear&) { return 0.1; }
// dlib's sum over outputs, halved or not, as PyTorch's mean.
constexpr double loss_scale(const small&) { return 0.5; }
constexpr double loss_scale(const linear&) { return 1; }

template <class Net>
struct held {
  held(const peers::store& s, const std::string& name, long width) : parameters(s.parameters(name)), x(samples(s.read<float>(name + "-x"), width)) {
    net.to_tensor(x.begin(), x.end(), batch);
    net.subnet().forward(batch);   // the layers learn their sizes
    load(net, parameters);
  }
  std::vector<double> outputs() {
    const dlib::tensor& y = net.subnet().forward(batch);
    return {y.host(), y.host() + y.size()};
  }
  std::vector<float> parameters;
  std::vector<sample> x;
  Net net;
  dlib::resizable_tensor batch;
};

template <class Net>
struct train : peers::workload, held<Net> {
  train(const peers::store& s, const std::string& name, long width) : held<Net>(s, name, width), target(targets(this->net, s, name)) {}
  void reset(int) override {
    load(this->net, this->parameters);
    solvers.assign(Net::num_computational_layers, solver(this->net));
  }
  double step() {
    const double loss = this->net.compute_parameter_gradients(this->batch, target.begin());
    this->net.update_parameters(solvers, rate(this->net));
    return loss * loss_scale(this->net);
  }
  void call() override { step(); }
  std::vector<double> check() override {
    std::vector<double> v;
    for (int i = 0; i < 5; ++i) v.push_back(step());
    const auto y = this->outputs();
    v.insert(v.end(), y.begin(), y.end());
    return v;
  }
  decltype(targets(std::declval<Net&>(), std::declval<const peers::store&>(), "")) target;
  std::vector<decltype(solver(std::declval<Net&>()))> solvers;
};

template <class Net>
struct one : peers::workload, held<Net> {
  one(const peers::store& s, const std::string& name, long width) : held<Net>(s, name, width) {}
  void call() override {
    this->net.to_tensor(this->x.begin(), this->x.begin() + 1, this->batch);
    this->net.subnet().forward(this->batch);
  }
  std::vector<double> check() override {
    call();
    return this->outputs();
  }
};

template <class Net>
bool add(const std::string& name, long width) {
  peers::add(name + "/train", [=](const peers::store& s) { return std::make_unique<train<Net>>(s, name, width); });
  peers::add(name + "/predict1", [=](const peers::store& s) { return std::make_unique<one<Net>>(s, name, width); });
  return true;
}
const bool added = add<small>("mlp_2_100_100_2", 2) && add<linear>("mlp_784_273_10", 784);
}
