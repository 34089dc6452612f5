// One network whose parameters move between backends, and its gradients for a batch of fixed numbers.
#pragma once
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/wavelet.hpp>

#include <vector>

namespace exchange {
using namespace cosmoml;
using namespace cosmoml::nn;
// rows, a wavelet, branches stacked with their channels inner, a pooling; no size is a multiple of any vector's
using net = sequential<input<9>, dense<13>, relu, parallel<join::stack_padded, dense<7>, sequential<dense<11>, relu>, dense<5>>, max_pool_over<window<2, 2>>, flatten,
                       dense<10>, dense<3>>;
constexpr index_t batch = 6;

// Gradients of sum(y * y) / 2 at canonical parameters p, in canonical order; p itself if `steps` is not 0: after so many steps of Adam.
template <class B>
std::vector<double> run(const std::vector<double>& p, int steps) {
  using S = typename B::scalar;
  model<net, B> m(key{1});
  if (!p.empty()) {
    ndarray<double> values(index_t(p.size()));
    for (index_t i = 0; i < values.size(); ++i) values[i] = p[std::size_t(i)];
    m.set_canonical_parameters(values);
  }
  ndarray<S> x(batch, 9);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{2}.uniform(std::uint64_t(i)) - 1);
  typename optim::adam::state<B> state(m.stored_count);
  for (int s = 0; s < (steps ? steps : 1); ++s) {
    m.load(x);
    m.forward();
    B::copy(m.context(), static_cast<const S*>(m.output().data), m.output_gradient().data, m.output().storage());
    m.zero_gradients();
    m.backward();
    if (steps) optim::adam{{.learning_rate = 1e-3}}.template step<B>(m.context(), m.parameters().data(), m.gradients().data(), state, m.stored_count);
  }
  const auto found = steps ? m.canonical_parameters() : m.canonical_gradients();
  std::vector<double> out;
  for (const S v : found) out.push_back(double(v));
  return out;
}
}

// native<float> compiled with vectors of other widths: width_16.cpp, width_64.cpp.
std::vector<double> run_at_16(const std::vector<double>& p, int steps);
std::vector<double> run_at_64(const std::vector<double>& p, int steps);
