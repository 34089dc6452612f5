// Optimisers: fifty steps as PyTorch takes them; padding stays exactly zero; equal to the fold of one step after the other.
#include "support/backends.hpp"
#include "support/golden.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>

using namespace cosmoml;
using tests::tested;
using S = tested::scalar;

namespace {
tested::context context;
const auto golden = tests::read_golden("optimizers.txt");

template <class O>
void check(const char* name, const O& optimizer) {
  INFO(name);
  static_assert(Optimizer<O, tested>, "it keeps the contract");
  const auto& start = golden.at("start");
  const auto& gradients = golden.at("gradients");
  const index_t n = start.size();
  tested::buffer<S> p(n), g(n);
  typename O::template state<tested> state(n);
  auto send = [&](const double* from, tested::buffer<S>& to) {
    const std::vector<S> host(from, from + n);
    tested::from_host(context, host.data(), to.data(), n);
  };
  send(start.data(), p);
  for (index_t s = 0; s < gradients.rows(); ++s) {
    send(gradients.row(s), g);
    optimizer.template step<tested>(context, p.data(), static_cast<const S*>(g.data()), state, n);
  }
  std::vector<S> host(static_cast<std::size_t>(n));
  tested::to_host(context, static_cast<const S*>(p.data()), host.data(), n);
  for (index_t i = 0; i < n; ++i) CHECK(double(host[std::size_t(i)]) == doctest::Approx(golden.at(name)[i]).epsilon(sizeof(S) == 4 ? 2e-5 : 1e-11));
}

// Rows of weights and channel blocks of filters that fill no vector; a norm's gains.
using perceptron = nn::sequential<nn::input<5>, nn::dense<13>, nn::relu, nn::dense<3>>;
using maps = nn::sequential<nn::input<3, 4, 5>, nn::conv<5, 3>, nn::batch_norm<>, nn::relu, nn::flatten, nn::dense<3>>;
#if defined(COSMOML_TEST_BACKEND_reference_float) || defined(COSMOML_TEST_BACKEND_reference_double) || defined(COSMOML_TEST_BACKEND_thrust_cuda_float)
constexpr bool pads = false;   // these store what is canonical and nothing else
#else
constexpr bool pads = true;
#endif
template <class Net, class O>
void check_padding_of(const O& optimizer) {
  nn::model<Net, tested> m(key{1});
  CHECK((m.stored_count > m.parameter_count) == pads);
  typename O::template state<tested> state(m.stored_count);
  ndarray<S> x(4, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(key{2}.uniform(std::uint64_t(i)));
  for (int step = 0; step < 100; ++step) {
    m.load(x);
    m.forward();
    tested::assign(m.context(), m.output_gradient(), S(0.1));
    m.zero_gradients();
    m.backward();
    optimizer.template step<tested>(m.context(), m.parameters().data(), m.gradients().data(), state, m.stored_count);
  }
  std::vector<S> stored(std::size_t(m.stored_count));
  tested::to_host(m.context(), static_cast<const S*>(m.parameters().data()), stored.data(), m.stored_count);
  std::vector<bool> used(stored.size());
  m.fields([&](const std::string&, const field& f, auto at) {
    for (index_t e = 0; e < f.shape.size(); ++e) used[std::size_t(at(e))] = true;
  });
  for (std::size_t i = 0; i < stored.size(); ++i)
    if (!used[i]) CHECK(stored[i] == 0);
}
template <class O>
void check_padding(const O& optimizer) {
  check_padding_of<perceptron>(optimizer);
  check_padding_of<maps>(optimizer);
}
}

TEST_CASE("laws/optimizers: fifty steps equal PyTorch's") {
  check("sgd", optim::sgd{{.learning_rate = 0.02}});
  check("sgd_decay", optim::sgd{{.learning_rate = 0.02, .weight_decay = 0.1}});
  check("sgd_momentum", optim::sgd{{.learning_rate = 0.02, .momentum = 0.9, .weight_decay = 0.01}});
  check("sgd_nesterov", optim::sgd{{.learning_rate = 0.02, .momentum = 0.9, .nesterov = true}});
  check("adam", optim::adam{{.learning_rate = 0.01}});
  check("adam_decay", optim::adam{{.learning_rate = 0.01, .weight_decay = 0.1}});
  check("amsgrad", optim::adam{{.learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.9, .amsgrad = true}});
  check("adamw", optim::adamw{{.learning_rate = 0.01}});
  check("adamw_amsgrad", optim::adamw{{.learning_rate = 0.02, .weight_decay = 0.3, .amsgrad = true}});
  check("rmsprop", optim::rmsprop{});
  check("rmsprop_momentum", optim::rmsprop{{.learning_rate = 0.003, .alpha = 0.9, .epsilon = 1e-6, .weight_decay = 0.1, .momentum = 0.8}});
  check("rmsprop_centered", optim::rmsprop{{.learning_rate = 0.003, .alpha = 0.95, .momentum = 0.5, .centered = true}});
  check("adam_slow", optim::adam{{.learning_rate = 0.003, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-4}});
}
TEST_CASE("laws/optimizers: padding is exactly zero after a hundred steps") {
  check_padding(optim::sgd{{.learning_rate = 0.1}});
  check_padding(optim::sgd{{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.1}});
  check_padding(optim::adam{{.learning_rate = 0.1}});
  check_padding(optim::adam{{.learning_rate = 0.1, .weight_decay = 0.1, .amsgrad = true}});
  check_padding(optim::adamw{{.learning_rate = 0.1, .amsgrad = true}});
  check_padding(optim::rmsprop{{.learning_rate = 0.01, .weight_decay = 0.1, .momentum = 0.9, .centered = true}});
}
