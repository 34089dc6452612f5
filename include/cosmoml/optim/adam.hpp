// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/optim/optimizer.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

struct adam_options {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
};

namespace detail {
template <class S>
struct adam_step {
  S* p;
  const S* g;
  S* m;
  S* v;
  S beta1, beta2, rate, scale, epsilon;
  COSMOML_HD void operator()(index_t i) const {
    m[i] += (1 - beta1) * (g[i] - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    p[i] -= rate * m[i] / (std::sqrt(v[i]) * scale + epsilon);
  }
};
}

// Adam (Kingma and Ba 2015), one pass over the flat buffers: PyTorch's Adam.
struct adam {
  using options_type = adam_options;
  adam_options options{};

  template <class B>
  struct state {
    typename B::template buffer<typename B::scalar> first, second;
    index_t steps = 0;
    explicit state(index_t n) : first(n), second(n) {}
  };
  template <class B>
  void step(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    using S = typename B::scalar;
    ++s.steps;
    const double rate = options.learning_rate / (1 - std::pow(options.beta1, double(s.steps)));
    const double scale = 1 / std::sqrt(1 - std::pow(options.beta2, double(s.steps)));
    B::for_each(c, n,
                detail::adam_step<S>{p, g, s.first.data(), s.second.data(), S(options.beta1), S(options.beta2), S(rate), S(scale), S(options.epsilon)});
  }
};

}
