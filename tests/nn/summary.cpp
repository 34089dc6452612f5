#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/papers/wavpool.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::nn;

TEST_CASE("nn/summary: names, shapes, counts") {
  const std::string s = summary<sequential<input<3, 4>, flatten, named<"hidden", dense<5>>, relu, dense<2>>>();
  CHECK(s.find("(3, 4)") != std::string::npos);
  CHECK(s.find("hidden") != std::string::npos);
  CHECK(s.find("77 parameters\n") != std::string::npos);
  CHECK(s.find("never") == std::string::npos);
}

TEST_CASE("nn/summary: tells what the floor of a pooling kills") {
  const std::string s = summary<papers::wavpool::tuned_32>();
  CHECK(s.find("201672 parameters, of which 181610 can never change the output") != std::string::npos);
  CHECK(s.find("172704  never read") != std::string::npos);
}

TEST_CASE("nn/summary: where vectors run over the samples: between few channels, in training, unless it is switched off") {
  using few = sequential<input<1, 8, 8>, conv<8, 3>, relu, conv<4, 3>, relu, max_pool<2>, conv<20, 1>, flatten, dense<2>>;
  using B = backend::native<float>;
  const std::string with = model<few, B>(key{1}).summary(), without = model<few, B, mode::training, rewrites{.batch_vectors = false}>(key{1}).summary(),
                    predicting = model<few, B, mode::inference>(key{1}).summary();
  CHECK(with.find("padded rows to batch in vectors") != std::string::npos);
  CHECK(with.find("max_pool<2>: batch in vectors to channel blocks") != std::string::npos);
  CHECK(with.find("3 changes of layout") != std::string::npos);
  CHECK(without.find("batch in vectors") == std::string::npos);
  CHECK(predicting.find("batch in vectors") == std::string::npos);
  CHECK(model<sequential<input<1, 8, 8>, conv<32, 3>, relu, conv<20, 3>, flatten, dense<2>>, B>(key{1}).summary().find("batch in vectors") == std::string::npos);
}

TEST_CASE("nn/summary: what moves inside lists is counted, too") {
  using B = backend::native<float>;
  using net = sequential<input<1, 8, 8>, conv<20, 3, conv_options{.padding = 1}>, residual<sequential<conv<6, 3, conv_options{.padding = 1}>, relu, conv<20, 3, conv_options{.padding = 1}>>>,
                         conv<3, 1>, residual<sequential<conv<5, 1>, relu, conv<3, 1>>>, flatten, dense<3>>;
  const std::string s = model<net, B>(key{1}).summary(), plan = s.substr(s.find("\nplan\n"));
  const auto lines_with = [&plan](const std::string& what) {
    int n = 0;
    for (std::size_t begin = 0, end = 0; begin < plan.size(); begin = end + 1) {
      end = std::min(plan.find('\n', begin), plan.size());
      n += int(plan.substr(begin, end - begin).find(what) != std::string::npos);
    }
    return n;
  };
  const int moved = lines_with(" blocks to ") + lines_with(" rows to ") + lines_with(" vectors to ");
  CHECK(moved >= 2);
  CHECK(plan.find(std::to_string(moved) + " changes of layout, inputs copied: " + std::to_string(lines_with("of a copy"))) != std::string::npos);
  CHECK(lines_with("      ") >= 4);   // the second lists are shown
  CHECK(lines_with("of a copy") >= 2);
}
TEST_CASE("nn/summary: how a convolution is made, and the switch that forbids Winograd") {
  using B = backend::native<float>;
  using many = sequential<input<32, 20, 20>, conv<33, 3, conv_options{.padding = 1}>, relu, average_pool<10>, conv<20, 1>, flatten, dense<2>>;
  const std::string with = model<many, B>(key{1}).summary(), without = model<many, B, mode::training, rewrites{.winograd = false}>(key{1}).summary();
  CHECK(with.find("Winograd, tiles of ") != std::string::npos);
  CHECK(with.find("matrix product") != std::string::npos);
  CHECK(without.find("Winograd") == std::string::npos);
  CHECK(without.find("direct") != std::string::npos);
}
TEST_CASE("nn: the switch that forbids Winograd changes the sums, in all three passes") {
  using net = sequential<input<32, 12, 12>, conv<32, 3, conv_options{.padding = 1}>>;
  const auto pass = [](auto m) {
    using M = decltype(m);
    ndarray<float> x(8, M::input_size);
    for (index_t i = 0; i < x.size(); ++i) x[i] = key{2}.normal<float>(std::uint64_t(i));
    m.load(x);
    m.forward();
    for (index_t i = 0; i < m.output_gradient().storage(); ++i) m.output_gradient().data[i] = m.output().data[i];
    m.zero_gradients();
    const auto dx = m.backward_to_input();
    std::vector<double> squares(3);
    ndarray<float> y(8 * M::output_size);
    m.copy_output(y.data());
    for (index_t i = 0; i < y.size(); ++i) squares[0] += double(y[i]) * y[i];
    for (index_t i = 0; i < dx.storage(); ++i) squares[1] += double(dx.data[i]) * dx.data[i];
    const auto g = m.canonical_gradients();
    for (index_t i = 0; i < g.size(); ++i) squares[2] += double(g[i]) * g[i];
    return squares;
  };
  const auto with = pass(model<net, backend::native<float>>(key{1})), without = pass(model<net, backend::native<float>, mode::training, rewrites{.winograd = false}>(key{1})),
             truth = pass(model<net, backend::native<float>, mode::training, rewrites{.batch_vectors = false, .winograd = false}>(key{1}));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(with[i] != without[i]);   // other roundings
    CHECK(with[i] == doctest::Approx(without[i]).epsilon(1e-4));
    CHECK(without[i] == truth[i]);
  }
}

TEST_CASE("nn: shapes, counts and dead parameters are known to the compiler") {
  using net = sequential<input<10>, parallel<join::concatenate, dense<4>, sequential<dense<3>, relu>>, max_pool_over<window<2>>, dense<2>>;
  static_assert(std::is_same_v<net::output, shape<2>>, "two outputs");
  static_assert(net::parameter_count == 44 + 33 + 8, "every layer counts");
  static_assert(net::dead_parameter_count == 11, "the seventh of seven inputs fills no window: one unit of dense<3>");
  using kept = sequential<input<7>, max_pool_over<window<3>, pool_options{.leftover = leftover::keep}>>;
  static_assert(std::is_same_v<kept::output, shape<3>>, "two windows and one element left");
  using partial = sequential<input<8>, max_pool_over<window<3>, pool_options{.leftover = leftover::partial}>>;
  static_assert(std::is_same_v<partial::output, shape<3>>, "three windows, the last of two");
  CHECK(net::dead_parameter_count == 11);
}
