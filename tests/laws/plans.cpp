// planned == unplanned: values and gradients of random networks with each rewrite on and off.
#include "support/backends.hpp"

#include <cosmoml/nn.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;
using S = tested::scalar;

namespace {
struct outcome {
  ndarray<S> prediction, gradients;
};
template <class Net, rewrites R>
outcome one_pass() {
  model<Net, tested, mode::training, R> m(key{3});
  ndarray<S> x(6, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  m.load(x);
  m.forward();
  tested::copy(m.context(), static_cast<const S*>(m.output().data), m.output_gradient().data, m.output().storage());
  m.zero_gradients();
  m.backward();
  outcome o{ndarray<S>(6 * m.output_size), m.canonical_gradients()};
  m.copy_output(o.prediction.data());
  return o;
}
void equal(const ndarray<S>& a, const ndarray<S>& b) {
  double worst = 0, scale = 1e-30;
  for (index_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(double(a[i]) - double(b[i]))), scale = std::max(scale, std::abs(double(a[i])));
  CHECK(worst <= tests::tolerance<S>(100) * scale);
}
template <class Net>
void check() {
  const outcome off = one_pass<Net, rewrites{.fuse = false}>(), on = one_pass<Net, rewrites{}>();
  equal(off.prediction, on.prediction);
  equal(off.gradients, on.gradients);
}
}

TEST_CASE("laws/plans: fusing changes nothing but rounding") {
  check<sequential<input<7>, dense<19>, relu, dense<3>>>();
  check<sequential<input<7>, dense<19>, relu, relu, dense<3>, relu>>();
  check<sequential<input<7>, relu, dense<5>, dense<33>, relu, parallel<join::concatenate, sequential<dense<9>, relu>, dense<4>>, relu>>();
  check<sequential<input<9>, parallel<join::stack_padded, on<slice<0, 4>, sequential<dense<6>, relu>>, on<slice<4, 5>, dense<11>>>, flatten, dense<2>>>();
}

TEST_CASE("laws/plans: the inference mode predicts what the training mode predicts") {
  using net = sequential<input<9>, dense<21>, relu, parallel<join::stack_padded, dense<4>, sequential<dense<7>, relu>>, max_pool_over<window<2, 2>>, flatten, dense<3>>;
  model<net, tested> trained(key{1});
  ndarray<S> x(11, 9);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  trained.load(x);
  trained.forward();
  ndarray<S> expected(11, 3);
  trained.copy_output(expected.data());
  equal(expected, trained.predict(x));
  model<net, tested, mode::inference> one(trained), four(trained, {.max_batch = 4});
  for (int again = 0; again < 2; ++again) {
    equal(expected, one.predict(x));
    equal(expected, four.predict(x));
  }
}
