// Stacks of convolutions, pools, norms, upsampling and joins as papers have them: outputs and gradients on the tested backend are those of plain
// loops in double, with every rewrite and with none.
#include "support/passes.hpp"

#include <cosmoml/nn/resnet.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
template <class Net>
void check() {
  tests::near_plain_loops<Net, tests::none>({3, 2});
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
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<2, 6, 7>, parallel<join::concatenate, same_conv<5>, sequential<same_conv<7>, relu>>, average_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, upsample<2>,
                   conv<6, 2>, flatten, dense<3>>>();
#endif
}
TEST_CASE("laws/conv_stacks: many channels, three axes") {
  check<sequential<input<3, 9, 7>, same_conv<40>, relu, same_conv<33>, relu, conv<32, 5, conv_options{.padding = 2}>, max_pool<2>, flatten, dense<3>>>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<1, 5, 4, 6>, same_conv<32>, batch_norm<>, relu, same_conv<32>, max_pool<2>, relu, flatten, dense<3>>>();
#endif
}
