// The published block against PyTorch's values and gradients (golden file), anywhere in a network.
#include "support/backends.hpp"
#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/worse.hpp"

#include <cosmoml/optim.hpp>
#include <cosmoml/papers/wavpool.hpp>
#include <cosmoml/train.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
namespace paper = cosmoml::papers::wavpool;
using tests::tested;
using S = tested::scalar;

namespace {
const auto golden = tests::read_golden("wavpool.txt");
const double tolerance = sizeof(S) == 4 ? 2e-6 : 1e-12;

void near(const ndarray<S>& got, const ndarray<double>& expected, double scale = 1) {
  REQUIRE(got.size() == expected.size());
  double worst = 0;
  for (index_t i = 0; i < got.size(); ++i) worst = tests::worse(worst, std::abs(double(got[i]) - expected[i]));
  CHECK(worst < tolerance * scale);
}

template <class Net>
void check(const std::string& mode) {
  model<Net, tested> m(key{1});
  m.set_canonical_parameters(golden.at("parameters"));
  m.load(golden.at("x"));
  const auto y = m.forward();
  ndarray<S> logits(2, 3);
  m.copy_output(logits.data());
  near(logits, golden.at("logits_" + mode));
  tested::buffer<int> labels(2);
  const int host[] = {2, 0};
  tested::from_host(m.context(), host, labels.data(), 2);
  const double loss = cross_entropy{}.evaluate<tested>(m.context(), y, m.output_gradient(), labels.data(), nullptr, S(0.5)) / 2;
  CHECK(std::abs(loss - golden.at("loss_" + mode)[0]) < tolerance);
  m.zero_gradients();
  const auto dx = m.backward_to_input();
  near(m.canonical_gradients(), golden.at("gradients_" + mode));
  using layout = typename model<Net, tested>::input_layout;
  ndarray<S> stored(layout::size(2)), gradient(2, 64);
  tested::to_host(m.context(), static_cast<const S*>(dx.data), stored.data(), layout::size(2));
  for (index_t n = 0; n < 2; ++n)
    for (index_t e = 0; e < 64; ++e) gradient[n * 64 + e] = stored[layout::offset(n, e)];
  near(gradient, golden.at("input_gradient_" + mode));
}
}

TEST_CASE("papers/wavpool: the stacked outputs of the perceptrons") {
  model<sequential<input<8, 8>, wavelet::multi_resolution_perceptron<6>>, tested> m(key{1});
  const auto& all = golden.at("parameters");
  m.set_canonical_parameters(std::vector<double>(all.begin(), all.begin() + m.parameter_count));
  near(m.predict(golden.at("x")), golden.at("stacked"));
}
TEST_CASE("papers/wavpool: logits, loss and every gradient with max pooling") {
  check<sequential<input<8, 8>, wavelet::multi_resolution_perceptron<6>, max_pool_over<window<2, 2, 2>>, flatten, dense<3>>>("max");
}
TEST_CASE("papers/wavpool: logits, loss and every gradient with average pooling") {
  check<sequential<input<8, 8>, wavelet::multi_resolution_perceptron<6>, average_pool_over<window<2, 2, 2>>, flatten, dense<3>>>("average");
}

TEST_CASE("papers/wavpool: parameters that the compiler calls dead have no gradient") {
  using net = paper::network<8, 6, 2, 3>;
  model<net, tested> m(key{1});
  ndarray<S> x(9, 64);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(key{2}.uniform(std::uint64_t(i)));
  m.load(x);
  m.forward();
  tested::assign(m.context(), m.output_gradient(), S(1));
  m.zero_gradients();
  m.backward();
  const auto g = m.canonical_gradients();
  index_t zero = 0;
  for (S v : g) zero += v == 0;
  CHECK(zero >= net::dead_parameter_count);
  // D of levels 0 and 1 and all of level 2, which an odd number of levels drops
  static_assert(net::dead_parameter_count == 2 * 2 + 3 * 5 + 3 * 6 * 17, "floor pooling by two");
}

TEST_CASE("papers/wavpool: the block may stand anywhere") {
  using tests::check_gradients;
  check_gradients<sequential<input<7>, dense<63>, reshape<9, 7>, paper::block<11, 2>, dense<3>>>();
  check_gradients<sequential<input<1, 9, 9>, paper::average_block<8, 2>, dense<5>, relu, dense<16>, reshape<4, 4>, paper::block<6, 2>, dense<2>>>();
  check_gradients<sequential<input<8, 8>, wavelet::multi_resolution_perceptron<5, wavelet::haar, wavelet::perceptron_options{.scaled = false, .approximation = true}, relu>,
                             max_pool_over<window<2, 1, 2>, pool_options{.leftover = leftover::keep}>, flatten, dense<2>>>();
  check_gradients<sequential<input<25>, wavelet::multi_resolution_perceptron<7, wavelet::daubechies<2>, wavelet::perceptron_options{.axes = 1}>, flatten, dense<2>>>();
}

TEST_CASE("papers/wavpool: a small network learns oriented gratings") {
  const int n = 256;
  ndarray<float> x(n, 16, 16);   // four levels: the pooling reads them all
  std::vector<int> label(n);
  for (int i = 0; i < n; ++i) {
    label[std::size_t(i)] = i % 4;   // orientation and scale
    for (int r = 0; r < 16; ++r)
      for (int c = 0; c < 16; ++c) {
        const int along = i % 2 ? r : c, period = i % 4 < 2 ? 2 : 4;
        x[(i * 16 + r) * 16 + c] = float((along + i / 4) % period < period / 2) + 0.3f * float(key{6}.normal(std::uint64_t((i * 16 + r) * 16 + c)));
      }
  }
  model<paper::network<16, 12, 2, 4>, tested> m(key{1});
  const auto all = train::pair_up(x, label);
  const auto r = train::fit(m, all.middle_rows(0, 192), all.middle_rows(192, 64), cross_entropy{}, optim::sgd{{.learning_rate = 0.3}}, {.epochs = 40, .batch_size = 32, .randomness = key{2}});
  CHECK(r.history.back().loss < 0.5 * r.history.front().loss);
}
