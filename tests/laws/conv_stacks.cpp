// Stacks of convolutions, pools, norms, upsampling and joins: outputs and gradients on the tested backend are those of plain loops in
// double, with every rewrite and without.
#include "support/backends.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/nn/resnet.hpp>

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
  constexpr index_t batch = 3;
  M net(key{1});
  ndarray<S> x(batch, M::input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(float(key{2}.normal<double>(std::uint64_t(i))));
  net.load(x);
  const std::vector<int> labels{0, 2, 1};
  typename B::template buffer<int> there(batch);
  B::from_host(net.context(), labels.data(), there.data(), batch);
  const auto y = net.forward();
  std::vector<double> all{cross_entropy{}.template evaluate<B>(net.context(), y, net.output_gradient(), there.data(), static_cast<const S*>(nullptr), S(1) / S(batch))};
  net.zero_gradients();
  net.backward();
  const auto g = net.canonical_gradients();
  for (index_t i = 0; i < g.size(); ++i) all.push_back(double(g[i]));
  return all;
}
constexpr rewrites none{.fuse = false, .skip_dead = false, .winograd = false, .reassociate = false};

template <class Net>
void check() {
  const auto truth = outputs_and_gradients<Net, backend::reference<double>>();
  double square = 0;
  for (double v : truth) square += v * v;
  const double scale = std::sqrt(square / double(truth.size())), tolerance = sizeof(tested::scalar) == 4 ? 1e-3 : 1e-10;
  for (const auto& got : {outputs_and_gradients<Net, tested>(), outputs_and_gradients<Net, tested, none>()}) {
    REQUIRE(got.size() == truth.size());
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) worst = std::isnan(got[i]) ? HUGE_VAL : std::max(worst, std::abs(got[i] - truth[i]));
    CHECK(worst < tolerance * scale * 10);
    CHECK(std::abs(got[0] - truth[0]) < tolerance);
  }
}
template <int C>
using same_conv = conv<C, 3, conv_options{.padding = 1}>;
}

TEST_CASE("laws/conv_stacks: a stem, residual blocks, a global pool") {
  check<sequential<input<3, 13, 11>, conv<16, 7, conv_options{.stride = 2, .padding = 3, .bias = false}>, batch_norm<>, relu, max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>,
                   resnet::basic<16>, resnet::basic<20, 2, resnet::first_block::projected>, global_average_pool, dense<3>>>();
}
TEST_CASE("laws/conv_stacks: down, past, up and joined; channels that fill vectors and channels that do not") {
  check<sequential<input<1, 8, 12>, same_conv<16>, relu,
                   skip<join::concatenate, sequential<same_conv<8>, batch_norm<>>, sequential<max_pool<2>, same_conv<24>, relu, upsample<2, upsample_options{.mode = interpolation::linear}>>, same_conv<9>>,
                   average_pool<2>, flatten, dense<3>>>();
  check<sequential<input<2, 6, 7>, parallel<join::concatenate, same_conv<5>, sequential<same_conv<7>, relu>>, average_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, upsample<2>,
                   conv<6, 2>, flatten, dense<3>>>();
}
TEST_CASE("laws/conv_stacks: many channels, three axes") {
  check<sequential<input<3, 9, 7>, same_conv<40>, relu, same_conv<33>, relu, conv<32, 5, conv_options{.padding = 2}>, max_pool<2>, flatten, dense<3>>>();
  check<sequential<input<1, 5, 4, 6>, same_conv<32>, batch_norm<>, relu, same_conv<32>, max_pool<2>, relu, flatten, dense<3>>>();
}
