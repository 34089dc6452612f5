// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/optim/optimizer.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of rmsprop.
struct rmsprop_options {
  double learning_rate = 1e-2;
  double alpha = 0.99;       // what the mean square keeps each step
  double epsilon = 1e-8;
  double weight_decay = 0;   // added to the gradient: weight_decay * parameter
  double momentum = 0;
  bool centered = false;     // divide by the standard deviation instead of the root mean square
};

namespace detail {
template <class S>
struct rmsprop_step {
  S* p;
  const S* g;
  S* square;
  S* mean;       // or null: not centered
  S* velocity;   // or null: no momentum
  S rate, alpha, epsilon, decay, momentum;
  COSMOML_HD void operator()(index_t i) const {
    const S d = g[i] + decay * p[i];
    square[i] = alpha * square[i] + (1 - alpha) * d * d;
    S variance = square[i];
    if (mean) {
      mean[i] += (1 - alpha) * (d - mean[i]);
      variance -= mean[i] * mean[i];
    }
    S move = d / (std::sqrt(variance > 0 ? variance : S(0)) + epsilon);
    if (velocity) move = velocity[i] = momentum * velocity[i] + move;
    p[i] -= rate * move;
  }
};
}

// RMSprop (Tieleman and Hinton 2012; centered: Graves 2013): PyTorch's RMSprop.
struct rmsprop {
  using options_type = rmsprop_options;
  rmsprop_options options{};

  template <class B>
  struct state {
    typename B::template buffer<typename B::scalar> square, mean{}, velocity{};
    explicit state(index_t n) : square(n) {}
    template <class V>
    void visit(V&& v) {
      v("square", square);
      v("mean", mean);
      v("velocity", velocity);
    }
  };
  template <class B>
  void step(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    using S = typename B::scalar;
    if (options.centered && s.mean.size() < n) s.mean = typename B::template buffer<S>(n);
    if (options.momentum > 0 && s.velocity.size() < n) s.velocity = typename B::template buffer<S>(n);
    B::for_each(c, n, detail::rmsprop_step<S>{p, g, s.square.data(), options.centered ? s.mean.data() : nullptr, options.momentum > 0 ? s.velocity.data() : nullptr,
                                              S(options.learning_rate), S(options.alpha), S(options.epsilon), S(options.weight_decay), S(options.momentum)});
  }
};

}
