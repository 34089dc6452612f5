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
// What changes from step to step. A recorded step reads it from memory.
template <class S>
struct adam_now {
  S rate, scale;
  COSMOML_HD const adam_now& operator*() const { return *this; }
};
template <class S, class Now>
struct adam_step {
  S* p;
  const S* g;
  S* m;
  S* v;
  S beta1, beta2, epsilon;
  Now now;
  COSMOML_HD void operator()(index_t i) const {
    m[i] += (1 - beta1) * (g[i] - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    p[i] -= (*now).rate * m[i] / (std::sqrt(v[i]) * (*now).scale + epsilon);
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
    detail::adam_now<typename B::scalar> now{};
    typename B::template buffer<detail::adam_now<typename B::scalar>> shared{Records<B> ? 1 : 0};   // `now` on the backend
    explicit state(index_t n) : first(n), second(n) {}
  };
  template <class B>
  void step(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    advance<B>(c, s);
    apply<B>(c, p, g, s, n);
  }
  template <class B>
  void advance(typename B::context& c, state<B>& s) const {
    using S = typename B::scalar;
    ++s.steps;
    s.now = {S(options.learning_rate / (1 - std::pow(options.beta1, double(s.steps)))), S(1 / std::sqrt(1 - std::pow(options.beta2, double(s.steps))))};
    if constexpr (Records<B>) B::from_host(c, static_cast<const detail::adam_now<S>*>(&s.now), s.shared.data(), 1);
  }
  template <class B>
  void apply(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    using S = typename B::scalar;
    auto run = [&](auto now) {
      B::for_each(c, n,
                  detail::adam_step<S, decltype(now)>{p, g, s.first.data(), s.second.data(), S(options.beta1), S(options.beta2), S(options.epsilon), now});
    };
    if constexpr (Records<B>) run(static_cast<const detail::adam_now<S>*>(s.shared.data()));
    else run(s.now);
  }
};

}
