// SPDX-License-Identifier: BSL-1.0
// WavPool's pooling, forward and backward.
#include "../support.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
template <class S, class Layer>
void pool_train(benchmark::State& s) {
  model<sequential<input<268, 3, 4>, Layer>, backend::native<S>> net(key{1});
  net.load(benchmarks::noise<S>(s.range(0), 268 * 12, 2));
  for (auto _ : s) {
    net.forward();
    net.backward_to_input();
    benchmark::ClobberMemory();
  }
  s.counters["bytes/s"] = benchmarks::per_second(2.0 * sizeof(S) * double(s.range(0)) * 268 * 12);
}
}

BENCHMARK(pool_train<float, max_pool_over<window<2, 2, 2>>>)->Arg(640);
BENCHMARK(pool_train<float, average_pool_over<window<2, 2, 2>>>)->Arg(640);
