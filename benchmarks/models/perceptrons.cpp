// SPDX-License-Identifier: BSL-1.0
#include "backend.hpp"

#include "../support.hpp"

#include <cosmoml/papers/wavpool.hpp>

using namespace cosmoml::nn;
using B = benchmarks::measured;
using small = sequential<input<2>, dense<100>, relu, dense<100>, relu, dense<2>>;
using linear = cosmoml::papers::wavpool::baseline_fashion;

[[maybe_unused]] static const bool registered = [] {
  if (!benchmarks::available()) return false;
  auto add = [](const char* name, void (*run)(benchmark::State&)) { return benchmark::RegisterBenchmark((name + benchmarks::backend_name).c_str(), run); };
  add("mlp_784_273_10/train/", benchmarks::train_step<linear, B>)->Arg(640)->Unit(benchmark::kMillisecond);
  add("mlp_784_273_10/predict/", benchmarks::predict<linear, B>)->Arg(640)->Arg(1)->Unit(benchmark::kMicrosecond);
  add("mlp_2_100_100_2/train/", benchmarks::train_step<small, B>)->Arg(128)->Unit(benchmark::kMicrosecond);
  add("mlp_2_100_100_2/predict/", benchmarks::predict<small, B>)->Arg(128)->Arg(1)->Unit(benchmark::kMicrosecond);
  return true;
}();
