// Layers whose parameters several places share: counted, named and stored once; every place adds to the gradient.
#include "support/layers.hpp"

#include <cmath>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::check_gradients;
using tests::tested;

namespace {
using S = tested::scalar;
constexpr double margin = sizeof(S) == 4 ? 2e-5 : 1e-11;
constexpr conv_options box{.padding = same, .edge = edge::periodic};

// region: siamese
using tower = shared<"tower", sequential<dense<5>, nn::sigmoid, dense<3>>>;
using siamese = sequential<input<8>, parallel<join::concatenate, on<slice<0, 4>, tower>, sequential<slice<4, 4>, tower>>, dense<2>>;
static_assert(siamese::parameter_count == (4 * 5 + 5 + 5 * 3 + 3) + (6 * 2 + 2));
// end region
using apart = sequential<input<8>, parallel<join::concatenate, on<slice<0, 4>, sequential<dense<5>, nn::sigmoid, dense<3>>>, on<slice<4, 4>, sequential<dense<5>, nn::sigmoid, dense<3>>>>, dense<2>>;

ndarray<S> noise(std::vector<index_t> extents, std::uint64_t stream = 3) {
  ndarray<S> x(std::move(extents));
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{stream}.uniform(std::uint64_t(i)) - 1);
  return x;
}
template <class M>
std::vector<std::string> paths(M& m) {
  std::vector<std::string> p;
  m.fields([&](const std::string& path, const field&, auto) { p.push_back(path); });
  m.statistics_fields([&](const std::string& path, const field&, auto) { p.push_back(path); });
  return p;
}
}

TEST_CASE("laws/shared: gradients, in branches, before every other layer, in both branches of a residual, in one another") {
  check_gradients<siamese>();
  check_gradients<sequential<input<4>, shared<"a", dense<4>>, relu, residual<shared<"a", dense<4>>, shared<"a", dense<4>>>>>();
  check_gradients<sequential<input<5>, shared<"a", sequential<dense<5>, shared<"b", dense<5>>, nn::sigmoid>>, shared<"a", sequential<dense<5>, shared<"b", dense<5>>, nn::sigmoid>>, shared<"b", dense<5>>>>({.batch = 1});
}
TEST_CASE("laws/shared: gradients of a convolution on maps of two sizes, of norms and dropout") {
  using filter = shared<"filter", conv<3, 3, box>>;
  check_gradients<sequential<input<3, 4, 6>, filter, relu, max_pool<2>, filter, flatten, dense<2>>>();
  using normed = shared<"normed", sequential<conv<2, 3, box>, batch_norm<>, dropout<dropout_options{.rate = 0.3}>>>;
  check_gradients<sequential<input<2, 3, 5>, residual<normed>, normed>>({.batch = 5});
}

TEST_CASE("laws/shared: the gradient is the sum of those of the places") {
  model<siamese, tested> one(key{1});
  model<apart, tested> two(key{2});
  CHECK(paths(one) == std::vector<std::string>{"1.weight", "1.bias", "tower.0.weight", "tower.0.bias", "tower.2.weight", "tower.2.bias"});
  const auto p = one.canonical_parameters();
  REQUIRE(p.size() == 57);
  ndarray<S> q(14 + 2 * 43);   // both towers, then the last layer
  for (index_t i = 0; i < 43; ++i) q[i] = q[43 + i] = p[14 + i];
  for (index_t i = 0; i < 14; ++i) q[86 + i] = p[i];
  two.set_canonical_parameters(q);
  const auto x = noise({3, 8});
  ndarray<S> y(3, 2), z(3, 2);
  const auto step = [&](auto& m, ndarray<S>& out) {
    m.load(x);
    m.zero_gradients();
    m.forward();
    m.copy_output(out.data());
    tested::assign(m.context(), m.output_gradient(), S(0.7));
    m.backward();
  };
  step(one, y);
  step(two, z);
  for (index_t i = 0; i < y.size(); ++i) CHECK(std::abs(double(y[i] - z[i])) < margin);
  const auto g = one.canonical_gradients(), h = two.canonical_gradients();
  for (index_t i = 0; i < 14; ++i) CHECK(std::abs(double(g[i] - h[86 + i])) < margin);
  for (index_t i = 0; i < 43; ++i) CHECK(std::abs(double(g[14 + i] - (h[i] + h[43 + i]))) < margin);
}

TEST_CASE("laws/shared: predictions, of an inference model and through a workspace, and tiles of a large batch") {
  model<siamese, tested> m(key{4});
  const auto x = noise({9, 8});
  m.load(x);
  m.forward();
  ndarray<S> y(9, 2), v(9, 2);
  m.copy_output(y.data());
  const auto z = m.predict(x);
  model<siamese, tested, mode::inference> copy(m);
  const auto u = copy.predict(x);
  typename model<siamese, tested, mode::inference>::workspace w(copy);
  copy.predict_into(w, x, {v.data(), std::size_t(v.size())});
  for (index_t i = 0; i < y.size(); ++i) {
    CHECK(std::abs(double(y[i] - z[i])) < margin);
    CHECK(std::abs(double(z[i] - u[i])) < margin);   // one sample at a time
    CHECK(u[i] == v[i]);
  }

  // Large enough that native takes it in tiles, in several groups.
  constexpr index_t many = 20'000;
  using wide = sequential<input<8>, parallel<join::concatenate, on<slice<0, 4>, shared<"tower", dense<40>>>, on<slice<4, 4>, shared<"tower", dense<40>>>>, relu, dense<1>>;
  model<wide, tested> tiled(key{5});
  model<wide, tested, mode::training, rewrites{.tile = false}> whole(key{5});
  const auto inputs = noise({many, 8}), targets = noise({many, 1}, 6);
  const auto gradients = [&](auto& net) {
    typename tested::template buffer<S> t(many);
    tested::from_host(net.context(), targets.data(), t.data(), many);
    net.load(inputs);
    net.zero_gradients();
    net.add_gradients(mean_squared_error{}, static_cast<const S*>(t.data()), static_cast<const S*>(nullptr), S(1) / S(many));
    return net.canonical_gradients();
  };
  const auto a = gradients(tiled), b = gradients(whole);
  for (index_t i = 0; i < a.size(); ++i) CHECK(std::abs(double(a[i] - b[i])) < 20 * margin);
  const auto c = tiled.predict(inputs), d = whole.predict(inputs);
  for (index_t i = 0; i < c.size(); ++i) CHECK(std::abs(double(c[i] - d[i])) < margin);
}

TEST_CASE("laws/shared: one chosen output") {
  using net = sequential<input<4>, shared<"a", dense<4>>, relu, shared<"a", dense<4>>, dense<3>>;
  model<net, tested> m(key{6});
  m.load(noise({2, 4}));
  typename tested::template buffer<int> which(2);
  const int host[] = {2, 0};
  tested::from_host(m.context(), host, which.data(), 2);
  chosen_outputs<model<net, tested>> chosen(m);
  const auto y = chosen.forward(which.data());
  S got[2], all[6];
  tested::to_host(m.context(), static_cast<const S*>(y.data), got, 2);
  m.forward();
  m.copy_output(all);
  CHECK(std::abs(double(got[0] - all[2])) < margin);
  CHECK(std::abs(double(got[1] - all[3])) < margin);
  m.zero_gradients();
  chosen.forward(which.data());
  tested::assign(m.context(), chosen.gradient(), S(1));
  chosen.backward();
  const auto g = m.canonical_gradients();
  tested::assign(m.context(), m.output_gradient(), S(0));
  m.zero_gradients();
  m.forward();
  ndarray<S> dy(2, 3);
  dy[2] = dy[3] = 1;
  tensor<tested, shape<3>, typename model<net, tested>::output_layout> cotangent(m.context(), dy);
  tested::copy(m.context(), static_cast<const S*>(cotangent.view().data), m.output_gradient().data, cotangent.view().storage());
  m.backward();
  const auto h = m.canonical_gradients();
  for (index_t i = 0; i < g.size(); ++i) CHECK(std::abs(double(g[i] - h[i])) < margin);
}

TEST_CASE("laws/shared: statistics are of all places, the summary shows who shares") {
  using norm = shared<"norm", batch_norm<batch_norm_options{.momentum = 0.5}>>;
  using net = sequential<input<2, 3>, norm, norm>;
  static_assert(net::parameter_count == 4);
  model<net, tested> m(key{7});
  CHECK(paths(m) == std::vector<std::string>{"norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"});
  m.load(noise({4, 2, 3}));
  m.forward();
  CHECK(m.canonical_statistics()[4] == 2);   // one batch, two places
  const std::string s = summary<siamese>();
  CHECK(s.find("shared tower: sequential") != std::string::npos);
  CHECK(s.find("43  shared by 2 places") != std::string::npos);
  CHECK(s.find("57 parameters\n") != std::string::npos);
}
