// SPDX-License-Identifier: BSL-1.0
#include "../support.hpp"

#include <cosmoml/papers/wavpool.hpp>

using namespace cosmoml;
using net = papers::wavpool::tuned_28;

static void wavpool_fashion_train(benchmark::State& s) { benchmarks::train_step<net, backend::native<float>>(s); }
static void wavpool_fashion_predict(benchmark::State& s) { benchmarks::predict<net, backend::native<float>>(s); }
BENCHMARK(wavpool_fashion_train)->Arg(640)->Unit(benchmark::kMillisecond);
BENCHMARK(wavpool_fashion_predict)->Arg(640)->Arg(1)->Unit(benchmark::kMicrosecond);
