// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train/captured_step.hpp>

#include <benchmark/benchmark.h>

namespace benchmarks {

using cosmoml::index_t;
using cosmoml::key;

template <class S>
cosmoml::ndarray<S> noise(index_t rows, index_t columns, std::uint64_t seed) {
  cosmoml::ndarray<S> x(rows, columns);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(key{seed}.uniform(std::uint64_t(i)));
  return x;
}

// A network with a batch of noise, ready to train step by step as train::fit does.
template <class Net, class B>
struct trainee {
  using S = typename B::scalar;
  using model = cosmoml::nn::model<Net, B>;
  model net{key{1}};
  cosmoml::optim::sgd optimizer{{.learning_rate = 1e-3}};
  cosmoml::optim::sgd::state<B> state{model::stored_count};
  typename B::template buffer<int> labels;

  explicit trainee(index_t batch) : labels(batch) {
    net.load(noise<S>(batch, model::input_size, 2));
    std::vector<int> host(static_cast<std::size_t>(batch));
    for (index_t i = 0; i < batch; ++i) host[std::size_t(i)] = int(key{3}.below(std::uint64_t(model::output_size), std::uint64_t(i)));
    B::from_host(net.context(), static_cast<const int*>(host.data()), labels.data(), batch);
  }
  double step() {
    net.zero_gradients();
    const double loss = net.add_gradients(cosmoml::nn::cross_entropy{}, static_cast<const int*>(labels.data()), static_cast<const S*>(nullptr), S(1) / S(labels.size()));
    optimizer.template step<B>(net.context(), net.parameters().data(), net.gradients().data(), state, model::stored_count);
    return loss;
  }
};

template <class Net, class B>
void train_step(benchmark::State& s) {
  trainee<Net, B> t(s.range(0));
  cosmoml::train::captured_step<B> replay;   // a CUDA graph on a GPU, a plain call elsewhere
  for (auto _ : s) benchmark::DoNotOptimize(replay(t.net.context(), t.net.memory_generation(), [&] { return t.step(); }));
  s.SetItemsProcessed(s.iterations() * s.range(0));
}
template <class Net, class B>
void predict(benchmark::State& s) {
  cosmoml::nn::model<Net, B, cosmoml::mode::inference> net(key{1}, {.max_batch = s.range(0)});
  net.load(noise<typename B::scalar>(s.range(0), net.input_size, 2));
  typename B::scalar first{};
  for (auto _ : s) {
    const auto y = net.infer();
    if constexpr (cosmoml::Records<B>) B::to_host(net.context(), static_cast<const typename B::scalar*>(y.data), &first, 1);   // waits for the device
    benchmark::ClobberMemory();
  }
  s.SetItemsProcessed(s.iterations() * s.range(0));
}

inline benchmark::Counter per_second(double amount) { return benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000); }

}
