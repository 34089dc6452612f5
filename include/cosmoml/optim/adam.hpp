// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/optim/optimizer.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of adam.
struct adam_options {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;   // added to the gradient: weight_decay * parameter
  bool amsgrad = false;      // divide by the largest second moment so far (Reddi, Kale and Kumar 2018)
};

namespace detail {
// What changes from step to step. A recorded step reads it from memory.
template <class S>
struct adam_now {
  S rate, scale;   // the rate and the second moment's square root, both corrected for their start from zero
  S keep;          // what decoupled decay leaves of a parameter
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
// The same with decay and AMSGrad.
template <class S, class Now>
struct adam_step_with {
  S* p;
  const S* g;
  S* m;
  S* v;
  S* largest;   // or null
  S beta1, beta2, epsilon, decay;
  Now now;
  COSMOML_HD void operator()(index_t i) const {
    const S d = g[i] + decay * p[i];
    m[i] += (1 - beta1) * (d - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * d * d;
    S second = v[i];
    if (largest) second = largest[i] = largest[i] > second ? largest[i] : second;
    p[i] = p[i] * (*now).keep - (*now).rate * m[i] / (std::sqrt(second) * (*now).scale + epsilon);
  }
};

template <class B>
struct adam_state {
  using S = typename B::scalar;
  typename B::template buffer<S> first, second, largest{};
  index_t steps = 0;
  adam_now<S> now{};
  typename B::template buffer<adam_now<S>> shared{Records<B> ? 1 : 0};   // `now` on the backend
  explicit adam_state(index_t n) : first(n), second(n) {}
  template <class V>
  void visit(V&& v) {
    v("first", first);
    v("second", second);
    v("largest", largest);
    v("steps", steps);
  }
};
template <class B, class Options>
void adam_advance(typename B::context& c, adam_state<B>& s, const Options& o, double decoupled_decay) {
  using S = typename B::scalar;
  ++s.steps;
  s.now = {S(o.learning_rate / (1 - std::pow(o.beta1, double(s.steps)))), S(1 / std::sqrt(1 - std::pow(o.beta2, double(s.steps)))), S(1 - o.learning_rate * decoupled_decay)};
  if constexpr (Records<B>) B::from_host(c, static_cast<const adam_now<S>*>(&s.now), s.shared.data(), 1);
}
template <class B, class Options>
void adam_apply(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, adam_state<B>& s, index_t n, const Options& o, double coupled_decay) {
  using S = typename B::scalar;
  if (o.amsgrad && s.largest.size() < n) s.largest = typename B::template buffer<S>(n);
  auto run = [&](auto now) {
    using now_type = decltype(now);
    if (o.weight_decay == 0 && !o.amsgrad) B::for_each(c, n, adam_step<S, now_type>{p, g, s.first.data(), s.second.data(), S(o.beta1), S(o.beta2), S(o.epsilon), now});
    else
      B::for_each(c, n, adam_step_with<S, now_type>{p, g, s.first.data(), s.second.data(), o.amsgrad ? s.largest.data() : nullptr, S(o.beta1), S(o.beta2), S(o.epsilon),
                                                    S(coupled_decay), now});
  };
  if constexpr (Records<B>) run(static_cast<const adam_now<S>*>(s.shared.data()));
  else run(s.now);
}
}

// Adam (Kingma and Ba 2015), one pass over the flat buffers: PyTorch's Adam. adam{{.learning_rate = 1e-3, .amsgrad = true}}.
struct adam {
  using options_type = adam_options;
  adam_options options{};

  template <class B>
  using state = detail::adam_state<B>;
  template <class B>
  void step(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    advance<B>(c, s);
    apply<B>(c, p, g, s, n);
  }
  template <class B>
  void advance(typename B::context& c, state<B>& s) const {
    detail::adam_advance<B>(c, s, options, 0);
  }
  template <class B>
  void apply(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    detail::adam_apply<B>(c, p, g, s, n, options, options.weight_decay);
  }
};

}
