// Networks of few channels, whose edges a plan for training keeps with the batch in their vectors: outputs and gradients are those of plain
// loops in double, with it and without, for batches that end within a vector and after larger ones, whose samples must not linger.
#include "support/passes.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
template <class Net, rewrites... Also>
void check() {
  tests::near_plain_loops<Net, Also...>({21, 3, 16, 1});
}
constexpr rewrites without{.batch_vectors = false}, apart{.fuse = false, .share = false, .in_place = false, .reuse_from = 0};
template <int C>
using same_conv = conv<C, 3, conv_options{.padding = 1}>;
}

TEST_CASE("laws/batch_vectors: a perceptron behind few channels, pools and norms between, then more channels") {
  check<sequential<input<1, 17, 9>, conv<5, 5, conv_options{.padding = 2}>, batch_norm<>, relu, max_pool<2>, same_conv<7>, tanh_layer, average_pool<2>, same_conv<20>, relu, max_pool<2>, flatten, dense<3>>, without, apart>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<3, 8, 8>, same_conv<4>, sigmoid, batch_norm<>, same_conv<3>, softplus<>, conv<6, 3, conv_options{.stride = 2, .padding = 1}>, relu, global_average_pool, dense<4>>>();
#endif
}
TEST_CASE("laws/batch_vectors: lists inside a list, three axes, a larger pool, odd sides") {
  using block = sequential<same_conv<6>, leaky_relu<>, max_pool<2, spatial_pool_options{.ceil = true}>>;
  check<sequential<input<1, 5, 6, 7>, sequential<same_conv<3>, leaky_relu<>>, block, block, sequential<same_conv<17>, relu>, flatten, dense<5>>, apart>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<2, 11, 9>, same_conv<3>, relu, max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, same_conv<2>, average_pool<3, spatial_pool_options{.stride = 1, .padding = 1}>, same_conv<4>, flatten, dense<3>>>();
#endif
}
TEST_CASE("laws/batch_vectors: periodic edges, dilation, upsampling, dropout, a transposed convolution") {
  check<sequential<input<2, 8, 6>, conv<5, 3, conv_options{.padding = 1, .edge = edge::periodic}>, relu, dropout<>, conv<4, 3, conv_options{.padding = 2, .dilation = 2}>, upsample<2>, same_conv<3>, max_pool<2>, flatten, dense<3>>>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<1, 6, 5>, same_conv<4>, max_pool<2>, same_conv<6>, conv_transpose<3, 2, conv_transpose_options{.stride = 2}>, relu, upsample<2, upsample_options{.mode = interpolation::linear}>, same_conv<18>, flatten, dense<3>>>();
#endif
}
TEST_CASE("laws/batch_vectors: branches, residuals and groups") {
  check<sequential<input<2, 6, 7>, same_conv<4>, parallel<join::concatenate, same_conv<5>, sequential<same_conv<3>, relu>>, average_pool<2>, residual<sequential<same_conv<8>, relu, same_conv<8>>>, flatten, dense<3>>>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<1, 8, 6>, same_conv<4>, skip<join::concatenate, identity, sequential<max_pool<2>, same_conv<6>, upsample<2>>, same_conv<5>>, conv<10, 3, conv_options{.padding = 1, .groups = 5}>, relu, flatten, dense<3>>>();
#endif
}
TEST_CASE("laws/batch_vectors: a network that ends in maps") { check<sequential<input<1, 4, 3>, same_conv<3>, relu, same_conv<2>, same_conv<1>>>(); }
