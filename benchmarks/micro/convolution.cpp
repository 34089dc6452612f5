// SPDX-License-Identifier: BSL-1.0
// One convolution in its three passes, stored as a network stores it. Figures are nominal: two operations a product, borders counted
// as inside, whatever the algorithm. The peak of a core is micro/product's.
#include "../support.hpp"

#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/tensor/tensor.hpp>

using namespace cosmoml;
using benchmarks::noise;
using benchmarks::per_second;

namespace {

// Maps of `Axes` axes of extent E, kernel K everywhere, padding K / 2.
template <int Batch, int In, int Out, int Axes, int E, int K, int Stride = 1>
struct layer {
  static constexpr int batch = Batch, out_extent = convolved(E, K, Stride, 1, K / 2, K / 2);
  template <int C, int N>
  using map = std::conditional_t<Axes == 1, shape<C, N>, std::conditional_t<Axes == 2, shape<C, N, N>, shape<C, N, N, N>>>;
  template <int N>
  using each = std::conditional_t<Axes == 1, shape<N>, std::conditional_t<Axes == 2, shape<N, N>, shape<N, N, N>>>;
  using in = map<In, E>;
  using out = map<Out, out_extent>;
  using weight = std::conditional_t<Axes == 1, shape<Out, In, K>, std::conditional_t<Axes == 2, shape<Out, In, K, K>, shape<Out, In, K, K, K>>>;
  using geometry = convolution_of<in, out, each<K>, each<Stride>, each<1>, each<K / 2>, each<K / 2>, 1, edge::zeros>;
};

enum class pass { forward, input_adjoint, weight_adjoint };

template <class Layer, pass P, bool Direct>
void convolution(benchmark::State& s) {
  using B = backend::native<float>;
  using G = std::conditional_t<Direct, direct_sum<typename Layer::geometry>, typename Layer::geometry>;
  constexpr int request = edge_request{.halo = (Layer::geometry::value.kernel[0]) / 2, .convolved = true}.code();
  B::context c;
  tensor<B, typename Layer::in, typename B::template layout<typename Layer::in, request>> x(c, noise<float>(Layer::batch, Layer::in::value.size(), 1));
  tensor<B, typename Layer::out, typename B::template layout<typename Layer::out, request>> y(c, noise<float>(Layer::batch, Layer::out::value.size(), 2));
  tensor<B, typename Layer::weight, typename B::template parameter_layout<role::filter, typename Layer::weight>> w(c, noise<float>(1, Layer::weight::value.size(), 3));
  for (auto _ : s) {
    if constexpr (P == pass::forward) ops::convolution<B, G>(c, x.view(), w.view(), y.view());
    else if constexpr (P == pass::input_adjoint) ops::convolution_input_adjoint<B, G>(c, w.view(), y.view(), x.view());
    else ops::convolution_weight_adjoint<B, G>(c, x.view(), y.view(), w.view());
    benchmark::ClobberMemory();
  }
  s.counters["flop/s"] = per_second(2.0 * Layer::batch * double(G::value.products()));
}

template <class Layer, bool Direct>
void add_as(std::string name) {
  benchmark::RegisterBenchmark((name + "/forward").c_str(), convolution<Layer, pass::forward, Direct>);
  benchmark::RegisterBenchmark((name + "/input adjoint").c_str(), convolution<Layer, pass::input_adjoint, Direct>);
  benchmark::RegisterBenchmark((name + "/weight adjoint").c_str(), convolution<Layer, pass::weight_adjoint, Direct>);
}
template <class Layer>
void add(const char* name) {
  add_as<Layer, false>(name);
  if constexpr (kernels::winograd_choice<backend::host_convolutions::kernel_sizes<typename Layer::geometry>>::outputs > 0) add_as<Layer, true>(std::string(name) + " as a direct sum");
}
const bool added = [] {
  add<layer<32, 64, 64, 2, 25, 3>>("32x64-64x25x25 3x3");
  add<layer<32, 128, 128, 2, 13, 3>>("32x128-128x13x13 3x3");
  add<layer<32, 256, 256, 2, 7, 3>>("32x256-256x7x7 3x3");
  add<layer<32, 512, 512, 2, 4, 3>>("32x512-512x4x4 3x3");
  add<layer<32, 64, 128, 2, 25, 3, 2>>("32x64-128x25x25 3x3 stride 2");
  add<layer<32, 3, 64, 2, 100, 7, 2>>("32x3-64x100x100 7x7 stride 2");
  add<layer<4, 64, 64, 2, 128, 5>>("4x64-64x128x128 5x5");
  add<layer<64, 64, 256, 2, 8, 1>>("64x64-256x8x8 1x1");
  add<layer<128, 3, 8, 2, 100, 5>>("128x3-8x100x100 5x5");
  add<layer<128, 8, 16, 2, 50, 3>>("128x8-16x50x50 3x3");
  add<layer<2, 32, 32, 3, 75, 3>>("2x32-32x75x75x75 3x3x3");
  add<layer<64, 8, 8, 3, 10, 3>>("64x8-8x10x10x10 3x3x3");
  add<layer<64, 1, 8, 3, 19, 3>>("64x1-8x19x19x19 3x3x3");
  return true;
}();
}
