// SPDX-License-Identifier: BSL-1.0
// Training steps of the large convolutional networks on a GPU; galaxies.cpp, maps.cpp and haloes.cpp have them, and others, on a CPU.
#include "backend.hpp"

#include "../support.hpp"

#include <cosmoml/papers/deepadversaries.hpp>
#include <cosmoml/papers/deepcmb.hpp>
#include <cosmoml/papers/halo_formation.hpp>

using namespace cosmoml;

template <class Net>
static void add(const std::string& name, int batch) {
  benchmark::RegisterBenchmark((name + "/train/" + benchmarks::backend_name).c_str(), benchmarks::train_step<Net, benchmarks::measured>)->Arg(batch)->Unit(benchmark::kMillisecond);
}

[[maybe_unused]] static const bool registered = [] {
  if (!benchmarks::available()) return false;
  add<papers::deepadversaries::resnet18<100>>("resnet18_100", 32);
  add<papers::deepcmb::resunet<128>>("resunet_128", 4);
  add<papers::halo_formation::paper>("halo3d_75", 2);
  return true;
}();
