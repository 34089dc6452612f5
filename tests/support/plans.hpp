// planned == unplanned: one pass of a network with rewrites on and off.
#pragma once
#include "support/backends.hpp"
#include "support/worse.hpp"

#include <cosmoml/nn.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace tests {
using namespace cosmoml::nn;
using S = tested::scalar;

struct outcome {
  ndarray<S> prediction, gradients;
  std::vector<index_t> fields{};   // how many of the gradients each parameter has
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
  m.fields([&](const std::string&, const field& f, auto) { o.fields.push_back(f.shape.size()); });
  m.copy_output(o.prediction.data());
  return o;
}
// Beside the largest of a. Where sums are made in another order, or by Winograd's tiles, roundings go through all layers behind them.
inline constexpr double reordered = 100;
inline void equal(const ndarray<S>& a, const ndarray<S>& b, double roundings = 1) {
  REQUIRE(a.size() == b.size());
  double worst = 0, scale = 1e-30;
  for (index_t i = 0; i < a.size(); ++i) worst = worse(worst, std::abs(double(a[i]) - double(b[i]))), scale = std::max(scale, std::abs(double(a[i])));
  CHECK(worst <= roundings * tests::tolerance<S>(100) * scale);
}
// Gradients beside the largest of their own parameter: a layer whose gradients are small has its say.
inline void equal_fields(const outcome& a, const outcome& b, double roundings = 1) {
  REQUIRE(a.gradients.size() == b.gradients.size());
  double largest = 1e-30;
  for (S g : a.gradients) largest = std::max(largest, std::abs(double(g)));
  index_t i = 0;
  for (index_t size : a.fields) {
    double worst = 0, scale = 0.1 * largest;   // some are sums that cancel
    for (const index_t end = i + size; i < end; ++i) worst = worse(worst, std::abs(double(a.gradients[i]) - double(b.gradients[i]))), scale = std::max(scale, std::abs(double(a.gradients[i])));
    CHECK(worst <= roundings * tests::tolerance<S>(100) * scale);
  }
  CHECK(i == a.gradients.size());
}
// region: switches
constexpr rewrites none{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .reuse = false, .recompute = false,
                        .tile = false, .choose = false};
// end region
template <class Net, rewrites R>
void check(const outcome& expected, double roundings = 1) {
  const outcome o = one_pass<Net, R>();
  equal(expected.prediction, o.prediction, roundings);
  equal_fields(expected, o, roundings);
}
// One rewrite alone, and with all others.
template <class Net, rewrites Alone>
void check() {
  const outcome expected = one_pass<Net, none>();
  check<Net, Alone>(expected);
  check<Net, rewrites{}>(expected, reordered);
}
// The plan that a network gets, as summary() tells it.
template <class Net>
std::string plan_of() {
  const std::string s = model<Net, tested>::summary();
  return s.substr(s.find("\nplan\n"));
}
inline bool tells(const std::string& s, const char* what) { return s.find(what) != std::string::npos; }
}
