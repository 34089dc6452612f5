// Convolutional layers through the gradient checker: odd sizes, strides, groups, one channel, batches of one, periodic boxes, alone and
// inside composites; and as many channels as channel blocks and Winograd's convolutions want.
#include "support/layers.hpp"

using namespace cosmoml::nn;
using cosmoml::per_axis;
using tests::check_gradients;

namespace {
constexpr conv_options halved{.stride = 2, .padding = 1, .bias = false}, box{.padding = same, .edge = edge::periodic};
}

TEST_CASE("laws/conv_layers: conv on one axis") {
  check_gradients<sequential<input<3, 11>, conv<5, 3, conv_options{.padding = 1}>, relu, conv<4, 2, conv_options{.stride = 2, .dilation = 3}>>>();
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<1, 9>, conv<1, 4, conv_options{.stride = 3}>>>({.batch = 1});
#endif
  check_gradients<sequential<input<2, 7>, conv<3, 5, box>, conv<4, 3, box>>>();
}
TEST_CASE("laws/conv_layers: conv on two axes, strided, grouped, same") {
  check_gradients<sequential<input<3, 9, 7>, conv<6, 3, halved>, relu, conv<4, per_axis{3, 2}, conv_options{.padding = same, .groups = 2}>, flatten, dense<2>>>();
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<1, 7, 5>, conv<1, 5, conv_options{.stride = {1, 2}, .padding = {2, 0}}>>>({.batch = 1});
#endif
  check_gradients<sequential<input<2, 8, 6>, conv<3, 3, conv_options{.stride = 2, .padding = same, .edge = edge::periodic}>>>();
}
TEST_CASE("laws/conv_layers: conv on three axes") {
  check_gradients<sequential<input<1, 5, 4, 6>, conv<3, 3, box>, relu, conv<2, 3, conv_options{.stride = 2, .padding = 1}>>>({.batch = 1});
}
TEST_CASE("laws/conv_layers: transposed convolution") {
  check_gradients<sequential<input<4, 5>, conv_transpose<6, 3, conv_transpose_options{.stride = 2, .padding = 1, .output_padding = 1, .groups = 2}>>>();
  check_gradients<sequential<input<3, 3, 4>, conv_transpose<2, per_axis{2, 3}, conv_transpose_options{.stride = {2, 3}, .dilation = 2, .bias = false}>, relu, conv<1, 1>>>();
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<2, 2, 3, 2>, conv_transpose<2, 2, conv_transpose_options{.stride = 2}>>>({.batch = 1});
#endif
}
TEST_CASE("laws/conv_layers: upsampling and padding") {
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<2, 3, 5>, upsample<2>, conv<2, 3>>>();
#endif
  check_gradients<sequential<input<2, 3, 5>, upsample<per_axis{3, 2}, upsample_options{.mode = interpolation::linear}>, conv<2, 3>>>();
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<1, 4>, upsample<3, upsample_options{.mode = interpolation::linear}>, pad<2, 1>>>({.batch = 1});
#endif
  check_gradients<sequential<input<2, 3, 2, 2>, pad<per_axis{1, 0, 2}, per_axis{4, 1, 3}, edge::periodic>, upsample<per_axis{1, 2, 1}>>>();
}
TEST_CASE("laws/conv_layers: inside a residual, a concatenation and a level of a U-net") {
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<3, 6, 5>, residual<sequential<conv<4, 3, box>, relu, conv<3, 3, conv_options{.padding = 1}>>>, relu>>();
#endif
  check_gradients<sequential<input<3, 7, 5>, residual<sequential<conv<4, 3, halved>, relu>, sequential<conv<4, 1, conv_options{.stride = 2}>, relu>>, flatten, dense<2>>>();
  check_gradients<sequential<input<2, 4, 6>, skip<join::concatenate, conv<3, 3, box>, sequential<max_pool<2>, residual<conv<3, 3, box>>, upsample<2>>, conv<2, 3, box>>, relu>>();
  check_gradients<sequential<input<4, 5, 3>, conv<5, 1>, parallel<join::concatenate, on<slice<1, 3>, conv<2, 3, box>>, on<slice<0, 2>, relu>, identity>, conv<2, 1>>>();
}
TEST_CASE("laws/conv_layers: many channels, in a periodic box and at a map's borders") {
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<17, 8, 9>, conv<33, 3, box>>>({.batch = 2, .entries = 25});
#endif
  check_gradients<sequential<input<16, 7, 10>, conv<35, 3, conv_options{.padding = 1}>, relu, conv<18, 3, halved>>>({.batch = 2, .entries = 25});
}
TEST_CASE("laws/conv_layers: many channels transposed, without a stride and with one") {
  check_gradients<sequential<input<32, 8, 7>, conv_transpose<20, 3, conv_transpose_options{.padding = 1}>>>({.batch = 2, .entries = 25});
  check_gradients<sequential<input<32, 5, 4>, conv_transpose<20, 3, conv_transpose_options{.stride = 2, .padding = 1, .output_padding = 1}>>>({.batch = 2, .entries = 25});
}
