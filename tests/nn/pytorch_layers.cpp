// Layers against PyTorch: outputs and every gradient, and what norms remember. Made by golden/make_networks.py and golden/make_layers.py.
#include "support/backends.hpp"
#include "support/folder.hpp"
#include "support/golden.hpp"
#include "support/worse.hpp"

#include <cosmoml/io/safetensors.hpp>
#include <cosmoml/nn.hpp>

#include <algorithm>
#include <cmath>
#include <span>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;

namespace {
using S = tested::scalar;
constexpr double tolerance = sizeof(S) == 4 ? 1e-5 : 2e-7;   // golden numbers were computed in double and kept in float

ndarray<double> array(const io::safetensors& file, const std::string& name) {
  const io::safetensor* t = file.find(name);
  REQUIRE_MESSAGE(t != nullptr, name);
  ndarray<double> a(t->shape);
  for (index_t i = 0; i < a.size(); ++i) a[i] = file.element(*t, i);
  return a;
}
std::span<const double> all_of(const ndarray<double>& a) { return {a.data(), std::size_t(a.size())}; }
// Errors beside the largest of what is expected.
template <class A>
void near(const char* what, const A& got, std::span<const double> expected) {
  INFO(what);
  REQUIRE(std::size_t(got.size()) == expected.size());
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double off = std::abs(double(got[index_t(i)]) - expected[i]);
    worst = tests::worse(worst, off);
    largest = std::max(largest, std::abs(expected[i]));
  }
  CHECK(worst < tolerance * largest);
}
// The input gradient in canonical order, after a pass over x and with gradients r behind it.
template <class M>
ndarray<S> pass(M& m, const ndarray<double>& x, const ndarray<double>& r, ndarray<S>& y) {
  m.load(x);
  m.forward();
  m.copy_output(y.data());
  tensor<tested, typename M::network::output, typename M::output_layout> cotangent(m.context(), r);
  tested::copy(m.context(), static_cast<const S*>(cotangent.view().data), m.output_gradient().data, cotangent.view().storage());
  m.zero_gradients();
  const auto dx = m.backward_to_input();
  using layout = typename M::input_layout;
  ndarray<S> stored(layout::size(x.rows())), plain(x.rows(), M::input_size);
  tested::to_host(m.context(), static_cast<const S*>(dx.data), stored.data(), layout::size(x.rows()));
  for (index_t n = 0; n < plain.rows(); ++n)
    for (index_t e = 0; e < plain.row_size(); ++e) plain[n * plain.row_size() + e] = stored[layout::offset(n, e)];
  return plain;
}
// Everything in the file.
template <class Net>
void check(const std::string& layer) {
  static const io::safetensors file = io::read_safetensors(std::string(tests::folder) + "/golden/networks/arrays.safetensors");
  const auto stored = [&](const char* part) { return array(file, "layer." + layer + "." + part); };
  INFO(layer);
  model<Net, tested> m(key{1});
  if (Net::parameter_count > 0) m.set_canonical_parameters(stored("p"));
  const auto y = stored("y");
  ndarray<S> out(y.rows(), Net::output::value.size());
  const auto dx = pass(m, stored("x"), stored("r"), out);
  near("y", out, all_of(y));
  near("dx", dx, all_of(stored("dx")));
  if (Net::parameter_count > 0) near("dp", m.canonical_gradients(), all_of(stored("dp")));
}
// Results alone, of inputs and parameters by rule; before it passes over the inputs of other streams.
template <class Net>
void check_by_rule(const std::string& layer, index_t batch, std::initializer_list<std::uint32_t> streams = {}) {
  static const io::safetensors file = io::read_safetensors(std::string(tests::folder) + "/golden/networks/layers.safetensors");
  INFO(layer);
  const auto golden = array(file, layer);
  std::span<const double> rest = all_of(golden);
  const auto next = [&](index_t size) {
    REQUIRE(rest.size() >= std::size_t(size));
    const auto part = rest.first(std::size_t(size));
    rest = rest.subspan(std::size_t(size));
    return part;
  };
  constexpr index_t in = Net::input_extents.size(), out = Net::output::value.size(), parameters = Net::parameter_count;
  model<Net, tested> m(key{1});
  if (parameters > 0) m.set_canonical_parameters(tests::golden_numbers(3, {parameters}));
  for (std::uint32_t stream : streams) {
    m.load(tests::golden_numbers(stream, {batch, in}));
    m.forward();
  }
  ndarray<S> y(batch, out);
  const auto x = tests::golden_numbers(1, {batch, in});
  const auto dx = pass(m, x, tests::golden_numbers(2, {batch, out}), y);
  near("y", y, next(batch * out));
  near("dx", dx, next(batch * in));
  if (parameters > 0) near("dp", m.canonical_gradients(), next(parameters));
  if (streams.size() > 0) {
    const auto kept = m.canonical_statistics();
    const index_t channels = (kept.size() - 1) / 2;
    near("running_mean", ndarray<S>({channels}, {kept.data(), kept.data() + channels}), next(channels));
    near("running_var", ndarray<S>({channels}, {kept.data() + channels, kept.data() + 2 * channels}), next(channels));
    CHECK(double(kept[2 * channels]) == next(1)[0]);
    near("inferred", m.predict(x), next(batch * out));
  }
  CHECK(rest.empty());
}
}

namespace {
constexpr spatial_pool_options partial{.ceil = true}, ceiled{.stride = 2, .padding = 1, .ceil = true}, inside{.stride = 2, .padding = 1, .ceil = true, .count_padding = false};
}

TEST_CASE("nn/pytorch_layers: convolutions") {
  check<sequential<input<4, 11>, conv<6, 3, conv_options{.stride = 2, .padding = 2, .dilation = 2, .groups = 2}>>>("conv1d");
  check<sequential<input<2, 5, 6>, conv<3, per_axis{3, 5}, conv_options{.padding = {1, 2}, .edge = edge::periodic}>>>("conv2d_periodic");
  check<sequential<input<2, 3, 5, 4>, conv<3, 3, conv_options{.stride = {1, 2, 1}, .padding = 1}>>>("conv3d");
  check<sequential<input<4, 3, 4>, conv_transpose<6, 3, conv_transpose_options{.stride = 2, .padding = 1, .output_padding = 1, .groups = 2}>>>("conv_transpose2d");
}
TEST_CASE("nn/pytorch_layers: pooling and upsampling") {
  constexpr spatial_pool_options o{.stride = 2, .padding = 1, .ceil = true};
  check<sequential<input<3, 8, 7>, max_pool<3, o>>>("max_pool");
  check<sequential<input<3, 8, 7>, average_pool<3, o>>>("average_pool");
  check<sequential<input<3, 3, 4>, upsample<2, upsample_options{.mode = interpolation::linear}>>>("upsample_linear");
  check<sequential<input<2, 2, 3, 2>, upsample<3, upsample_options{.mode = interpolation::linear}>>>("upsample_trilinear");
}
TEST_CASE("nn/pytorch_layers: norms") {
  check<sequential<input<3, 2, 5>, batch_norm<>>>("batch_norm");
  check<sequential<input<5>, batch_norm<>>>("batch_norm_1d");
  check<sequential<input<3, 4>, layer_norm<>>>("layer_norm");
}

TEST_CASE("nn/pytorch_layers: pools on one axis") {
  check_by_rule<sequential<input<3, 8>, heads<max_pool<3, ceiled>, average_pool<3, ceiled>, average_pool<3, inside>, max_pool<2, spatial_pool_options{.stride = 3}>, max_pool<3, partial>,
                                              average_pool<3, partial>, average_pool<3>, global_average_pool, global_max_pool>>>("pools_1d_even", 2);
  constexpr spatial_pool_options o{.stride = 3, .padding = 2}, up{.stride = 3, .padding = 2, .ceil = true}, up_inside{.stride = 3, .padding = 2, .ceil = true, .count_padding = false},
      dense_inside{.stride = 1, .padding = 2, .count_padding = false};
  check_by_rule<sequential<input<2, 11>, heads<max_pool<4, up>, max_pool<4, o>, average_pool<4, up>, average_pool<4, o>, average_pool<4, up_inside>, average_pool<5, dense_inside>>>>("pools_1d_odd", 3);
}
TEST_CASE("nn/pytorch_layers: pools on two axes") {
  constexpr spatial_pool_options o{.stride = {2, 3}, .padding = {1, 2}}, o_inside{.stride = {2, 3}, .padding = {1, 2}, .count_padding = false};
  check_by_rule<sequential<input<3, 8, 7>, heads<average_pool<3, inside>, average_pool<per_axis{3, 4}, o_inside>, max_pool<per_axis{3, 4}, o>, global_average_pool, global_max_pool>>>("pools_2d", 2);
}
TEST_CASE("nn/pytorch_layers: pools on three axes") {
  constexpr spatial_pool_options a{.stride = {2, 1, 2}, .padding = {1, 1, 0}, .ceil = true}, b{.stride = {2, 2, 1}, .padding = {1, 0, 1}, .ceil = true, .count_padding = false},
      c{.stride = {1, 2, 2}, .padding = {0, 1, 1}}, halved{.stride = 2, .padding = 1};
  check_by_rule<sequential<input<2, 5, 4, 7>, heads<max_pool<per_axis{2, 3, 3}, a>, max_pool<2, partial>, max_pool<2>, max_pool<3, halved>, average_pool<3, ceiled>, average_pool<per_axis{3, 2, 3}, b>,
                                                    average_pool<2, partial>, average_pool<per_axis{1, 3, 2}, c>, global_average_pool, global_max_pool>>>("pools_3d", 2);
}
TEST_CASE("nn/pytorch_layers: same, whose odd element is behind the map") {
  constexpr spatial_pool_options two_apart{.stride = 2, .padding = same}, side_by_side{.padding = same}, uneven{.stride = {3, 1}, .padding = same}, flat{.stride = {1, 2, 2}, .padding = same};
  constexpr conv_options two{.stride = 2, .padding = same}, three{.stride = 3, .padding = same}, one{.padding = same};
  check_by_rule<sequential<input<2, 8>, heads<max_pool<3, two_apart>, average_pool<3, two_apart>, conv<3, 3, two>, conv<1, 4, conv_options{.stride = 3, .padding = same, .dilation = 2}>, conv<2, 4, one>>>>("same_1d", 2);
  check_by_rule<sequential<input<2, 8, 7>, heads<max_pool<3, two_apart>, average_pool<3, two_apart>, max_pool<2, side_by_side>, average_pool<2, side_by_side>, average_pool<per_axis{5, 2}, uneven>, conv<3, 3, two>,
                                                 conv<2, per_axis{5, 4}, conv_options{.stride = {2, 3}, .padding = same, .groups = 2}>, conv<1, per_axis{2, 1}, three>,
                                                 conv<1, 3, conv_options{.stride = 2, .padding = same, .edge = edge::periodic}>>>>("same_2d", 2);
  check_by_rule<sequential<input<1, 4, 6, 5>, heads<max_pool<per_axis{2, 3, 3}, flat>, average_pool<per_axis{2, 3, 3}, flat>, conv<2, 3, conv_options{.stride = {2, 2, 1}, .padding = same}>>>>("same_3d", 2);
}
TEST_CASE("nn/pytorch_layers: transposed convolutions on one and three axes") {
  check_by_rule<sequential<input<4, 5>, heads<conv_transpose<6, 4, conv_transpose_options{.stride = 2, .padding = 1, .output_padding = 1, .groups = 2}>,
                                              conv_transpose<3, 3, conv_transpose_options{.stride = 3, .padding = 2, .output_padding = 2, .dilation = 2, .bias = false}>>>>("transposed_1d", 2);
  check_by_rule<sequential<input<4, 2, 3, 2>, heads<conv_transpose<3, 3, conv_transpose_options{.stride = 2, .padding = 1, .output_padding = {1, 0, 1}}>,
                                                    conv_transpose<2, per_axis{2, 3, 1}, conv_transpose_options{.stride = {2, 1, 2}, .padding = {0, 1, 0}, .output_padding = {0, 0, 1}, .groups = 2}>>>>("transposed_3d", 1);
}
TEST_CASE("nn/pytorch_layers: upsampling and padding, zeros and periodic") {
  check_by_rule<sequential<input<3, 4>, heads<upsample<3>, upsample<3, upsample_options{.mode = interpolation::linear}>, pad<2, 1>, pad<3, 2, edge::periodic>>>>("upsampled_1d", 2);
  check_by_rule<sequential<input<2, 3, 5>, heads<upsample<per_axis{3, 2}>, pad<per_axis{2, 0}, per_axis{1, 3}>, pad<per_axis{0, 4}, per_axis{2, 1}, edge::periodic>>>>("upsampled_2d", 2);
  check_by_rule<sequential<input<2, 2, 3, 2>, heads<upsample<per_axis{2, 1, 3}>, pad<per_axis{3, 0, 1}, per_axis{1, 2, 0}>, pad<per_axis{0, 3, 1}, per_axis{1, 0, 2}, edge::periodic>>>>("upsampled_3d", 1);
}
TEST_CASE("nn/pytorch_layers: among convolutions of many channels") {
  check_by_rule<sequential<input<2, 15>, conv<19, 3, conv_options{.padding = 1}>, max_pool<3, ceiled>, average_pool<3, inside>, conv_transpose<17, 3, conv_transpose_options{.stride = 2, .padding = 1, .output_padding = 1}>,
                           upsample<2>, conv<2, 3, conv_options{.stride = 2, .padding = same}>>>("stack_1d", 3);
  check_by_rule<sequential<input<1, 5, 4, 7>, conv<17, per_axis{1, 3, 3}, conv_options{.padding = {0, 1, 1}}>, max_pool<2, partial>, average_pool<per_axis{3, 2, 3}, spatial_pool_options{.stride = 2, .padding = 1, .count_padding = false}>,
                           conv_transpose<18, 2, conv_transpose_options{.stride = 2}>, upsample<per_axis{1, 2, 1}>, pad<1, 1, edge::periodic>, conv<2, 2, conv_options{.stride = 2}>>>("stack_3d", 2);
}
TEST_CASE("nn/pytorch_layers: layer_norm over fewer axes, batch_norm with other options and what it remembers") {
  check_by_rule<sequential<input<3, 4, 5>, heads<layer_norm<layer_norm_options{.axes = 1}>, layer_norm<layer_norm_options{.axes = 2, .epsilon = 1e-3}>, layer_norm<layer_norm_options{.affine = false}>>>>("layer_norms", 2);
  using slow = batch_norm<batch_norm_options{.momentum = 0.01, .epsilon = 1e-3}>;
  check_by_rule<sequential<input<5>, slow>>("batch_norm_features", 6, {4, 5});
  check_by_rule<sequential<input<3, 7>, slow>>("batch_norm_1d", 4, {4});
  check_by_rule<sequential<input<17, 3, 2>, slow>>("batch_norm_2d", 2, {4});
  check_by_rule<sequential<input<3, 2, 3, 2>, batch_norm<batch_norm_options{.momentum = 0, .epsilon = 1e-3, .affine = false}>>>("batch_norm_3d", 2, {4, 5});
}
