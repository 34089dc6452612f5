// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/adam.hpp>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of adamw.
struct adamw_options {
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 1e-2;   // each step first takes learning_rate * weight_decay of every parameter away
  bool amsgrad = false;
};

// Adam with decay apart from the gradient (Loshchilov and Hutter 2019): PyTorch's AdamW.
struct adamw {
  using options_type = adamw_options;
  adamw_options options{};

  template <class B>
  using state = detail::adam_state<B>;
  template <class B>
  void step(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    advance<B>(c, s);
    apply<B>(c, p, g, s, n);
  }
  template <class B>
  void advance(typename B::context& c, state<B>& s) const {
    detail::adam_advance<B>(c, s, options, options.weight_decay);
  }
  template <class B>
  void apply(typename B::context& c, typename B::scalar* p, const typename B::scalar* g, state<B>& s, index_t n) const {
    detail::adam_apply<B>(c, p, g, s, n, options, 0);
  }
};

}
