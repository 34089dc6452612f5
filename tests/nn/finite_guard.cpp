// Compiled with COSMOML_CHECKS=2: a pass stops at the first number that is not finite and names its layer and sample.
#include "support/scratch.hpp"

#include <doctest/doctest.h>

#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <cmath>
#include <limits>

static_assert(COSMOML_CHECKS == 2, "cosmoml: tests/CMakeLists.txt sets the level of this file");

using namespace cosmoml;
using namespace cosmoml::nn;

using tests::message, tests::says;

namespace {

// All weights 1 and all biases 0 but for one layer, whose weights are the largest number (or a part of it): only samples that are not zero overflow there.
template <class M>
void overflow_in(M& m, const std::string& layer, double part = 1) {
  using S = typename M::scalar;
  std::vector<S> p;
  m.fields([&](const std::string& path, const field& f, auto) {
    const bool bias = path.size() > 4 && path.substr(path.size() - 4) == "bias";
    p.insert(p.end(), std::size_t(f.shape.size()), bias ? S(0) : path == layer + ".weight" ? S(part * double(std::numeric_limits<S>::max())) : S(1));
  });
  m.set_canonical_parameters(p);
}
using deep = sequential<input<3>, dense<4>, relu, named<"body", sequential<dense<5>, relu, named<"out", dense<6>>>>,
                        parallel<join::concatenate, named<"left", sequential<dense<2>, relu>>, sequential<dense<3>>>, residual<sequential<dense<5>, relu>>, dense<2>>;
}

TEST_CASE_TEMPLATE("nn/finite_guard: layer and sample are named, in training and in prediction, whole and in pieces", B, backend::reference<double>, backend::native<float>) {
  using S = typename B::scalar;
  ndarray<S> x(11, 3);
  for (index_t e = 0; e < 3; ++e) x[7 * 3 + e] = S(1 + e);
  const char* const where[][2] = {{"0", "layer 1 (relu)"}, {"body.0", "layer body.1 (relu)"}, {"body.out", "layer body.out (dense<6>)"}, {"3.left.0", "layer 3.left.1 (relu)"},
                                  {"3.1.0", "layer 3.1.0 (dense<3>)"}, {"4.body.0", "layer 4.body.1 (relu)"}, {"5", "layer 5 (dense<2>)"}};
  for (const auto& [layer, name] : where) {
    INFO(layer);
    model<deep, B> m(key{1});
    overflow_in(m, layer);
    model<deep, B, mode::inference> one(m), three(m, {.max_batch = 3});
    for (const std::string& found : {message<numerical_error>([&] { m.load(x), m.forward(); }), message<numerical_error>([&] { m.predict(x); }), message<numerical_error>([&] { one.predict(x); }), message<numerical_error>([&] { three.predict(x); })}) {
      INFO(found);
      says(found, name);
      says(found, "is not finite for sample 7;");
    }
    x[7 * 3] = x[7 * 3 + 1] = x[7 * 3 + 2] = 0;
    CHECK(message<numerical_error>([&] { m.predict(x), m.load(x), m.forward(), three.predict(x); }) == "no error");
    for (index_t e = 0; e < 3; ++e) x[7 * 3 + e] = S(1 + e);
  }
}

namespace {
// Blocked maps of many channels, and of few with the batch in the vectors.
template <int Channels>
using maps = sequential<input<2, 8, 8>, named<"stem", conv<Channels, 3, conv_options{.padding = 1}>>, batch_norm<>, relu, max_pool<2>, flatten, dense<4>>;
template <int Channels>
using block = sequential<input<2, 8, 8>, conv<Channels, 3, conv_options{.padding = 1}>, residual<sequential<conv<Channels, 3, conv_options{.padding = 1}>, batch_norm<>, relu, conv<Channels, 3, conv_options{.padding = 1}>>>, max_pool<2>, flatten, dense<3>>;

template <class Net, class B>
void check_maps(std::initializer_list<std::pair<std::string, std::string>> where) {
  using S = typename B::scalar;
  constexpr index_t size = Net::input_extents.size();
  ndarray<S> x(index_t(11), size);
  for (index_t e = 0; e < size; ++e) x[7 * size + e] = S(100 + e % 3);
  for (const auto& [layer, name] : where) {
    INFO(layer);
    model<Net, B> m(key{1});
    const auto check = [&](const char* sample) {
      const auto named = [&](auto&& call) {
        const std::string found = message<numerical_error>(call);
        says(found, "the output of layer " + name + " is not finite for sample " + sample + ";");
      };
      named([&] { m.load(x), m.forward(); });
      named([&] { m.predict(x); });
      named([&] { model<Net, B, mode::inference>(m, {.max_batch = 4}).predict(x); });
    };
    overflow_in(m, layer, name.ends_with("(relu)") ? 1 : 1.0 / 16);   // sums of a kernel's weights, as Winograd's convolutions have them, stay finite
    check("7");
    m.load(x);
    CHECK(m.not_finite() == "the output of layer " + name);
    // a parameter that is no number, which no function hides
    auto p = m.canonical_parameters();
    index_t at = 0;
    m.fields([&](const std::string& path, const field& f, auto) {
      for (index_t e = 0; e < f.shape.size(); ++e, ++at) p[at] = path == layer + ".bias" ? S(NAN) : path.ends_with("bias") ? S(0) : S(1);
    });
    m.set_canonical_parameters(p);
    check("0");
    CHECK(m.not_finite() == "parameter " + layer + ".bias");
  }
}
}

TEST_CASE_TEMPLATE("nn/finite_guard: convolutions, norms, pools and sums: the layer within is named, with many channels and with few", B, backend::reference<double>, backend::native<float>) {
  if constexpr (std::is_same_v<B, backend::native<float>>) {   // elsewhere channels are no matter
    check_maps<maps<20>, B>({{"stem", "stem (conv<20, 3> padding 1)"}, {"1", "2 (relu)"}, {"5", "5 (dense<4>)"}});
    check_maps<block<20>, B>({{"0", "0 (conv<20, 3> padding 1)"}, {"1.body.0", "1.body.0 (conv<20, 3> padding 1)"}, {"1.body.1", "1.body.2 (relu)"}, {"1.body.3", "1.body.3 (conv<20, 3> padding 1)"}, {"4", "4 (dense<3>)"}});
  }
  check_maps<maps<3>, B>({{"stem", "stem (conv<3, 3> padding 1)"}, {"1", "2 (relu)"}, {"5", "5 (dense<4>)"}});
  check_maps<block<3>, B>({{"0", "0 (conv<3, 3> padding 1)"}, {"1.body.0", "1.body.0 (conv<3, 3> padding 1)"}, {"1.body.1", "1.body.2 (relu)"}, {"1.body.3", "1.body.3 (conv<3, 3> padding 1)"}, {"4", "4 (dense<3>)"}});
}

TEST_CASE_TEMPLATE("nn/finite_guard: no function of each element hides what is not a number", B, backend::reference<double>, backend::native<float>) {
  using S = typename B::scalar;
  const auto check = [&]<class F>(F) {
    model<sequential<input<3>, dense<9>, F, dense<2>>, B> m(key{1});
    auto p = m.canonical_parameters();
    p[3 * 9 + 4] = S(NAN);   // a bias
    m.set_canonical_parameters(p);
    says(message<numerical_error>([&] { m.predict(ndarray<S>(5, 3)); }), "the output of layer 1 (" + F::label() + ") is not finite for sample 0;");
  };
  check(relu{}), check(leaky_relu<>{}), check(elu<>{}), check(selu{}), check(silu{}), check(gelu{}), check(gelu_tanh{}), check(sigmoid{}), check(tanh_layer{}), check(softplus<>{});
}

TEST_CASE("nn/finite_guard: an input that is not finite") {
  using S = float;
  model<deep, backend::native<S>> m(key{1});
  ndarray<S> x(5, 3);
  x[2 * 3 + 1] = NAN;
  says(message<numerical_error>([&] { m.predict(x); }), "model.predict: the input is not finite for sample 2;");
  m.load(x);
  says(message<numerical_error>([&] { m.forward(); }), "model.forward: the input is not finite for sample 2;");
  CHECK(m.not_finite() == "the input");
}

TEST_CASE("nn/finite_guard: a wide batch that goes in tiles at other levels") {
  using net = sequential<input<64>, dense<128>, relu, dense<3>>;
  using S = float;
  model<net, backend::native<S>> m(key{1});
  overflow_in(m, "2");
  ndarray<S> x(5000, 64);
  x[4321 * 64 + 5] = 1;
  says(message<numerical_error>([&] { m.predict(x); }), "layer 2 (dense<3>) is not finite for sample 4321;");
  m.load(x);
  backend::native<S>::buffer<S> targets(5000 * 3);
  says(message<numerical_error>([&] { m.add_gradients(mean_squared_error{}, targets.data(), nullptr, S(1)); }), "layer 2 (dense<3>) is not finite for sample 4321;");
}

TEST_CASE("nn/finite_guard: a run that diverges names layer, sample and batch, and gives the last good parameters back") {
  using S = float;
  model<sequential<input<2>, dense<8>, relu, named<"head", dense<3>>>, backend::native<S>> m(key{1});
  const auto before = m.canonical_parameters();
  ndarray<S> x(60, 2), y(60, 3);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(key{2}.normal(std::uint64_t(i)));
  for (index_t i = 0; i < y.size(); ++i) y[i] = 1;
  const auto found = message<numerical_error>([&] { train::fit(m, train::pair_up(x, y), mean_squared_error{}, optim::sgd{{.learning_rate = 1e30}}, {.epochs = 3, .batch_size = 20, .shuffle = false}); });
  INFO(found);
  says(found, "is not finite for sample ");
  says(found, "in epoch 0, batch 1, after 1 steps");
  says(found, "the output of layer head (dense<3>)");
  const auto after = m.canonical_parameters();
  for (index_t i = 0; i < before.size(); ++i) CHECK(before[i] == after[i]);
}
TEST_CASE("nn/finite_guard: a run of convolutions that diverges names the one within the sum") {
  using S = float;
  model<block<3>, backend::native<S>> m(key{1});
  const auto before = m.canonical_parameters(), statistics = m.canonical_statistics();
  ndarray<S> x(index_t(60), index_t(2), index_t(8), index_t(8));
  std::vector<int> label(60);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{2}.normal<S>(std::uint64_t(i));
  for (std::size_t i = 0; i < label.size(); ++i) label[i] = int(i % 3);
  const auto found = message<numerical_error>([&] { train::fit(m, train::pair_up(x, label), cross_entropy{}, optim::sgd{{.learning_rate = 1e28}}, {.epochs = 3, .batch_size = 20, .shuffle = false}); });
  INFO(found);
  says(found, "in epoch 0, batch 1, after 1 steps");
  says(found, "the first numbers that are not finite: the output of layer 1.body.0 (conv<3, 3> padding 1)");
  const auto after = m.canonical_parameters(), kept = m.canonical_statistics();
  for (index_t i = 0; i < before.size(); ++i) CHECK(before[i] == after[i]);
  for (index_t i = 0; i < kept.size(); ++i) CHECK(statistics[i] == kept[i]);
}
