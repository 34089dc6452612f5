// planned == unplanned: one pass of a network with rewrites on and off.
#pragma once
#include "support/backends.hpp"

#include <cosmoml/nn.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace tests {
using namespace cosmoml::nn;
using S = tested::scalar;

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
inline void equal(const ndarray<S>& a, const ndarray<S>& b) {
  double worst = 0, scale = 1e-30;
  for (index_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(double(a[i]) - double(b[i]))), scale = std::max(scale, std::abs(double(a[i])));
  CHECK(worst <= tests::tolerance<S>(100) * scale);
}
// region: switches
constexpr rewrites none{.fuse = false, .skip_dead = false, .reassociate = false, .share = false, .in_place = false, .reuse = false, .recompute = false, .tile = false, .choose = false};
// end region
template <class Net, rewrites R>
void check(const outcome& expected) {
  const outcome o = one_pass<Net, R>();
  equal(expected.prediction, o.prediction);
  equal(expected.gradients, o.gradients);
}
template <class Net, rewrites Alone>
void check() {
  const outcome expected = one_pass<Net, none>();
  check<Net, Alone>(expected);
  check<Net, rewrites{}>(expected);
}
// The plan that a network gets, as summary() tells it.
template <class Net>
std::string plan_of() {
  const std::string s = model<Net, tested>::summary();
  return s.substr(s.find("\nplan\n"));
}
inline bool tells(const std::string& s, const char* what) { return s.find(what) != std::string::npos; }
}
