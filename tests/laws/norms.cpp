// Normalisation and dropout: closed forms, statistics, gradients; networks with several inputs and outputs.
#include "support/layers.hpp"

#include <cmath>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::check_gradients;
using tests::tested;

namespace {
using S = tested::scalar;
constexpr double margin = sizeof(S) == 4 ? 2e-5 : 1e-11;

ndarray<S> noise(std::vector<index_t> extents, double scale = 1, double shift = 0) {
  ndarray<S> x(std::move(extents));
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(shift + scale * (2 * key{3}.uniform(std::uint64_t(i)) - 1));
  return x;
}
template <class M>
ndarray<S> trained_output(M& m, const ndarray<S>& x, key k = {}) {
  m.load(x);
  m.forward(k);
  ndarray<S> y(x.rows(), M::output_size);
  m.copy_output(y.data());
  return y;
}
constexpr conv_options box{.padding = same, .edge = edge::periodic};
}

TEST_CASE("laws/norms: gradients of batch_norm, alone, inside composites, without parameters, on one map, on features") {
  check_gradients<sequential<input<3, 4, 5>, batch_norm<>, relu, conv<2, 3>>>();
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<1, 3, 2, 4>, batch_norm<batch_norm_options{.affine = false}>>>({.batch = 1});
#endif
  check_gradients<sequential<input<7>, dense<5>, batch_norm<>, relu, dense<3>>>({.batch = 5});
  check_gradients<sequential<input<2, 5, 3>, residual<sequential<conv<3, 3, box>, batch_norm<>, relu, conv<2, 1>, batch_norm<>>, batch_norm<>>,
                             parallel<join::concatenate, sequential<conv<2, 1>, batch_norm<>>, batch_norm<>>>>();
}
TEST_CASE("laws/norms: gradients of layer_norm") {
  check_gradients<sequential<input<9>, layer_norm<>, dense<2>>>();
  check_gradients<sequential<input<3, 4, 5>, layer_norm<layer_norm_options{.axes = 1}>, relu, layer_norm<layer_norm_options{.axes = 2, .affine = false}>>>({.batch = 1});
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<3, 4>, conv<2, 3>, layer_norm<>>>();
#endif
}
TEST_CASE("laws/norms: gradients of dropout, with the mask that the key fixes") {
#if !defined(COSMOML_TEST_FEW)
  check_gradients<sequential<input<11>, dense<7>, dropout<>, dense<3>>>();
#endif
  check_gradients<sequential<input<5, 3, 3>, dropout<dropout_options{.rate = 0.3, .channels = true}>, conv<2, 3>>>({.batch = 7});
  check_gradients<sequential<input<2, 5, 6>, conv<11, 3, box>, dropout<dropout_options{.rate = 0.3}>, conv<2, 3>>>();
}

TEST_CASE("laws/norms: a Gaussian sample has the mean and variance it is told, and their gradients") {
  check_gradients<sequential<input<5>, dense<6>, gaussian_sample, dense<2>>>();
  model<sequential<input<2>, gaussian_sample>, tested> m(key{1});
  ndarray<S> x(4000, 2);
  for (index_t n = 0; n < 4000; ++n) x[2 * n] = S(3), x[2 * n + 1] = S(std::log(0.25));
  double sum = 0, squares = 0;
  for (S v : trained_output(m, x, key{5})) sum += double(v), squares += (double(v) - 3) * (double(v) - 3);
  CHECK(std::abs(sum / 4000 - 3) < 4 * 0.5 / std::sqrt(4000.0));
  CHECK(std::abs(squares / 4000 - 0.25) < 4 * 0.25 * std::sqrt(2 / 4000.0));
  for (S v : m.predict(x)) CHECK(v == 3);
}

TEST_CASE("laws/norms: batch_norm in training and what it remembers") {
  using net = sequential<input<3, 2, 5>, named<"norm", batch_norm<>>>;
  static_assert(net::parameter_count == 6);
  model<net, tested> m(key{1});
  CHECK(m.parameters().size() >= 6);
  std::vector<std::string> paths;
  m.statistics_fields([&](const std::string& path, const field& f, auto) { paths.push_back(path + (f.integer ? " integer" : "")); });
  CHECK(paths == std::vector<std::string>{"norm.running_mean", "norm.running_var", "norm.num_batches_tracked integer"});

  std::vector<double> mean(3), variance(3, 1);
  for (int step = 0; step < 3; ++step) {
    const auto x = noise({4, 3, 2, 5}, 2 + step, 10.0 * step);
    const auto y = trained_output(m, x);
    for (int c = 0; c < 3; ++c) {
      double sum = 0, squares = 0;
      for (index_t n = 0; n < 4; ++n)
        for (index_t e = 0; e < 10; ++e) sum += double(x[(n * 3 + c) * 10 + e]);
      for (index_t n = 0; n < 4; ++n)
        for (index_t e = 0; e < 10; ++e) squares += std::pow(double(x[(n * 3 + c) * 10 + e]) - sum / 40, 2);
      for (index_t n = 0; n < 4; ++n)
        for (index_t e = 0; e < 10; ++e)
          CHECK(std::abs(double(y[(n * 3 + c) * 10 + e]) - (double(x[(n * 3 + c) * 10 + e]) - sum / 40) / std::sqrt(squares / 40 + 1e-5)) < margin);
      mean[std::size_t(c)] = 0.9 * mean[std::size_t(c)] + 0.1 * sum / 40;
      variance[std::size_t(c)] = 0.9 * variance[std::size_t(c)] + 0.1 * squares / 39;
    }
  }
  const auto kept = m.canonical_statistics();
  REQUIRE(kept.size() == 7);
  for (int c = 0; c < 3; ++c) {
    CHECK(double(kept[c]) == doctest::Approx(mean[std::size_t(c)]).epsilon(margin));
    CHECK(double(kept[3 + c]) == doctest::Approx(variance[std::size_t(c)]).epsilon(margin));
  }
  CHECK(kept[6] == 3);
  // Inference takes the running values, here and in a model made of this one.
  const auto x = noise({2, 3, 2, 5});
  const auto y = m.predict(x);
  model<net, tested, mode::inference> copy(m);
  const auto again = copy.predict(x);
  for (index_t i = 0; i < y.size(); ++i) {
    const std::size_t c = std::size_t(i / 10 % 3);
    CHECK(std::abs(double(y[i]) - (double(x[i]) - mean[c]) / std::sqrt(variance[c] + 1e-5)) < margin);
    CHECK(y[i] == again[i]);
  }
}
TEST_CASE("laws/norms: momentum 0 is the plain mean over batches") {
  model<sequential<input<2>, batch_norm<batch_norm_options{.momentum = 0}>>, tested> m(key{1});
  trained_output(m, noise({8, 2}, 1, 3));
  trained_output(m, noise({8, 2}, 1, 5));
  const auto x = noise({8, 2});
  double mean = 0;
  for (index_t n = 0; n < 8; ++n) mean += double(x[2 * n]) / 8;
  CHECK(double(m.canonical_statistics()[0]) == doctest::Approx(mean + 4).epsilon(1e-5));
}
TEST_CASE("laws/norms: statistics of two domains do not mix") {
  using net = sequential<input<2, 3>, batch_norm<batch_norm_options{.domains = 2}>>;
  model<net, tested> m(key{1});
  trained_output(m, noise({4, 2, 3}, 1, 7));
  m.use_domain(1);
  trained_output(m, noise({4, 2, 3}, 2, -7));
  trained_output(m, noise({4, 2, 3}, 2, -7));
  const auto kept = m.canonical_statistics();   // means (2, 2), variances (2, 2), batches (2)
  REQUIRE(kept.size() == 10);
  CHECK(kept[0] > 0.5);
  CHECK(kept[2] < -1);
  CHECK(kept[8] == 1);
  CHECK(kept[9] == 2);
  const auto x = noise({1, 2, 3});
  const auto second = m.predict(x);
  m.use_domain(0);
  CHECK(m.predict(x)[0] != second[0]);
  static_assert(net::parameter_count == 8);   // gain and bias of each domain
  m.load(x);
  m.use_domain(1);
  m.zero_gradients();
  m.forward();
  tested::assign(m.context(), m.output_gradient(), S(1));
  m.backward();
  const auto g = m.canonical_gradients();   // weight (2, 2), bias (2, 2)
  CHECK(g[4] == 0);
  CHECK(g[6] == 3);
  m.use_domain(2);
  CHECK_THROWS_AS(m.predict(x), invalid_argument);
}
TEST_CASE("laws/norms: each of several domains is a norm of its own: outputs, gradients, statistics, inference") {
  using several = sequential<input<3, 2, 5>, batch_norm<batch_norm_options{.domains = 2}>>;
  using single = sequential<input<3, 2, 5>, batch_norm<>>;
  model<several, tested> m(key{1});
  std::vector<model<single, tested>> alone;
  const auto p = noise({12});   // weight (2, 3), bias (2, 3)
  m.set_canonical_parameters(p);
  for (int d = 0; d < 2; ++d) {
    alone.emplace_back(key{1});
    ndarray<S> own(6);
    for (int c = 0; c < 3; ++c) own[c] = p[3 * d + c], own[3 + c] = p[6 + 3 * d + c];
    alone.back().set_canonical_parameters(own);
  }
  const auto alike = [](const auto& a, const auto& b) {
    REQUIRE(a.size() == b.size());
    for (index_t i = 0; i < a.size(); ++i) CHECK(double(a[i]) == doctest::Approx(double(b[i])).epsilon(margin).scale(1));
  };
  // Forward and backward; parameter gradients are those of the model's, the input's are returned.
  const auto passed = [&](auto& net, const ndarray<S>& x, const ndarray<S>& r, ndarray<S>& y) {
    using M = std::remove_cvref_t<decltype(net)>;
    y = trained_output(net, x);
    tensor<tested, typename M::network::output, typename M::output_layout> cotangent(net.context(), r);
    tested::copy(net.context(), static_cast<const S*>(cotangent.view().data), net.output_gradient().data, cotangent.view().storage());
    net.zero_gradients();
    const auto dx = net.backward_to_input();
    ndarray<S> all(x.extents());
    for (index_t n = 0; n < x.rows(); ++n)
      for (index_t e = 0; e < 30; ++e) tested::to_host(net.context(), static_cast<const S*>(dx.data) + M::input_layout::offset(n, e), &all[n * 30 + e], 1);
    return all;
  };
  std::uint64_t step = 0;
  for (int d : {0, 1, 1, 0, 1}) {
    INFO("batch ", step);
    auto x = noise({3 + d, 3, 2, 5}, 1 + double(step), d ? -4 : 7);
    const auto r = noise({3 + d, 3, 2, 5}, 1, 0.3 * double(step++));
    for (index_t i = 0; i < x.size(); ++i) x[i] += S(key{step}.uniform(std::uint64_t(i)));
    ndarray<S> y, own_y;
    m.use_domain(d);
    const auto dx = passed(m, x, r, y), own_dx = passed(alone[std::size_t(d)], x, r, own_y);
    alike(y, own_y);
    alike(dx, own_dx);
    const auto g = m.canonical_gradients(), own_g = alone[std::size_t(d)].canonical_gradients();
    for (int c = 0; c < 3; ++c)
      for (int part = 0; part < 2; ++part) {
        CHECK(double(g[6 * part + 3 * d + c]) == doctest::Approx(double(own_g[3 * part + c])).epsilon(margin).scale(1));
        CHECK(g[6 * part + 3 * (1 - d) + c] == 0);
      }
    // statistics: mean (2, 3), variance (2, 3), batches (2)
    const auto kept = m.canonical_statistics();
    for (int e = 0; e < 2; ++e) {
      const auto own = alone[std::size_t(e)].canonical_statistics();
      for (int c = 0; c < 3; ++c)
        for (int part = 0; part < 2; ++part) CHECK(double(kept[6 * part + 3 * e + c]) == doctest::Approx(double(own[3 * part + c])).epsilon(margin));
      CHECK(kept[12 + e] == own[6]);
    }
  }
  const auto x = noise({4, 3, 2, 5}, 5);
  for (int d = 0; d < 2; ++d) {
    m.use_domain(d);
    alike(m.predict(x), alone[std::size_t(d)].predict(x));
  }
}
TEST_CASE("laws/norms: gradients of the second domain") {
  using two = batch_norm<batch_norm_options{.domains = 2}>;
  check_gradients<sequential<input<3, 4, 5>, two, relu, conv<2, 3>, two>>({.domain = 1});
}
TEST_CASE("laws/norms: one number a channel has no variance") {
  model<sequential<input<3>, batch_norm<>>, tested> m(key{1});
  m.load(noise({1, 3}));
  CHECK_THROWS_AS(m.forward(), invalid_argument);
}
TEST_CASE("laws/norms: layer_norm against its definition") {
  model<sequential<input<4, 5>, layer_norm<layer_norm_options{.axes = 1}>>, tested> m(key{1});
  const auto x = noise({2, 4, 5}, 3, 20);
  const auto y = trained_output(m, x);
  for (index_t r = 0; r < 8; ++r) {
    double mean = 0, variance = 0;
    for (index_t e = 0; e < 5; ++e) mean += double(x[r * 5 + e]) / 5;
    for (index_t e = 0; e < 5; ++e) variance += std::pow(double(x[r * 5 + e]) - mean, 2) / 5;
    for (index_t e = 0; e < 5; ++e) CHECK(std::abs(double(y[r * 5 + e]) - (double(x[r * 5 + e]) - mean) / std::sqrt(variance + 1e-5)) < 10 * margin);
  }
}

TEST_CASE_TEMPLATE("laws/norms: dropout of maps and of long rows drops what the reference drops", Net, sequential<input<2, 17, 33>, conv<11, 3, box>, dropout<dropout_options{.rate = 0.3}>, conv<3, 3, box>>,
                   sequential<input<3, 5, 6, 7>, conv<8, 3, box>, dropout<>, conv<9, 1>>, sequential<input<1037>, dropout<>, dense<2>>) {
  model<Net, tested> m(key{1});
  model<Net, backend::reference<double>> judge(key{1});
  m.set_canonical_parameters(judge.canonical_parameters());
  const auto x = noise({3, Net::input_extents.size()});
  const auto y = trained_output(m, x, key{5});
  judge.load(x);
  judge.forward(key{5});
  ndarray<double> expected(3, judge.output_size);
  judge.copy_output(expected.data());
  for (index_t i = 0; i < y.size(); ++i) CHECK(double(y[i]) == doctest::Approx(expected[i]).epsilon(1e3 * margin).scale(1));
}

TEST_CASE("laws/norms: dropout drops the same elements everywhere, as many as it should, and none in inference") {
  using net = sequential<input<37>, dropout<dropout_options{.rate = 0.3}>>;
  model<net, tested> m(key{1});
  model<net, backend::reference<double>> judge(key{1});
  ndarray<S> x(101, 37);
  for (S& v : x) v = 1;
  const auto y = trained_output(m, x, key{5});
  ndarray<double> expected(101, 37);
  judge.load(x);
  judge.forward(key{5});
  judge.copy_output(expected.data());
  index_t dropped = 0;
  for (index_t i = 0; i < y.size(); ++i) {
    CHECK(double(y[i]) == doctest::Approx(expected[i]).epsilon(1e-6));
    dropped += y[i] == 0;
  }
  CHECK(std::abs(double(dropped) / double(y.size()) - 0.3) < 4 * std::sqrt(0.21 / double(y.size())));
  const auto other = trained_output(m, x, key{6});
  index_t moved = 0;
  for (index_t i = 0; i < y.size(); ++i) moved += (y[i] == 0) != (other[i] == 0);
  CHECK(moved > 1000);
  for (S v : m.predict(x)) CHECK(v == 1);
}

namespace {
// region: inputs
using data = inputs<named<"image", input<1, 4, 3>>, named<"radius", input<2>>>;
using two_headed = sequential<data, merge<join::concatenate, sequential<from<data, "image">, conv<2, 3, box>, relu, flatten>, from<data, "radius">>, dense<6>,
                              heads<named<"mean", dense<3>>, named<"map", sequential<reshape<2, 3>, conv<2, 2>>>>>;
// end region
}
TEST_CASE("laws/norms: several inputs and outputs") {
  static_assert(data::shape_type::value == extents{14} && two_headed::output::value == extents{7});
  check_gradients<two_headed>();
  check_gradients<sequential<data, heads<from<data, "radius">, sequential<from<data, "image">, conv<1, 2>>>>>({.batch = 1});
  const auto image = noise({5, 1, 4, 3}), radius = noise({5, 2}, 3, 1);
  // region: pack
  const auto x = pack<data, S>(image, radius);
  // end region
  REQUIRE(x.size() == 70);
  CHECK(x[14 * 3 + 5] == image[12 * 3 + 5]);
  CHECK(x[14 * 3 + 12 + 1] == radius[2 * 3 + 1]);
  CHECK_THROWS_AS((pack<data, S>(image, noise({4, 2}))), shape_mismatch);
  using outputs = heads<named<"mean", dense<3>>, named<"map", sequential<reshape<2, 3>, conv<2, 2>>>>;
  // region: place
  constexpr auto map = outputs::place<"map">(extents{6});   // in each sample of a prediction
  static_assert(map.begin == 3 && map.shape == extents{2, 2});
  // end region
}
