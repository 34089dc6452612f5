// Networks of few channels, whose edges a plan for training keeps with the batch in their vectors: outputs and gradients are those of plain
// loops in double, with it and without, for batches that end within a vector and after larger ones, whose samples must not linger.
#include "support/backends.hpp"

#include <cosmoml/nn.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;

namespace {
template <class Net, class B, rewrites R = rewrites{}>
std::vector<double> outputs_and_gradients() {
  using M = model<Net, B, mode::training, R>;
  using S = typename B::scalar;
  M net(key{1});
  std::vector<double> all;
  for (index_t batch : {21, 3, 16, 1}) {
    ndarray<S> x(batch, M::input_size);
    for (index_t i = 0; i < x.size(); ++i) x[i] = S(float(key{2}.fold(std::uint64_t(batch)).normal<double>(std::uint64_t(i))));
    net.load(x);
    std::vector<int> labels;
    for (index_t n = 0; n < batch; ++n) labels.push_back(int(n % M::output_size));
    typename B::template buffer<int> there(batch);
    B::from_host(net.context(), labels.data(), there.data(), batch);
    const auto y = net.forward(key{3});
    all.push_back(cross_entropy{}.template evaluate<B>(net.context(), y, net.output_gradient(), there.data(), static_cast<const S*>(nullptr), S(1) / S(batch)));
    net.zero_gradients();
    net.backward();
    const auto g = net.canonical_gradients();
    for (index_t i = 0; i < g.size(); ++i) all.push_back(double(g[i]));
  }
  return all;
}
void near(const std::vector<double>& got, const std::vector<double>& truth) {
  double square = 0, worst = 0;
  for (double v : truth) square += v * v;
  REQUIRE(got.size() == truth.size());
  for (std::size_t i = 0; i < got.size(); ++i) worst = std::isnan(got[i]) ? HUGE_VAL : std::max(worst, std::abs(got[i] - truth[i]));
  CHECK(worst < (sizeof(tested::scalar) == 4 ? 1e-2 : 1e-9) * std::sqrt(square / double(truth.size())));
}
template <class Net, rewrites... Also>
void check() {
  const auto truth = outputs_and_gradients<Net, backend::reference<double>>();
  near(outputs_and_gradients<Net, tested>(), truth);
  (near(outputs_and_gradients<Net, tested, Also>(), truth), ...);
}
constexpr rewrites without{.batch_vectors = false}, apart{.fuse = false, .share = false, .in_place = false, .reuse_from = 0};
template <int C>
using same_conv = conv<C, 3, conv_options{.padding = 1}>;
}

TEST_CASE("laws/batch_vectors: a perceptron behind few channels, pools and norms between, then more channels") {
  check<sequential<input<1, 17, 9>, conv<5, 5, conv_options{.padding = 2}>, batch_norm<>, relu, max_pool<2>, same_conv<7>, tanh_layer, average_pool<2>, same_conv<20>, relu, max_pool<2>, flatten, dense<3>>, without, apart>();
  check<sequential<input<3, 8, 8>, same_conv<4>, sigmoid, batch_norm<>, same_conv<3>, softplus<>, conv<6, 3, conv_options{.stride = 2, .padding = 1}>, relu, global_average_pool, dense<4>>>();
}
TEST_CASE("laws/batch_vectors: lists inside a list, three axes, a larger pool, odd sides") {
  using block = sequential<same_conv<6>, leaky_relu<>, max_pool<2, spatial_pool_options{.ceil = true}>>;
  check<sequential<input<1, 5, 6, 7>, sequential<same_conv<3>, leaky_relu<>>, block, block, sequential<same_conv<17>, relu>, flatten, dense<5>>, apart>();
  check<sequential<input<2, 11, 9>, same_conv<3>, relu, max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, same_conv<2>, average_pool<3, spatial_pool_options{.stride = 1, .padding = 1}>, same_conv<4>, flatten, dense<3>>>();
}
TEST_CASE("laws/batch_vectors: periodic edges, dilation, upsampling, dropout, a transposed convolution") {
  check<sequential<input<2, 8, 6>, conv<5, 3, conv_options{.padding = 1, .edge = edge::periodic}>, relu, dropout<>, conv<4, 3, conv_options{.padding = 2, .dilation = 2}>, upsample<2>, same_conv<3>, max_pool<2>, flatten, dense<3>>>();
  check<sequential<input<1, 6, 5>, same_conv<4>, max_pool<2>, same_conv<6>, conv_transpose<3, 2, conv_transpose_options{.stride = 2}>, relu, upsample<2, upsample_options{.mode = interpolation::linear}>, same_conv<18>, flatten, dense<3>>>();
}
TEST_CASE("laws/batch_vectors: branches, residuals and groups") {
  check<sequential<input<2, 6, 7>, same_conv<4>, parallel<join::concatenate, same_conv<5>, sequential<same_conv<3>, relu>>, average_pool<2>, residual<sequential<same_conv<8>, relu, same_conv<8>>>, flatten, dense<3>>>();
  check<sequential<input<1, 8, 6>, same_conv<4>, skip<join::concatenate, identity, sequential<max_pool<2>, same_conv<6>, upsample<2>>, same_conv<5>>, conv<10, 3, conv_options{.padding = 1, .groups = 5}>, relu, flatten, dense<3>>>();
}
TEST_CASE("laws/batch_vectors: a network that ends in maps") { check<sequential<input<1, 4, 3>, same_conv<3>, relu, same_conv<2>, same_conv<1>>>(); }
