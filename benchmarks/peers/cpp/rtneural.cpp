// SPDX-License-Identifier: BSL-1.0
// RTNeural, one sample at a time; with xsimd, or with Eigen where its submodule was not checked out.
#include "../server.hpp"

#include <RTNeural/RTNeural.h>

#if RTNEURAL_USE_XSIMD
const char* const peers::library = "RTNeural, xsimd";
constexpr int lanes = int(xsimd::simd_type<float>::size);
#else
const char* const peers::library = "RTNeural, Eigen";
constexpr int lanes = 1;
#endif

namespace {
// With xsimd an inner layer reads whole vectors of inputs and of rows of weights: its width must be a multiple of the lanes.
constexpr int whole(int n) { return (n + lanes - 1) / lanes * lanes; }

// PyTorch's (outputs, inputs) and biases; the layer may be wider.
template <class Layer>
void load_layer(Layer& layer, int inputs, int outputs, const float*& from) {
  std::vector<std::vector<float>> weights(Layer::out_size, std::vector<float>(Layer::in_size));
  for (int o = 0; o < outputs; ++o)
    for (int i = 0; i < inputs; ++i) weights[std::size_t(o)][std::size_t(i)] = *from++;
  layer.setWeights(weights);
  std::vector<float> bias(from, from + outputs);
  bias.resize(Layer::out_size);
  layer.setBias(bias.data());
  from += outputs;
}

template <class Model>
struct one : peers::workload {
  Model net;
  alignas(64) float x[(Model::input_size + 15) / 16 * 16] = {};   // read by whole vectors

  one(const peers::store& s, const std::string& name) {
    const auto from = s.read<float>(name + "-x");
    std::copy(from.begin(), from.begin() + Model::input_size, x);
  }
  void call() override { net.forward(x); }
  std::vector<double> check() override {
    call();
    return {net.getOutputs(), net.getOutputs() + Model::output_size};
  }
};

using namespace RTNeural;
constexpr int h = whole(100), k = whole(273);
using small = ModelT<float, 2, 2, DenseT<float, 2, h>, ReLuActivationT<float, h>, DenseT<float, h, h>, ReLuActivationT<float, h>, DenseT<float, h, 2>>;
using linear = ModelT<float, 784, 10, DenseT<float, 784, k>, DenseT<float, k, 10>>;

const peers::add one_small("mlp_2_100_100_2/predict1", [](const peers::store& s) {
  auto w = std::make_unique<one<small>>(s, "mlp_2_100_100_2");
  const auto p = s.parameters("mlp_2_100_100_2");
  const float* from = p.data();
  load_layer(w->net.get<0>(), 2, 100, from);
  load_layer(w->net.get<2>(), 100, 100, from);
  load_layer(w->net.get<4>(), 100, 2, from);
  return w;
});
const peers::add one_linear("mlp_784_273_10/predict1", [](const peers::store& s) {
  auto w = std::make_unique<one<linear>>(s, "mlp_784_273_10");
  const auto p = s.parameters("mlp_784_273_10");
  const float* from = p.data();
  load_layer(w->net.get<0>(), 784, 273, from);
  load_layer(w->net.get<1>(), 273, 10, from);
  return w;
});
}
