// SPDX-License-Identifier: BSL-1.0
// How far Winograd's convolutions are from double, at the full shapes of the papers' layers: max|error| / rms of each pass, beside that of
// a direct sum in float. The judge is a direct sum in double of the same numbers, which the tests hold against brute force. Inputs, weights
// and gradients are uniform in (-1, 1), as floats. Ends with status 1 where an error is above 2e-4 or above ten times the direct sum's.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <cmath>
#include <cstdio>

using namespace cosmoml;

namespace {

using single = backend::native<float>;
using judge = backend::native<double>;

// Maps of `Axes` axes of extent E, kernel K everywhere, padding K / 2, stride 1.
template <int Batch, int In, int Out, int Axes, int E, int K>
struct layer {
  static constexpr int batch = Batch, half = K / 2;
  template <int C>
  using map = std::conditional_t<Axes == 2, shape<C, E, E>, shape<C, E, E, E>>;
  template <int N>
  using each = std::conditional_t<Axes == 2, shape<N, N>, shape<N, N, N>>;
  using in = map<In>;
  using out = map<Out>;
  using weight = std::conditional_t<Axes == 2, shape<Out, In, K, K>, shape<Out, In, K, K, K>>;
  using geometry = convolution_of<in, out, each<K>, each<1>, each<1>, each<half>, each<half>, 1, edge::zeros>;
};

ndarray<float> noise(index_t rows, index_t columns, std::uint64_t stream) {
  ndarray<float> x(rows, columns);
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(2 * key{17}.fold(stream).uniform(std::uint64_t(i)) - 1);
  return x;
}

// Of one convolution: y, dx, dw in canonical order.
struct passes {
  ndarray<double> result[3];
};
template <class B, class Layer, class G>
passes run(const ndarray<float>& x, const ndarray<float>& w, const ndarray<float>& dy) {
  using S = typename B::scalar;
  constexpr int request = edge_request{.halo = Layer::half, .convolved = true}.code();
  using in = tensor<B, typename Layer::in, typename B::template layout<typename Layer::in, request>>;
  using out = tensor<B, typename Layer::out, typename B::template layout<typename Layer::out, request>>;
  using filter = tensor<B, typename Layer::weight, typename B::template parameter_layout<role::filter, typename Layer::weight>>;
  typename B::context c;
  in from(c, x), dx(c, x);
  out to(c, dy), cotangent(c, dy);
  filter weight(c, w), dw(c, w);
  B::fill(c, dw.view().data, dw.view().storage(), S(0));
  ops::convolution<B, G>(c, from.view(), weight.view(), to.view());
  ops::convolution_input_adjoint<B, G>(c, weight.view(), cotangent.view(), dx.view());
  ops::convolution_weight_adjoint<B, G>(c, from.view(), cotangent.view(), dw.view());
  const auto doubles = [](const ndarray<S>& v) {
    ndarray<double> d(v.size());
    for (index_t i = 0; i < v.size(); ++i) d[i] = double(v[i]);
    return d;
  };
  return {{doubles(to.to_host(c)), doubles(dx.to_host(c)), doubles(dw.to_host(c))}};
}
double error(const ndarray<double>& found, const ndarray<double>& truth) {
  double worst = 0, square = 0;
  for (index_t i = 0; i < truth.size(); ++i) {
    const double d = std::abs(found[i] - truth[i]);
    if (!(d <= worst)) worst = d;
    square += truth[i] * truth[i];
  }
  return worst / std::sqrt(square / double(truth.size()));
}

bool sound = true;

template <class Layer>
void add(const char* network, const char* sizes) {
  using G = typename Layer::geometry;
  const auto x = noise(Layer::batch, Layer::in::value.size(), 1), w = noise(1, Layer::weight::value.size(), 2), dy = noise(Layer::batch, Layer::out::value.size(), 3);
  const passes truth = run<judge, Layer, direct_sum<G>>(x, w, dy), ours = run<single, Layer, G>(x, w, dy), direct = run<single, Layer, direct_sum<G>>(x, w, dy);
  std::printf("%-16s %-24s %5d", network, sizes, Layer::batch);
  for (int p = 0; p < 3; ++p) {
    const double e = error(ours.result[p], truth.result[p]), d = error(direct.result[p], truth.result[p]);
    const bool within = e <= 2e-4 && e <= 10 * d;
    sound = sound && within;
    std::printf("   %8.1e %8.1e %4.1f%s", e, d, e / d, within ? " " : "!");
  }
  std::printf("\n");
  std::fflush(stdout);
}

}

int main() {
  std::printf("max|error| / rms against double: Winograd, direct sum, ratio of the two\n");
  std::printf("%-16s %-24s %5s   %-24s    %-24s    %s\n", "network", "layer", "batch", "forward", "input adjoint", "weight adjoint");
  add<layer<32, 64, 64, 2, 25, 3>>("resnet18_100", "64-64, 25 x 25, 3");
  add<layer<32, 128, 128, 2, 13, 3>>("resnet18_100", "128-128, 13 x 13, 3");
  add<layer<32, 256, 256, 2, 7, 3>>("resnet18_100", "256-256, 7 x 7, 3");
  add<layer<32, 512, 512, 2, 4, 3>>("resnet18_100", "512-512, 4 x 4, 3");
  add<layer<8, 64, 64, 2, 56, 3>>("resnet50_224", "64-64, 56 x 56, 3");
  add<layer<8, 128, 128, 2, 28, 3>>("resnet50_224", "128-128, 28 x 28, 3");
  add<layer<8, 256, 256, 2, 14, 3>>("resnet50_224", "256-256, 14 x 14, 3");
  add<layer<8, 512, 512, 2, 7, 3>>("resnet50_224", "512-512, 7 x 7, 3");
  add<layer<128, 16, 32, 2, 25, 3>>("convnet_100", "16-32, 25 x 25, 3");
  add<layer<64, 64, 64, 2, 8, 3>>("deepsz_32", "64-64, 8 x 8, 3");
  add<layer<64, 128, 128, 2, 4, 3>>("deepsz_32", "128-128, 4 x 4, 3");
  add<layer<64, 256, 256, 2, 2, 3>>("deepsz_32", "256-256, 2 x 2, 3");
  add<layer<4, 128, 64, 2, 128, 5>>("resunet_128", "128-64, 128 x 128, 5");
  add<layer<4, 256, 128, 2, 64, 5>>("resunet_128", "256-128, 64 x 64, 5");
  add<layer<4, 64, 64, 2, 128, 5>>("resunet_128", "64-64, 128 x 128, 5");
  add<layer<4, 128, 128, 2, 64, 5>>("resunet_128", "128-128, 64 x 64, 5");
  add<layer<2, 32, 32, 3, 75, 3>>("halo3d_75", "32-32, 75 x 75 x 75, 3");
  add<layer<2, 32, 64, 3, 38, 3>>("halo3d_75", "32-64, 38 x 38 x 38, 3");
  add<layer<2, 64, 128, 3, 19, 3>>("halo3d_75", "64-128, 19 x 19 x 19, 3");
  add<layer<2, 128, 128, 3, 10, 3>>("halo3d_75", "128-128, 10 x 10 x 10, 3");
  add<layer<2, 128, 128, 3, 5, 3>>("halo3d_75", "128-128, 5 x 5 x 5, 3");
  add<layer<16, 16, 16, 3, 37, 3>>("halo3d_37", "16-16, 37 x 37 x 37, 3");
  add<layer<16, 16, 32, 3, 19, 3>>("halo3d_37", "16-32, 19 x 19 x 19, 3");
  add<layer<16, 32, 64, 3, 10, 3>>("halo3d_37", "32-64, 10 x 10 x 10, 3");
  add<layer<16, 16, 16, 3, 16, 3>>("ive_encoder_32", "16-16, 16 x 16 x 16, 3");
  add<layer<16, 16, 32, 3, 8, 3>>("ive_encoder_32", "16-32, 8 x 8 x 8, 3");
  add<layer<16, 32, 32, 3, 4, 3>>("ive_encoder_32", "32-32, 4 x 4 x 4, 3");
  std::printf(sound ? "all within 2e-4 and ten times the direct sum's\n" : "! above 2e-4, or above ten times the direct sum's\n");
  return sound ? 0 : 1;
}
