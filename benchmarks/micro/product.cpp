// SPDX-License-Identifier: BSL-1.0
// A dense layer: forward, and forward with both gradients. The peak is measured in the same run.
#include "../support.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using benchmarks::noise;
using benchmarks::per_second;

namespace {

// Independent multiplications and additions on registers: what one core can do.
template <class S>
void peak(benchmark::State& s) {
  kernels::vec<S> sum[10] = {}, a = kernels::broadcast(S(1.000001)), b = kernels::broadcast(S(1e-9));
  constexpr int repeats = 1000;
  for (auto _ : s) {
    benchmark::DoNotOptimize(a);
    for (int i = 0; i < repeats; ++i)
#pragma GCC unroll 10
      for (auto& v : sum) v = v * a + b;
    benchmark::DoNotOptimize(sum);
  }
  s.counters["flop/s"] = per_second(2.0 * repeats * 10 * kernels::lanes<S>);
}

template <class S, int In, int Out>
void dense_forward(benchmark::State& s) {
  model<sequential<input<In>, dense<Out>>, backend::native<S>> net(key{1});
  net.load(noise<S>(s.range(0), In, 2));
  for (auto _ : s) {
    net.forward();
    benchmark::ClobberMemory();
  }
  s.counters["flop/s"] = per_second(2.0 * double(s.range(0)) * In * Out);
}
template <class S, int In, int Out>
void dense_train(benchmark::State& s) {
  model<sequential<input<In>, dense<Out>>, backend::native<S>> net(key{1});
  net.load(noise<S>(s.range(0), In, 2));
  net.forward();
  for (auto _ : s) {
    net.forward();
    net.backward_to_input();
    benchmark::ClobberMemory();
  }
  s.counters["flop/s"] = per_second(6.0 * double(s.range(0)) * In * Out);
}
}

BENCHMARK(peak<float>);
BENCHMARK(peak<double>);
BENCHMARK(dense_forward<float, 784, 273>)->Arg(1)->Arg(640);
BENCHMARK(dense_forward<float, 100, 100>)->Arg(1)->Arg(1024);
BENCHMARK(dense_forward<float, 273, 10>)->Arg(640);
BENCHMARK(dense_forward<double, 784, 273>)->Arg(640);
BENCHMARK(dense_train<float, 784, 273>)->Arg(640);
BENCHMARK(dense_train<float, 100, 100>)->Arg(1024);
