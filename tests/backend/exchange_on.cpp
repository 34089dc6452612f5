// Compiled once for each backend, and for native at other vector widths (COSMOML_VECTOR_BYTES).
// the widest vectors of the target
#if defined(COSMOML_TEST_WIDEST) && defined(__AVX512F__)
#define COSMOML_VECTOR_BYTES 64
#endif

#include "backend/exchange.hpp"

#include "support/backends.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

namespace {
using namespace cosmoml;
using namespace cosmoml::nn;
using B = tests::tested;
using S = B::scalar;
// rows, branches with their channels inner, a pooling, a chain of linear layers; no size is a multiple of any vector's
using net = sequential<input<9>, dense<13>, relu, parallel<join::stack_padded, dense<7>, dense<5>>, max_pool_over<window<2, 2>>, flatten, dense<3>>;

std::vector<double> run(const std::vector<double>& p, int steps) {
  constexpr index_t batch = 6;
  model<net, B> m(key{1});
  if (!p.empty()) {
    ndarray<double> values(static_cast<index_t>(p.size()));
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

checkpointed fit(const std::string& path, int epochs) {
  constexpr index_t samples = 20;
  model<net, B> m(key{std::uint64_t(epochs)});   // another start each time: what is resumed comes from the file
  ndarray<S> x(samples, 9), y(samples, 3);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{2}.uniform(std::uint64_t(i)) - 1);
  for (index_t i = 0; i < y.size(); ++i) y[i] = S(key{3}.uniform(std::uint64_t(i)));
  const auto report = train::fit(m, train::pair_up(x, y), mean_squared_error{}, optim::adam{{.learning_rate = 3e-3}}, {.epochs = epochs, .batch_size = 6, .randomness = key{4}}, train::checkpoint{.path = path});
  checkpointed c{{}, report.resumed};
  for (const S v : m.canonical_parameters()) c.parameters.push_back(double(v));
  return c;
}
}

#define COSMOML_TEST_ON_(name) COSMOML_TEST_ON(name)
COSMOML_TEST_ON_(COSMOML_TEST_PLACE) { return run(p, steps); }
#define COSMOML_TEST_CHECKPOINT_ON_(name) COSMOML_TEST_CHECKPOINT_ON(name)
COSMOML_TEST_CHECKPOINT_ON_(COSMOML_TEST_PLACE) { return fit(path, epochs); }
