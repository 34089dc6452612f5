// SPDX-License-Identifier: BSL-1.0
// One update of double Q-learning on a batch in memory: the online network chooses the action of the next state, the target network
// judges it, Huber loss on the chosen action of the state, Adam. Sampling is left out. The other side: python/double_dqn.py.
#include "network.hpp"

#include <cmath>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using B = backend::native<float>;
using q_network = sequential<input<40>, dense<128>, relu, dense<128>, relu, dense<50>>;
constexpr index_t batch = 128, actions = 50;
constexpr float discount = 0.8f;

void write_data(const peers::store& s) {
  const auto normals = [](index_t n, key k) {
    std::vector<float> v(std::size_t(n), 0.0f);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = k.normal<float>(i);
    return v;
  };
  std::vector<int> action(batch);
  std::vector<float> reward(batch), done(batch);
  for (std::size_t i = 0; i < batch; ++i)
    action[i] = int(key{13}.below(actions, i)), reward[i] = key{14}.uniform<float>(i), done[i] = float(key{15}.below(8, i) == 0);
  s.write("dqn-state", normals(batch * 40, key{11}));
  s.write("dqn-next", normals(batch * 40, key{12}));
  s.write("dqn-action", action);
  s.write("dqn-reward", reward);
  s.write("dqn-done", done);
  model<q_network, B> online(key{16}), target(key{17});
  peers::write_weights(s, "dqn-online", online);
  peers::write_weights(s, "dqn-target", target);
}

class update : public peers::workload {
  using online_model = model<q_network, B>;

public:
  explicit update(const peers::store& s)
      : state_(rows(s.read<float>("dqn-state"))), next_(rows(s.read<float>("dqn-next"))), action_(s.read<int>("dqn-action")), reward_(s.read<float>("dqn-reward")), done_(s.read<float>("dqn-done")) {
    io::load_weights(s.weights("dqn-online"), online_);
    io::load_weights(s.weights("dqn-target"), target_);
    parameters_ = online_.canonical_parameters();
  }
  void reset(int) override {
    online_.set_canonical_parameters(parameters_);
    moments_ = optim::adam::state<B>(online_model::stored_count);
  }
  void call() override { step(); }
  std::vector<double> check() override {
    std::vector<double> v;
    for (int i = 0; i < 5; ++i) v.push_back(step());
    online_.use_input(view(state_));
    const auto q = online_.infer();
    for (index_t n = 0; n < batch; ++n)
      for (index_t a = 0; a < actions; ++a) v.push_back(q(n, a));
    return v;
  }

private:
  // Samples as the network reads them.
  static std::vector<float> rows(const std::vector<float>& x) {
    std::vector<float> held(std::size_t(online_model::input_layout::size(batch)));
    for (index_t n = 0; n < batch; ++n)
      for (index_t e = 0; e < 40; ++e) held[std::size_t(online_model::input_layout::offset(n, e))] = x[std::size_t(n * 40 + e)];
    return held;
  }
  static online_model::input_view view(std::vector<float>& x) { return {x.data(), batch}; }

  double step() {
    online_.use_input(view(next_));
    target_.use_input(view(next_));
    const auto values = online_.infer();
    int best[batch];
    for (index_t n = 0; n < batch; ++n) {
      best[n] = 0;
      for (index_t a = 1; a < actions; ++a)
        if (values(n, a) > values(n, best[n])) best[n] = int(a);
    }
    const auto judged = of_target_.forward(best);
    online_.use_input(view(state_));
    const auto q = of_online_.forward(action_.data()), dq = of_online_.gradient();
    double loss = 0;
    for (index_t n = 0; n < batch; ++n) {
      const float wanted = reward_[std::size_t(n)] + discount * (1 - done_[std::size_t(n)]) * judged(n, 0);
      const float off = q(n, 0) - wanted, size = std::abs(off);
      loss += size < 1 ? 0.5 * double(off) * double(off) : double(size) - 0.5;
      dq(n, 0) = (size < 1 ? off : std::copysign(1.0f, off)) / float(batch);
    }
    online_.zero_gradients();
    of_online_.backward();
    adam_.step<B>(online_.context(), online_.parameters().data(), online_.gradients().data(), moments_, online_model::stored_count);
    return loss / batch;
  }

  online_model online_{key{1}};
  model<q_network, B, mode::inference> target_{key{2}, {.max_batch = batch}};
  chosen_outputs<online_model> of_online_{online_};
  chosen_outputs<model<q_network, B, mode::inference>> of_target_{target_};
  optim::adam adam_{{.learning_rate = 1e-3}};
  optim::adam::state<B> moments_{online_model::stored_count};
  std::vector<float> state_, next_;
  ndarray<float> parameters_;
  std::vector<int> action_;
  std::vector<float> reward_, done_;
};

const peers::add added("double_dqn_update", [](const peers::store& s) { return std::make_unique<update>(s); }, write_data);
}
