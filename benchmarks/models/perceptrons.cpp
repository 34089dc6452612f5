// SPDX-License-Identifier: BSL-1.0
#include "../support.hpp"

#include <cosmoml/papers/wavpool.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using B = backend::native<float>;
using small = sequential<input<2>, dense<100>, relu, dense<100>, relu, dense<2>>;
using linear = papers::wavpool::baseline_fashion;

static void mlp_784_273_10_train(benchmark::State& s) { benchmarks::train_step<linear, B>(s); }
static void mlp_784_273_10_predict(benchmark::State& s) { benchmarks::predict<linear, B>(s); }
static void mlp_2_100_100_2_train(benchmark::State& s) { benchmarks::train_step<small, B>(s); }
static void mlp_2_100_100_2_predict(benchmark::State& s) { benchmarks::predict<small, B>(s); }
BENCHMARK(mlp_784_273_10_train)->Arg(640)->Unit(benchmark::kMillisecond);
BENCHMARK(mlp_784_273_10_predict)->Arg(640)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(mlp_2_100_100_2_train)->Arg(128)->Unit(benchmark::kMicrosecond);
BENCHMARK(mlp_2_100_100_2_predict)->Arg(128)->Arg(1)->Unit(benchmark::kMicrosecond);
