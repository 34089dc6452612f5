// planned == unplanned: bias and function inside a convolution, slopes given by the pooling behind it.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

namespace {
constexpr rewrites alone{.fuse = true, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .reuse = false, .tile = false, .choose = false};
template <int C, int K = 3>
using same_conv = conv<C, K, conv_options{.padding = same}>;
constexpr spatial_pool_options partial{.ceil = true};
}

TEST_CASE("laws/fused_convolutions: bias and function in the convolution change nothing but rounding") {
  check<sequential<input<1, 7, 6>, same_conv<5>, leaky_relu<>, flatten, dense<2>>, alone>();
  check<sequential<input<3, 11>, conv<9, 4, conv_options{.stride = 2, .padding = 1}>, relu, same_conv<8>, tanh_layer, conv<2, 3>, elu<>, flatten, dense<3>>, alone>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<2, 4, 5, 3>, same_conv<17>, selu, conv<16, 1>, relu, flatten, dense<2>>, alone>();
#endif
  // functions that do not keep zero, with channels that fill vectors and channels that do not
  check<sequential<input<2, 5, 6>, conv<16, 3>, sigmoid, conv<5, 2>, softplus<>, flatten, dense<2>>, alone>();
  // its slope needs what went in; no bias; periodic; groups; the last layers of the network
  check<sequential<input<2, 5, 6>, conv<6, 3>, gelu, conv<8, 2, conv_options{.bias = false}>, relu, flatten, dense<2>>, alone>();
  check<sequential<input<4, 6, 6>, conv<8, 3, conv_options{.padding = same, .edge = edge::periodic}>, relu, conv<6, 3, conv_options{.groups = 2}>, relu, conv<3, 2>, leaky_relu<>>, alone>();
  // Winograd's tiles, a residual sum around it, a list in a list
  check<sequential<input<16, 9, 10>, same_conv<24>, relu, residual<sequential<same_conv<24>, leaky_relu<>>>, sequential<same_conv<16>, elu<>>, flatten, dense<2>>, alone>();
  CHECK(tells(plan_of<sequential<input<2, 6, 5>, conv<5, 3>, relu, conv<2, 1>>>(), "0 conv<5, 3>, relu: fused: convolution, bias, function"));
  CHECK(tells(plan_of<sequential<input<2, 6, 5>, conv<5, 3>, relu, conv<2, 1>>>(), "2 conv<2, 1>: fused: convolution, bias"));
}

TEST_CASE("laws/fused_convolutions: a pooling that gives the slope of what came before it changes nothing but rounding") {
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<1, 7, 6>, same_conv<5>, leaky_relu<>, max_pool<2>, flatten, dense<2>>, alone>();
#endif
  check<sequential<input<1, 7, 6>, same_conv<5>, leaky_relu<>, max_pool<2, partial>, same_conv<9>, tanh_layer, max_pool<3, partial>, flatten, dense<2>>, alone>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<2, 13>, same_conv<8>, elu<>, max_pool<3>, flatten, dense<2>>, alone>();
#endif
  check<sequential<input<2, 5, 4, 7>, same_conv<10>, selu, max_pool<per_axis{2, 3, 2}, partial>, flatten, dense<2>>, alone>();
  // pools that do not: overlapping, padded, of means; a pooling with something in between; twice; last
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<2, 8, 9>, same_conv<6>, relu, max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, same_conv<6>, leaky_relu<>, average_pool<2>, flatten, dense<2>>, alone>();
#endif
  check<sequential<input<2, 8, 9>, same_conv<6>, leaky_relu<>, batch_norm<>, max_pool<2>, same_conv<6>, leaky_relu<>, max_pool<2>, max_pool<2>, flatten, dense<2>>, alone>();
  check<sequential<input<2, 8, 9>, sequential<same_conv<6>, leaky_relu<>>, max_pool<2>, sequential<same_conv<7>, leaky_relu<>, max_pool<2, partial>>>, alone>();
}
