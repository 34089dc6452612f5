// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/optim/optimizer.hpp>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of sgd.
struct sgd_options {
  double learning_rate = 1e-2;
  double momentum = 0;
  double weight_decay = 0;   // added to the gradient: weight_decay * parameter
  bool nesterov = false;
};

namespace detail {
template <class S>
struct sgd_step {
  S* p;
  const S* g;
  S rate, decay;
  COSMOML_HD void operator()(index_t i) const { p[i] -= rate * (g[i] + decay * p[i]); }
  void ahead(index_t i) const { lines_ahead(p + i, g + i); }
};
template <class S>
struct momentum_step {
  S* p;
  const S* g;
  S* m;
  S rate, decay, momentum;
  bool first, nesterov;
  COSMOML_HD void operator()(index_t i) const {
    const S d = g[i] + decay * p[i];
    m[i] = first ? d : momentum * m[i] + d;
    p[i] -= rate * (nesterov ? d + momentum * m[i] : m[i]);
  }
};
}

// Stochastic gradient descent, with momentum if asked: PyTorch's SGD. sgd{{.learning_rate = 0.1, .momentum = 0.9}}.
struct sgd {
  using options_type = sgd_options;
  sgd_options options{};

  template <class B>
  struct state {
    typename B::template buffer<typename B::scalar> velocity;
    index_t size, steps = 0;
    explicit state(index_t n) : size(n) {}
    template <class V>
    void visit(V&& v) {
      v("velocity", velocity);
      v("steps", steps);
    }
  };
  template <class B>
  void step(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    using S = typename B::scalar;
    const S rate = S(options.learning_rate), decay = S(options.weight_decay);
    if (options.momentum == 0) B::for_each(c, n, detail::sgd_step<S>{p, g, rate, decay});
    else {
      if (s.velocity.size() < n) s.velocity = typename B::template buffer<S>(n);
      B::for_each(c, n, detail::momentum_step<S>{p, g, s.velocity.data(), rate, decay, S(options.momentum), s.steps == 0, options.nesterov});
    }
    ++s.steps;
  }
};

}
