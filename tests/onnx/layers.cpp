#include "exported.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using mlp = sequential<input<7>, named<"first", dense<19>>, relu, dense<16>, tanh_layer, dense<12>, layer_norm<>, sigmoid, dense<12>, leaky_relu<>, dense<11>, softplus<softplus_options{.beta = 2.0}>,
                       dense<11>, softplus<>, dropout<>, dense<10>, identity, dense<3>>;
using numbers = sequential<input<6>, dense<9>, batch_norm<>, relu, dense<9>, tanh_layer, layer_norm<>, dense<8>, sigmoid, dense<3>>;   // in float64, too
using activations = sequential<input<9>, parallel<join::stack, elu<>, selu, silu, gelu, gelu_tanh>, flatten, dense<4>>;
using pools = sequential<input<2, 9, 7>,
                         parallel<join::flat, max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, max_pool<2, spatial_pool_options{.ceil = true}>, average_pool<2>,
                                  average_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, average_pool<3, spatial_pool_options{.stride = 2, .padding = 1, .count_padding = false}>,
                                  average_pool<per_axis{3, 2}, spatial_pool_options{.stride = 2, .ceil = true}>, average_pool<3, spatial_pool_options{.padding = same}>,
                                  max_pool_over<window<2, 2, 3>>, max_pool_over<window<1, 4, 2>, pool_options{.leftover = leftover::partial}>,
                                  average_pool_over<window<2, 4, 2>, pool_options{.leftover = leftover::partial}>, average_pool_over<window<1, 2, 2>>, global_max_pool, global_average_pool>,
                         dense<40>>;
using line = sequential<input<2, 15>, conv<4, 3, conv_options{.padding = 2, .dilation = 2, .edge = edge::periodic}>, relu, conv<6, 4, conv_options{.stride = 2, .padding = same, .groups = 2}>,
                        upsample<3, upsample_options{.mode = interpolation::linear}>, conv_transpose<3, 4, conv_transpose_options{.stride = 2, .padding = 1, .output_padding = 1}>,
                        pad<2, 5, edge::periodic>, average_pool<2>, named<"norm", batch_norm<batch_norm_options{.affine = false}>>, flatten, dense<5>>;
using plane = sequential<input<3, 8, 10>, conv<4, per_axis{3, 5}, conv_options{.padding = same, .bias = false}>, batch_norm<batch_norm_options{.domains = 3}>, relu, upsample<per_axis{2, 3}>,
                         conv<4, 3, conv_options{.stride = 3}>, upsample<2, upsample_options{.mode = interpolation::linear}>, pad<1, 2>,
                         conv_transpose<2, 3, conv_transpose_options{.groups = 2, .bias = false}>, layer_norm<layer_norm_options{.axes = 2, .affine = false}>>;
using volume = sequential<input<1, 6, 5, 7>, conv<3, 3, conv_options{.padding = 1, .edge = edge::periodic}>, relu, residual<conv<3, 3, conv_options{.padding = 1}>>, max_pool<2>,
                          upsample<2, upsample_options{.mode = interpolation::linear}>, global_average_pool>;
using data = inputs<named<"image", input<1, 6, 6>>, named<"radius", input<3>>>;
using joined = sequential<data,
                          merge<join::concatenate, sequential<from<data, "image">, conv<2, 3>, relu, flatten, named<"", shared<"head", dense<8>>>, dense<6>>,
                                sequential<from<data, "radius">, dense<32>, named<"", shared<"head", dense<8>>>>>,
                          parallel<join::stack_padded, on<slice<0, 6>, dense<4>>, on<slice<6, 8>, sequential<dense<6>, relu>>>, flatten, dense<8>, gaussian_sample,
                          heads<named<"mean", dense<2>>, named<"variance", sequential<dense<3>, softplus<>>>>>;
}

int main(int argc, char** argv) {

  using tests::exported;
  const key seed = tests::seed_of(argc, argv);
  using R = backend::reference<float>;
  exported<mlp, backend::native<float>>(seed, "mlp", {.input = "features", .output = "scores"});
  exported<numbers, backend::reference<double>>(seed, "numbers_float64");
  exported<numbers, backend::reference<double>>(seed, "numbers_float32", {.as_float32 = true});
  exported<numbers, R>(seed, "numbers_softmax", {.softmax = true});
  exported<activations, R>(seed, "activations");
  exported<pools, R>(seed, "pools");
  exported<line, R>(seed, "line");
  exported<plane, R>(seed, "plane", {.domain = 2});
  exported<volume, R>(seed, "volume", {}, 2);
  exported<joined, R>(seed, "joined");
}
