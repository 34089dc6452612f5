// SPDX-License-Identifier: BSL-1.0
#include "../support.hpp"

#include <cosmoml/papers/deepadversaries.hpp>

using namespace cosmoml;
using B = backend::native<float>;
using convnet = papers::deepadversaries::convnet<100>;
using resnet18 = papers::deepadversaries::resnet18<100>;

static void convnet_100_train(benchmark::State& s) { benchmarks::train_step<convnet, B>(s); }
static void convnet_100_predict(benchmark::State& s) { benchmarks::predict<convnet, B>(s); }
static void resnet18_100_train(benchmark::State& s) { benchmarks::train_step<resnet18, B>(s); }
static void resnet18_100_predict(benchmark::State& s) { benchmarks::predict<resnet18, B>(s); }
BENCHMARK(convnet_100_train)->Arg(128)->Unit(benchmark::kMillisecond);
BENCHMARK(convnet_100_predict)->Arg(128)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(resnet18_100_train)->Arg(32)->Unit(benchmark::kMillisecond);
BENCHMARK(resnet18_100_predict)->Arg(32)->Arg(1)->Unit(benchmark::kMillisecond);
