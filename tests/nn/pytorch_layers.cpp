// Single layers against PyTorch: outputs and every gradient. Made by golden/make_networks.py.
#include "support/backends.hpp"
#include "support/folder.hpp"

#include <cosmoml/io/safetensors.hpp>
#include <cosmoml/nn.hpp>

#include <cmath>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;

namespace {
using S = tested::scalar;

const io::safetensors& file() {
  static const io::safetensors all = io::read_safetensors(std::string(tests::folder) + "/golden/networks/arrays.safetensors");
  return all;
}
ndarray<double> array(const std::string& name) {
  const io::safetensor* t = file().find(name);
  REQUIRE_MESSAGE(t != nullptr, name);
  ndarray<double> a(t->shape);
  for (index_t i = 0; i < a.size(); ++i) a[i] = file().element(*t, i);
  return a;
}
template <class A>
void near(const A& got, const ndarray<double>& expected) {
  REQUIRE(got.size() == expected.size());
  double worst = 0, largest = 0;
  for (index_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(double(got[i]) - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  CHECK(worst < 1e-5 * largest);
}
template <class Net>
void check(const std::string& layer) {
  const std::string name = "layer." + layer + ".";
  INFO(layer);
  model<Net, tested> m(key{1});
  if (Net::parameter_count > 0) {
    const auto p = array(name + "p");
    m.set_canonical_parameters(p);
  }
  m.load(array(name + "x"));
  m.forward();
  const auto y = array(name + "y");
  ndarray<S> out(y.rows(), Net::output::value.size());
  m.copy_output(out.data());
  near(out, y);
  tensor<tested, typename Net::output, typename model<Net, tested>::output_layout> r(m.context(), array(name + "r"));
  tested::copy(m.context(), static_cast<const S*>(r.view().data), m.output_gradient().data, r.view().storage());
  m.zero_gradients();
  const auto dx = m.backward_to_input();
  using layout = typename model<Net, tested>::input_layout;
  ndarray<S> stored(layout::size(y.rows())), plain(y.rows(), Net::input_extents.size());
  tested::to_host(m.context(), static_cast<const S*>(dx.data), stored.data(), layout::size(y.rows()));
  for (index_t n = 0; n < plain.rows(); ++n)
    for (index_t e = 0; e < plain.row_size(); ++e) plain[n * plain.row_size() + e] = stored[layout::offset(n, e)];
  near(plain, array(name + "dx"));
  if (Net::parameter_count > 0) near(m.canonical_gradients(), array(name + "dp"));
}
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
