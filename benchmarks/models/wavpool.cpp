// SPDX-License-Identifier: BSL-1.0
#include "backend.hpp"

#include "../support.hpp"

#include <cosmoml/papers/wavpool.hpp>

using net = cosmoml::papers::wavpool::tuned_28;
using B = benchmarks::measured;

[[maybe_unused]] static const bool registered = [] {
  if (!benchmarks::available()) return false;
  benchmark::RegisterBenchmark(("wavpool_fashion/train/" + benchmarks::backend_name).c_str(), benchmarks::train_step<net, B>)->Arg(640)->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark(("wavpool_fashion/predict/" + benchmarks::backend_name).c_str(), benchmarks::predict<net, B>)->Arg(640)->Arg(1)->Unit(benchmark::kMicrosecond);
  return true;
}();
