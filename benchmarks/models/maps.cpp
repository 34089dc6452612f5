// SPDX-License-Identifier: BSL-1.0
#include "../support.hpp"

#include <cosmoml/papers/deepcmb.hpp>
#include <cosmoml/papers/deepsz.hpp>

using namespace cosmoml;
using B = backend::native<float>;
using deepsz = papers::deepsz::network<32>;
using resunet = papers::deepcmb::resunet<128>;

static void deepsz_32_train(benchmark::State& s) { benchmarks::train_step<deepsz, B>(s); }
static void deepsz_32_predict(benchmark::State& s) { benchmarks::predict<deepsz, B>(s); }
static void resunet_128_train(benchmark::State& s) { benchmarks::train_step<resunet, B>(s); }
static void resunet_128_predict(benchmark::State& s) { benchmarks::predict<resunet, B>(s); }
BENCHMARK(deepsz_32_train)->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK(deepsz_32_predict)->Arg(64)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(resunet_128_train)->Arg(4)->Unit(benchmark::kMillisecond);
BENCHMARK(resunet_128_predict)->Arg(4)->Arg(1)->Unit(benchmark::kMillisecond);
