// Narrow versions of the papers' networks with PyTorch's weights: outputs equal PyTorch's. Made by golden/make_networks.py.
#include "support/folder.hpp"
#include "support/worse.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>

#include <cosmoml/io/state_dict.hpp>
#include <cosmoml/nn/model.hpp>
#include <cosmoml/papers/deepadversaries.hpp>
#include <cosmoml/papers/deepastrouda.hpp>
#include <cosmoml/papers/deepcmb.hpp>
#include <cosmoml/papers/deepsz.hpp>
#include <cosmoml/papers/halo_profiles.hpp>
#include <cosmoml/papers/wavpool.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
// Layers are held to PyTorch on every backend in nn/pytorch_layers.cpp; whole networks where all is planned and where nothing is.
using fast = backend::native<float>;
using plain = backend::reference<double>;
const std::string folder = std::string(tests::folder) + "/golden/networks/";

ndarray<double> array(const std::string& name) {
  static const io::safetensors file = io::read_safetensors(folder + "arrays.safetensors");
  const io::safetensor* t = file.find(name);
  REQUIRE_MESSAGE(t != nullptr, name);
  ndarray<double> a(t->shape.empty() ? std::vector<index_t>{1} : t->shape);
  for (index_t i = 0; i < a.size(); ++i) a[i] = file.element(*t, i);
  return a;
}
template <class A, class B>
void near(const A& got, const B& expected, double tolerance = 1e-4) {
  REQUIRE(got.size() == expected.size());
  double worst = 0, squares = 0;
  for (index_t i = 0; i < expected.size(); ++i) {
    worst = tests::worse(worst, std::abs(double(got[i]) - expected[i]));
    squares += expected[i] * expected[i];
  }
  CHECK(worst < tolerance * std::sqrt(squares / double(expected.size())));
}
template <class Net, class B>
void check_on(const std::string& name) {
  INFO(std::string(B::name));
  model<Net, B, mode::inference> m(key{1}, {.max_batch = 4});
  io::load_weights(folder + name + ".safetensors", m);
  near(m.predict(array(name + ".x0")), array(name + ".y"));
}
template <class Net>
void check(const std::string& name) {
  check_on<Net, fast>(name);
  check_on<Net, plain>(name);
}
}

TEST_CASE_TEMPLATE("papers/networks: DeepAdversaries' ConvNet, as trained too, and the statistics behind it", B, fast, plain) {
  using net = papers::deepadversaries::convnet<16, 2, 5>;
  using S = typename B::scalar;
  check_on<net, B>("convnet");
  model<net, B> m(key{1});
  io::load_weights(folder + "convnet.safetensors", m);
  m.load(array("convnet.x0"));
  m.forward();
  ndarray<S> y(3, 3);
  m.copy_output(y.data());
  near(y, array("convnet.trained"));
  const auto kept = m.canonical_statistics();
  index_t at = 0;
  m.statistics_fields([&](const std::string& path, const field& f, auto) {
    const auto expected = array("convnet.after." + path);
    near(ndarray<S>({f.shape.size()}, {kept.data() + at, kept.data() + at + f.shape.size()}), expected);
    at += f.shape.size();
  });
  CHECK(at == kept.size());
}
TEST_CASE("papers/networks: DeepAdversaries' ResNet18") { check<papers::deepadversaries::resnet18<33, 2, 6>>("resnet18"); }
TEST_CASE("papers/networks: DeepAstroUDA's ResNet50") { check<papers::deepastrouda::resnet50<33, 2>>("resnet50"); }
TEST_CASE("papers/networks: DeepSZ") { check<papers::deepsz::network<32, 2, 8>>("deepsz"); }
TEST_CASE("papers/networks: DeepCMB's ResUNet") { check<papers::deepcmb::resunet<16, 3>>("resunet"); }
TEST_CASE("papers/networks: halo formation") { check<papers::halo_formation::network<6, 2, 2, 3>>("halo"); }
TEST_CASE("papers/networks: WavPool's convolutional baseline") { check<papers::wavpool::cnn_baseline<9, 2, 3, 4, 5>>("wavpool_cnn"); }
TEST_CASE_TEMPLATE("papers/networks: the variational encoder of halo profiles, image and radius", B, fast, plain) {
  using namespace papers::halo_profiles;
  using encode = sequential<block<2>, block<3, false>, flatten, dense<6>>;
  model<papers::halo_profiles::network<6, 3, encode, papers::halo_profiles::decoder<3, 5>>, B, mode::inference> m(key{1}, {.max_batch = 3});
  io::load_weights(folder + "ive.safetensors", m);
  near(m.predict(pack<data<6>, typename B::scalar>(array("ive.x0"), array("ive.x1"))), array("ive.y"));
}
