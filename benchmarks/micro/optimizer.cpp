// SPDX-License-Identifier: BSL-1.0
// Optimiser steps over ten million parameters, beside the bandwidth of a[i] = b[i] + s c[i] in the same run.
#include "../support.hpp"

using namespace cosmoml;

namespace {
using B = backend::native<float>;
constexpr index_t n = 10'000'000;

void triad(benchmark::State& s) {
  std::vector<float> a(n), b(n, 1.0f), c(n, 2.0f);
  float scale = 0.5f;
  for (auto _ : s) {
    benchmark::DoNotOptimize(scale);
    for (index_t i = 0; i < n; ++i) a[std::size_t(i)] = b[std::size_t(i)] + scale * c[std::size_t(i)];
    benchmark::ClobberMemory();
  }
  s.counters["bytes/s"] = benchmarks::per_second(3.0 * sizeof(float) * n);
}
template <class O>
void step(benchmark::State& s, O optimizer, double arrays) {
  std::vector<float> p(n, 1.0f), g(n, 0.1f);
  B::context c;
  typename O::template state<B> state(n);
  for (auto _ : s) {
    optimizer.template step<B>(c, p.data(), g.data(), state, n);
    benchmark::ClobberMemory();
  }
  s.counters["bytes/s"] = benchmarks::per_second(arrays * sizeof(float) * n);   // read and written
}
}

BENCHMARK(triad);
BENCHMARK_CAPTURE(step, sgd, optim::sgd{}, 3.0);
BENCHMARK_CAPTURE(step, momentum, optim::sgd{{.momentum = 0.9}}, 5.0);
BENCHMARK_CAPTURE(step, adam, optim::adam{}, 7.0);
