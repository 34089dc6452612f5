// A network's training passes on a backend, as numbers to compare: outputs, gradients of input and of parameters, loss.
#pragma once
#include "support/plans.hpp"

#include <cosmoml/nn.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <vector>

namespace tests {
using namespace cosmoml::nn;

struct passed {
  std::vector<double> outputs, input, parameters, losses;
};
// One model takes the batches in turn: what a larger one left must not show in a smaller one. Every other time nobody asks for the gradient
// of the input, as in training: the first layers go back another way.
template <class Net, class B, rewrites R = rewrites{}>
passed passes(std::initializer_list<index_t> batches) {
  using M = model<Net, B, mode::training, R>;
  using T = typename B::scalar;
  M net(key{1});
  passed all;
  const auto host = [&net](auto from, std::vector<double>& to) {
    using V = decltype(from);
    ndarray<T> copy(from.storage());
    B::to_host(net.context(), static_cast<const T*>(from.data), copy.data(), copy.size());
    for (index_t n = 0; n < from.batch; ++n)
      for (index_t e = 0; e < V::sample_size; ++e) to.push_back(double(copy[V::layout::offset(n, e)]));
  };
  bool asked = false;
  for (index_t batch : batches) {
    ndarray<T> x(batch, M::input_size);
    for (index_t i = 0; i < x.size(); ++i) x[i] = T(float(key{2}.fold(std::uint64_t(batch)).normal<double>(std::uint64_t(i))));
    std::vector<int> labels;
    for (index_t n = 0; n < batch; ++n) labels.push_back(int(n % M::output_size));
    typename B::template buffer<int> there(batch);
    net.load(x);
    B::from_host(net.context(), labels.data(), there.data(), batch);
    const auto y = net.forward(key{3});
    host(y, all.outputs);
    all.losses.push_back(cross_entropy{}.template evaluate<B>(net.context(), y, net.output_gradient(), there.data(), static_cast<const T*>(nullptr), T(1) / T(batch)));
    net.zero_gradients();
    asked = !asked;
    if (asked) host(net.backward_to_input(T(NAN)), all.input);
    else net.backward();
    const auto g = net.canonical_gradients();
    for (index_t i = 0; i < g.size(); ++i) all.parameters.push_back(double(g[i]));
  }
  return all;
}

// The largest difference over the root mean square of `truth`; infinite where a number is not one.
inline double distance(const std::vector<double>& got, const std::vector<double>& truth) {
  REQUIRE(got.size() == truth.size());
  double square = 0, worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    square += truth[i] * truth[i];
    worst = tests::worse(worst, std::abs(got[i] - truth[i]));
  }
  return worst / std::max(std::sqrt(square / double(std::max<std::size_t>(truth.size(), 1))), 1e-30);
}
// Sums of hundreds of products, layer after layer: outputs to tens of roundings of their root mean square, gradients, which run back through
// all of them and through slopes that jump, to a hundred.
inline void near(const passed& got, const passed& truth) {
  constexpr double rounding = sizeof(tested::scalar) == 4 ? 1.2e-7 : 2.3e-16, tenfold = 10;   // Winograd's sums of products
  const double outputs = distance(got.outputs, truth.outputs), input = distance(got.input, truth.input), parameters = distance(got.parameters, truth.parameters),
               losses = distance(got.losses, truth.losses);
  CAPTURE(outputs);
  CAPTURE(input);
  CAPTURE(parameters);
  CHECK(outputs < 300 * tenfold * rounding);
  CHECK(input < 1000 * tenfold * rounding);
  CHECK(parameters < 1000 * tenfold * rounding);
  CHECK(losses < 100 * tenfold * rounding);
}
// On the tested backend as plans have it, and with each set of rewrites, against plain loops in double.
template <class Net, rewrites... Also>
void near_plain_loops(std::initializer_list<index_t> batches) {
  const passed truth = passes<Net, backend::reference<double>>(batches);
  near(passes<Net, tested>(batches), truth);
  (near(passes<Net, tested, Also>(batches), truth), ...);
}

}
