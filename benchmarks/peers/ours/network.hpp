// SPDX-License-Identifier: BSL-1.0
// A network as three workloads: NAME/train is one step on a batch in memory, NAME/predict a batch and NAME/predict1 one sample, both from
// an array of the caller to an array of the caller. The other side is `network` of python/networks.py.
#pragma once
#include "../server.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>

#include <cstdio>

namespace peers {

using namespace cosmoml;

// Parameters in our order, and their names in that order.
template <class Model>
void write_parameters(const store& s, const std::string& name, Model& net) {
  const auto p = net.canonical_parameters();
  s.write(name + "-parameters", p.data(), std::size_t(p.size()));
  std::string names;
  net.fields([&](const std::string& where, const field&, auto) { names += where + "\n"; });
  s.write(name + "-names", names.data(), names.size());
}

// The numbers that all sides start from; one file each.
template <class Net, class Loss>
struct network_data {
  using B = backend::native<float>;
  using target = typename Loss::template target<B>;
  static constexpr index_t inputs = Net::input_extents.size(), targets = Loss::targets(Net::output::value);

  static data_writer writer(const std::string& name, index_t batch) {
    return [name, batch](const store& s) {
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
      write_parameters(s, name, net);
    };
  }
};

inline ndarray<float> samples(const std::vector<float>& from, index_t batch) {
  ndarray<float> x(batch, index_t(from.size()) / batch);
  std::copy(from.begin(), from.end(), x.data());
  return x;
}
inline ndarray<float> vector_of(const std::vector<float>& from) {
  ndarray<float> v(index_t(from.size()));
  std::copy(from.begin(), from.end(), v.data());
  return v;
}

template <class Net, class B, class Loss, class Optimizer, rewrites R>
class training : public workload {
  using model = nn::model<Net, B, mode::training, R>;
  using data = network_data<Net, Loss>;

public:
  training(const store& s, const std::string& name, index_t batch, Optimizer o)
      : optimizer_(o), state_(model::stored_count), x_(samples(s.read<float>(name + "-x"), batch)), parameters_(vector_of(s.read<float>(name + "-parameters"))),
        target_(s.read<typename data::target>(name + "-target")) {}
  // A batch of steps starts anew: thousands of steps on one batch end in denormal numbers.
  void reset(int) override {
    net_.set_canonical_parameters(parameters_);
    net_.load(x_);
    state_ = typename Optimizer::template state<B>(model::stored_count);
  }
  void call() override {
    step();
    scratch_ = 8 * net_.context().workspace.size();
  }
  std::vector<double> check() override {
    std::vector<double> v;
    for (int i = 0; i < 5; ++i) v.push_back(step() / double(net_.batch() * data::targets));
    const auto y = net_.predict(x_);
    v.insert(v.end(), y.data(), y.data() + y.size());
    return v;
  }

  // The most that a step held: the model, the optimiser's state, the targets, the scratch memory of kernels.
  std::string note() const override {
    index_t bytes = model::training_bytes(x_.rows()).total() + index_t(sizeof(typename data::target)) * index_t(target_.size()) + scratch_;
    auto state = state_;
    state.visit([&](const char*, auto& part) {
      if constexpr (requires { part.size(); }) bytes += index_t(sizeof(float)) * part.size();
    });
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MiB", double(bytes) / (1 << 20));
    return text;
  }

private:
  double step() {
    net_.zero_gradients();
    const double loss = net_.add_gradients(Loss{}, target_.data(), static_cast<const float*>(nullptr), 1 / float(net_.batch() * data::targets));
    optimizer_.template step<B>(net_.context(), net_.parameters().data(), net_.gradients().data(), state_, model::stored_count);
    return loss;
  }
  model net_{key{1}};
  Optimizer optimizer_;
  typename Optimizer::template state<B> state_;
  ndarray<float> x_, parameters_;
  std::vector<typename data::target> target_;
  index_t scratch_ = 0;
};

template <class Net, class B, rewrites R>
class prediction : public workload {
public:
  prediction(const store& s, const std::string& name, index_t batch, index_t stored)
      : net_(key{1}), work_(net_, {.max_batch = batch}), y_(std::size_t(batch * net_.output_size)) {
    auto x = s.read<float>(name + "-x");
    x.resize(x.size() / std::size_t(stored) * std::size_t(batch));
    x_ = samples(x, batch);
    net_.set_canonical_parameters(vector_of(s.read<float>(name + "-parameters")));
  }
  void call() override { net_.predict_into(work_, x_, y_); }
  std::vector<double> check() override {
    call();
    return {y_.begin(), y_.end()};
  }

private:
  nn::model<Net, B, mode::inference, R> net_;
  typename nn::model<Net, B, mode::inference, R>::workspace work_;
  ndarray<float> x_;
  std::vector<float> y_;
};

// The same network on another backend or under other rewrites is a workload of another name with the same data.
template <class Net, class Loss, class B = backend::native<float>, rewrites R = rewrites{}, class Optimizer>
void add_training(const std::string& workload_name, const std::string& data_name, index_t batch, Optimizer o) {
  add(workload_name, [=](const store& s) { return std::make_unique<training<Net, B, Loss, Optimizer, R>>(s, data_name, batch, o); },
      network_data<Net, Loss>::writer(data_name, batch));
}
template <class Net, class Loss, class B = backend::native<float>, rewrites R = rewrites{}>
void add_one(const std::string& workload_name, const std::string& data_name, index_t batch) {
  add(workload_name, [=](const store& s) { return std::make_unique<prediction<Net, B, R>>(s, data_name, 1, batch); }, network_data<Net, Loss>::writer(data_name, batch));
}
template <class Net, class Loss, class B = backend::native<float>, rewrites R = rewrites{}>
void add_prediction(const std::string& workload_name, const std::string& data_name, index_t batch) {
  add(workload_name + "/predict", [=](const store& s) { return std::make_unique<prediction<Net, B, R>>(s, data_name, batch, batch); },
      network_data<Net, Loss>::writer(data_name, batch));
  add_one<Net, Loss, B, R>(workload_name + "/predict1", data_name, batch);
}
template <class Net, class Loss, class B = backend::native<float>, class Optimizer>
bool add_network(const std::string& name, index_t batch, Optimizer o) {
  add_training<Net, Loss, B>(name + "/train", name, batch, o);
  add_prediction<Net, Loss, B>(name, name, batch);
  return true;
}

}
