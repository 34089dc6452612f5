// SPDX-License-Identifier: BSL-1.0
// Multilevel transforms of one, two and three axes, and the way back of their gradients: 640 images of WavPool and larger ones.
#include "../support.hpp"

#include <cosmoml/wavelet.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using wavelet::daubechies;
using wavelet::haar;

namespace {
// Axes, levels and shape of one sample; the batch is the argument.
template <class S, class W, int Axes, int Levels, int... Shape>
struct workload {
  using B = backend::native<S>;
  static constexpr wavelet::transform_options options{.axes = Axes, .levels = Levels};
  using layer = wavelet::transform<W, options>;
  static constexpr extents in{Shape...};
  static constexpr auto sizes = layer::coefficients(in);
  typename B::context c;
  tensor<B, shape<Shape...>> x, dx;
  tensor<B, shape<layer::output(in)[0]>> y;
  explicit workload(index_t batch) : x(c, benchmarks::noise<S>(batch, in.size(), 2)), dx(batch), y(batch) {}
  void analyse() { ops::wavelet_analysis<B>(c, sizes, options.mode, wavelet::decomposition<W, S>(), layer::planes(in), x.view(), y.view()); }
  void transpose() { ops::wavelet_synthesis<true, B>(c, sizes, options.mode, wavelet::decomposition<W, S>(), layer::planes(in), y.view(), dx.view()); }
  void count(benchmark::State& s) const { s.counters["bytes/s"] = benchmarks::per_second(2.0 * sizeof(S) * double(s.range(0)) * double(in.size())); }
};
template <class Work>
void analysis(benchmark::State& s) {
  Work work(s.range(0));
  for (auto _ : s) {
    work.analyse();
    benchmark::ClobberMemory();
  }
  work.count(s);
}
template <class Work>
void adjoint(benchmark::State& s) {
  Work work(s.range(0));
  work.analyse();
  for (auto _ : s) {
    work.transpose();
    benchmark::ClobberMemory();
  }
  work.count(s);
}
using db1_28x28 = workload<float, haar, 2, 4, 28, 28>;
using db4_256x256 = workload<float, daubechies<4>, 2, 4, 256, 256>;
using db4_1048576 = workload<double, daubechies<4>, 1, 8, 1 << 20>;
using db2_64x64x64 = workload<float, daubechies<2>, 3, 3, 64, 64, 64>;
}

BENCHMARK(analysis<db1_28x28>)->Arg(640)->Arg(1)->UseRealTime();
BENCHMARK(analysis<db4_256x256>)->Arg(64)->UseRealTime();
BENCHMARK(analysis<db4_1048576>)->Arg(1)->UseRealTime();
BENCHMARK(analysis<db2_64x64x64>)->Arg(1)->UseRealTime();
BENCHMARK(adjoint<db1_28x28>)->Arg(640)->UseRealTime();
BENCHMARK(adjoint<db4_256x256>)->Arg(64)->UseRealTime();
BENCHMARK(adjoint<db4_1048576>)->Arg(1)->UseRealTime();
BENCHMARK(adjoint<db2_64x64x64>)->Arg(1)->UseRealTime();
