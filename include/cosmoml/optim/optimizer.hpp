// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>

namespace cosmoml::inline COSMOML_ABI {

namespace optim::detail {
// 64 numbers that will be written and 64 that will be read: parameters stand in the caches of all cores that went forward with them
// (backend/threads.hpp).
template <class S>
void lines_ahead(const S* written, const S* read) {
  for (std::size_t i = 0; i < 64; i += 64 / sizeof(S)) {
    __builtin_prefetch(written + i, 1);
    __builtin_prefetch(read + i);
  }
}
}

// What an optimiser is: options, a state per model, and a step over the flat buffers of parameters and gradients.
//
//   typename O::template state<B>     made from the number of stored scalars
//   o.template step<B>(context, parameters, gradients, state, n)
//   state.visit(v)                    everything that a later step depends on, for checkpoints, always in the same order:
//                                     v("name", buffer) of one number a parameter (empty: not there yet), v("name", index_t&), v("name", double&)
//
// An optimiser whose numbers depend on how many steps were taken splits the step, so that a recorded one follows (train/captured_step.hpp):
//   o.template advance<B>(context, state)    on the host, once a step
//   o.template apply<B>(context, parameters, gradients, state, n)
//
// Laws (tests/laws/optimizers.cpp): padding, whose gradient is zero, stays exactly zero; parameters follow PyTorch's; a state that was
// visited out and in again goes on with the same bits.
template <class O, class B>
concept Optimizer = requires(const O& o, typename B::context& c, typename B::scalar* p, const typename B::scalar* g,
                             typename O::template state<B>& s, index_t n) {
  typename O::options_type;
  typename O::template state<B>;
  o.template step<B>(c, p, g, s, n);
};
// An optimiser in those two parts.
template <class O, class B>
concept AdvancesOnHost = requires(const O& o, typename B::context& c, typename B::scalar* p, const typename B::scalar* g,
                                  typename O::template state<B>& s, index_t n) {
  o.template advance<B>(c, s);
  o.template apply<B>(c, p, g, s, n);
};
// An optimiser that asks for the loss and its gradients again within a step (lbfgs): evaluate() reads the parameters, writes the gradients and
// returns the loss.
//   o.template step<B>(context, parameters, gradients, state, n, evaluate)
template <class O, class B>
concept SearchesLines = requires(const O& o, typename B::context& c, typename B::scalar* p, typename B::scalar* g,
                                 typename O::template state<B>& s, index_t n, double (*evaluate)()) {
  typename O::options_type;
  o.template step<B>(c, p, g, s, n, evaluate);
};

}
