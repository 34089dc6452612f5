// SPDX-License-Identifier: BSL-1.0
// A network as three workloads: NAME/train is one step on a batch in memory, NAME/predict a batch and NAME/predict1 one sample, both from
// an array of the caller to an array of the caller. The other side is `network` of python/networks.py.
#pragma once
#include "../server.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>

#ifndef PEERS_SCALAR   // double: the program that repeats training steps beside PyTorch's float64, where rounding cannot grow to be seen
#define PEERS_SCALAR float
#endif

namespace peers {

using namespace cosmoml;
using scalar = PEERS_SCALAR;
constexpr bool timed = std::is_same_v<scalar, float>;

// Statistics of norms are random: zero and one would hide that they are lost, or exchanged.
template <class Model>
void write_weights(const store& s, const std::string& name, Model& net) {
  auto v = net.canonical_statistics();
  index_t at = 0;
  net.statistics_fields([&](const std::string&, const field& f, auto) {
    for (const index_t end = at + f.shape.size(); at < end; ++at)
      v[at] = f.integer ? 0 : f.name == "running_var" ? 0.5f + key{4}.uniform<float>(std::uint64_t(at)) : key{5}.normal<float>(std::uint64_t(at));
  });
  net.set_canonical_statistics(v);
  io::save_weights(s.weights(name), net);
}

// The numbers that all sides start from; one file each.
template <class Net, class Loss>
struct network_data {
  using B = backend::native<float>;
  using target = typename Loss::template target<B>;
  static constexpr index_t inputs = Net::input_extents.size(), targets = Loss::targets(Net::output::value);

  static data_writer writer(const std::string& name, index_t batch) {
    if constexpr (!timed) return {};
    else return [name, batch](const store& s) {
      std::vector<float> x(std::size_t(batch * inputs));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = key{2}.normal<float>(i);
      std::vector<target> t(std::size_t(batch * targets));
      for (std::size_t i = 0; i < t.size(); ++i) {
        if constexpr (std::is_same_v<target, int>) t[i] = int(key{3}.below(std::uint64_t(Net::output::value.size()), i));
        else t[i] = key{3}.normal<float>(i);
      }
      s.write(name + "-x", x);
      s.write(name + "-target", t);
      nn::model<Net, B> net(key{1});
      write_weights(s, name, net);
    };
  }
};

inline ndarray<float> samples(const std::vector<float>& from, index_t batch) {
  ndarray<float> x(batch, index_t(from.size()) / batch);
  std::copy(from.begin(), from.end(), x.data());
  return x;
}

// Checked is the network that the other side can follow: without the random numbers that Net draws.
template <class Net, class Checked, class B, class Loss, class Optimizer, rewrites R>
class training : public workload {
  using model = nn::model<Net, B, mode::training, R>;
  using data = network_data<Net, Loss>;
  using S = typename B::scalar;
  using target = typename Loss::template target<B>;

public:
  training(const store& s, const std::string& name, index_t batch, Optimizer o)
      : store_(s), name_(name), optimizer_(o), state_(model::stored_count), x_(samples(s.read<float>(name + "-x"), batch)) {
    const auto t = s.read<typename data::target>(name + "-target");
    target_.assign(t.begin(), t.end());
    use_weights("ours");
  }
  void use_weights(const std::string& whose) override {
    io::load_weights(store_.weights(name_, whose), net_);
    parameters_ = net_.canonical_parameters();
    statistics_ = net_.canonical_statistics();
  }
  // A batch of steps starts anew: thousands of steps on one batch end in denormal numbers.
  void reset(int) override {
    net_.set_canonical_parameters(parameters_);
    net_.set_canonical_statistics(statistics_);
    net_.load(x_);
    state_ = typename Optimizer::template state<B>(model::stored_count);
  }
  void call() override {
    step();
    scratch_ = 8 * net_.context().workspace.size();
  }
  std::vector<double> check() override {
    if constexpr (!std::is_same_v<Net, Checked>) {
      training<Checked, Checked, B, Loss, Optimizer, R> checked(store_, name_, x_.rows(), optimizer_);
      checked.reset(0);
      return checked.check();
    } else {
      std::vector<double> v;
      for (int i = 0; i < 5; ++i) v.push_back(step() / double(net_.batch() * data::targets));
      const auto y = net_.predict(x_);
      v.insert(v.end(), y.data(), y.data() + y.size());
      return v;
    }
  }

  // The model, the optimiser's state, the targets, the scratch memory of kernels.
  double held_bytes() const override {
    index_t bytes = model::training_bytes(x_.rows()).total() + index_t(sizeof(target)) * index_t(target_.size()) + scratch_;
    auto state = state_;
    state.visit([&](const char*, auto& part) {
      if constexpr (requires { part.size(); }) bytes += index_t(sizeof(S)) * part.size();
    });
    return double(bytes);
  }

private:
  double step() {
    net_.zero_gradients();
    const double loss = net_.add_gradients(Loss{}, target_.data(), static_cast<const S*>(nullptr), 1 / S(net_.batch() * data::targets));
    optimizer_.template step<B>(net_.context(), net_.parameters().data(), net_.gradients().data(), state_, model::stored_count);
    return loss;
  }
  store store_;
  std::string name_;
  model net_{key{1}};
  Optimizer optimizer_;
  typename Optimizer::template state<B> state_;
  ndarray<float> x_;
  ndarray<S> parameters_, statistics_;
  std::vector<target> target_;
  index_t scratch_ = 0;
};

template <class Net, class B, rewrites R>
class prediction : public workload {
public:
  prediction(const store& s, const std::string& name, index_t batch, index_t stored)
      : store_(s), name_(name), net_(key{1}), work_(net_, {.max_batch = batch}), y_(std::size_t(batch * net_.output_size)) {
    auto x = s.read<float>(name + "-x");
    x.resize(x.size() / std::size_t(stored) * std::size_t(batch));
    x_ = samples(x, batch);
    use_weights("ours");
  }
  void use_weights(const std::string& whose) override { io::load_weights(store_.weights(name_, whose), net_); }
  void call() override { net_.predict_into(work_, x_, y_); }
  std::vector<double> check() override {
    call();
    return {y_.begin(), y_.end()};
  }

private:
  store store_;
  std::string name_;
  nn::model<Net, B, mode::inference, R> net_;
  typename nn::model<Net, B, mode::inference, R>::workspace work_;
  ndarray<float> x_;
  std::vector<float> y_;
};

// The same network on another backend or under other rewrites is a workload of another name with the same data.
template <class Net, class Loss, class Checked = Net, class B = backend::native<scalar>, rewrites R = rewrites{}, class Optimizer>
void add_training(const std::string& workload_name, const std::string& data_name, index_t batch, Optimizer o) {
  using trained = std::conditional_t<timed, Net, Checked>;
  add(workload_name, [=](const store& s) { return std::make_unique<training<trained, Checked, B, Loss, Optimizer, R>>(s, data_name, batch, o); },
      network_data<Net, Loss>::writer(data_name, batch));
}
template <class Net, class Loss, class B = backend::native<float>, rewrites R = rewrites{}>
void add_one(const std::string& workload_name, const std::string& data_name, index_t batch) {
  if constexpr (timed)
    add(workload_name, [=](const store& s) { return std::make_unique<prediction<Net, B, R>>(s, data_name, 1, batch); }, network_data<Net, Loss>::writer(data_name, batch));
}
template <class Net, class Loss, class B = backend::native<float>, rewrites R = rewrites{}>
void add_prediction(const std::string& workload_name, const std::string& data_name, index_t batch) {
  if constexpr (timed) add(workload_name + "/predict", [=](const store& s) { return std::make_unique<prediction<Net, B, R>>(s, data_name, batch, batch); },
      network_data<Net, Loss>::writer(data_name, batch));
  add_one<Net, Loss, B, R>(workload_name + "/predict1", data_name, batch);
}
template <class Net, class Loss, class Checked = Net, class Optimizer>
bool add_network(const std::string& name, index_t batch, Optimizer o) {
  add_training<Net, Loss, Checked>(name + "/train", name, batch, o);
  add_prediction<Net, Loss>(name, name, batch);
  return true;
}

}
