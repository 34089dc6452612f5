// SPDX-License-Identifier: BSL-1.0
// The functions of model that hold its code: what an explicit instantiation compiles and the extern template of it leaves out.
#pragma once
#include <cosmoml/nn/model.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class Net, class B, mode M, rewrites R>
void model<Net, B, M, R>::forward_pass(key randomness) {
  plan::guarded("model.forward", 0, [&] { forward_unguarded(randomness); });
}

template <class Net, class B, mode M, rewrites R>
void model<Net, B, M, R>::forward_unguarded(key randomness) {
  if constexpr (training) {
    if (batch() > trained_capacity_) {
      trained_capacity_ = own_.capacity();
      workspace_at_ = chain::template state_size<input_view, output_view>(trained_capacity_);
      memory_ = buffer(workspace_at_ + chain::template workspace_size<input_view, output_view>(trained_capacity_, true));
    }
    if (stored_statistics > 0) parameters_changed();   // what is prepared from them, too
    kept_ = true;
    randomness_ = randomness;
    pass_type p = pass_for(randomness, false);
    if constexpr (plan::guards_finite) plan::expect_finite<B>(context(), input(), 0, [] { return std::string("the input"); });
    chain::forward(p, net_.layers, const_parameters(), input(), output(), memory_.data());
  }
}

template <class Net, class B, mode M, rewrites R>
void model<Net, B, M, R>::backward_pass() {
  if constexpr (training) backward_to(nothing{});
}

template <class Net, class B, mode M, rewrites R>
void model<Net, B, M, R>::infer(memory& m, [[maybe_unused]] index_t first) const {
  const scalar *p = parameters_.data(), *statistics = statistics_.data();
  plan::guarded("model.predict", first, [&] {
    if constexpr (plan::guards_finite) plan::expect_finite<B>(m.context(), m.input(), 0, [] { return std::string("the input"); });
    if constexpr (shared_once::count == 0) m.infer(net_.layers, p, statistics, version_, nullptr);
    else {
      const plan::shared_memory<scalar, false> shared{shared_places(), p, nullptr, statistics};
      m.infer(net_.layers, p, statistics, version_, &shared);
    }
  });
}

}
