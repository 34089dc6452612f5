// SPDX-License-Identifier: BSL-1.0
// Multilevel transforms, 640 images of WavPool and larger ones.
#include "../support.hpp"

#include <cosmoml/wavelet.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
template <class S, class W, int Side>
void analysis(benchmark::State& s) {
  model<sequential<input<Side, Side>, wavelet::transform<W>>, backend::native<S>, mode::inference> net(key{1}, {.max_batch = s.range(0)});
  net.load(benchmarks::noise<S>(s.range(0), Side * Side, 2));
  for (auto _ : s) {
    net.infer();
    benchmark::ClobberMemory();
  }
  s.counters["bytes/s"] = benchmarks::per_second(2.0 * sizeof(S) * double(s.range(0)) * Side * Side);
}
}

BENCHMARK(analysis<float, wavelet::haar, 28>)->Arg(640)->Arg(1);
BENCHMARK(analysis<double, wavelet::haar, 28>)->Arg(640);
BENCHMARK(analysis<float, wavelet::daubechies<4>, 256>)->Arg(64);
