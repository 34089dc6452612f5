// Element-wise layers against their formulas in long double, their gradients, and what happens to padding.
#include "support/layers.hpp"

#include <cmath>
#include <type_traits>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::check_gradients;
using tests::tested;
using S = tested::scalar;

namespace {
using R = long double;

#if defined(COSMOML_TEST_FEW)
constexpr bool few = true;   // composites with the first of each kind of function
#else
constexpr bool few = false;
#endif
// Alone, behind and before dense layers, inside composites; with a width that fills no whole number of vectors.
template <class L>
void check_layer_gradients() {
  check_gradients<sequential<input<7>, L>>({.batch = 1, .entries = 0});
  if constexpr (!few || std::is_same_v<L, tanh_layer> || std::is_same_v<L, sigmoid> || std::is_same_v<L, silu>)
    check_gradients<sequential<input<3, 5>, L, flatten, dense<14>, L, reshape<7, 2>, flatten, parallel<join::concatenate, sequential<dense<5>, L>, L, sequential<L, dense<6>, L>>>>({.scale = 3});
}
// Values at [-12, 12], and at infinity where there is one.
template <class L, class F>
void check_values(F f) {
  constexpr int n = 37;
  model<sequential<input<n>, L>, tested> m(key{1});
  model<sequential<input<n>, L>, tested, mode::inference> inference(key{1});
  ndarray<double> x(5, n);
  for (index_t i = 0; i < x.size(); ++i) x[i] = double(S(24 * key{2}.uniform(std::uint64_t(i)) - 12));
  x[0] = 0;
  const auto y = m.predict(x), z = inference.predict(x);
  for (index_t i = 0; i < x.size(); ++i) {
    const double exact = double(f(R(x[i]))), tolerance = (sizeof(S) == 4 ? 2.4e-7 : 4.5e-16) * (1 + std::abs(x[i]));
    CHECK(std::abs(double(y[i]) - exact) < tolerance);
    CHECK(y[i] == z[i]);
  }
}
R sigma(R x) { return 1 / (1 + std::exp(-x)); }
// Fused with the dense layer before it and not: the same, in training and in inference, forwards and backwards.
template <class L>
void check_plans() {
  using net = sequential<input<6>, dense<11>, L, dense<10>, L>;
  constexpr rewrites off{.fuse = false};
  model<net, tested> a(key{3});
  model<net, tested, mode::training, off> b(key{3});
  model<net, tested, mode::inference> c(key{3});
  ndarray<double> x(4, 6);
  for (index_t i = 0; i < x.size(); ++i) x[i] = 4 * key{4}.uniform(std::uint64_t(i)) - 2;
  const auto ya = a.predict(x), yb = b.predict(x), yc = c.predict(x);
  for (index_t i = 0; i < ya.size(); ++i) {
    CHECK(std::abs(ya[i] - yb[i]) < tests::tolerance<S>(10));
    CHECK(std::abs(ya[i] - yc[i]) < tests::tolerance<S>(10));
  }
}
template <class L, class F>
void check(F f) {
  check_values<L>(f);
  check_layer_gradients<L>();
  check_plans<L>();
}
}

TEST_CASE("laws/activations: tanh") { check<tanh_layer>([](R x) { return std::tanh(x); }); }
TEST_CASE("laws/activations: sigmoid, whose zero is not zero") { check<sigmoid>(sigma); }
TEST_CASE("laws/activations: softplus, plain and sharp") {
  check<softplus<>>([](R x) { return std::log1p(std::exp(x)); });
  check<softplus<softplus_options{.beta = 3}>>([](R x) { return std::log1p(std::exp(3 * x)) / 3; });
}
TEST_CASE("laws/activations: leaky_relu") {
  check<leaky_relu<>>([](R x) { return x > 0 ? x : R(0.01) * x; });
  check<leaky_relu<leaky_relu_options{.slope = 0.3}>>([](R x) { return x > 0 ? x : R(0.3) * x; });
}
TEST_CASE("laws/activations: elu and selu") {
  check<elu<>>([](R x) { return x > 0 ? x : std::expm1(x); });
  check<elu<elu_options{.alpha = 0.5}>>([](R x) { return x > 0 ? x : std::expm1(x) / 2; });
  check<selu>([](R x) { return R(1.0507009873554804934193349852946L) * (x > 0 ? x : R(1.6732632423543772848170429916717L) * std::expm1(x)); });
}
TEST_CASE("laws/activations: silu and gelu, whose slopes are known from the input alone") {
  check<silu>([](R x) { return x * sigma(x); });
  check<gelu>([](R x) { return x * std::erfc(-x / std::sqrt(R(2))) / 2; });
  check<gelu_tanh>([](R x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / R(3.14159265358979323846264338327950288L)) * (x + R(0.044715) * x * x * x))); });
}
TEST_CASE("laws/activations: training with every one of them leaves padding at zero") {
  using net = sequential<input<5>, dense<11>, sigmoid, dense<9>, softplus<>, dense<7>, gelu, dense<3>>;
  model<net, tested> m(key{5});
  ndarray<double> x(3, 5);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{6}.uniform(std::uint64_t(i));
  m.load(x);
  m.forward(key{7});
  ndarray<S> r(3, 3);
  for (index_t i = 0; i < r.size(); ++i) r[i] = S(1);
  tensor<tested, net::output, model<net, tested>::output_layout> cotangent(m.context(), r);
  tested::copy(m.context(), static_cast<const S*>(cotangent.view().data), m.output_gradient().data, cotangent.view().storage());
  tested::fill(m.context(), m.gradients().data(), m.stored_count, S(0));
  m.backward_to_input(S(0));
  ndarray<S> g(m.stored_count);
  tested::to_host(m.context(), static_cast<const S*>(m.gradients().data()), g.data(), m.stored_count);
  std::vector<bool> used(std::size_t(m.stored_count), false);
  m.fields([&](const std::string&, const field& f, auto at) {
    for (index_t e = 0; e < f.shape.size(); ++e) used[std::size_t(at(e))] = true;
  });
  for (index_t i = 0; i < m.stored_count; ++i)
    if (!used[std::size_t(i)]) CHECK(g[i] == 0);
}
