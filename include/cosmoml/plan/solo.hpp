// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/chain.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// One layer on its own, as composites run the layers they hold: a chain of one.
template <class Pass, class In, class L>
struct solo {
  using chain = plan::chain<Pass, In, L>;
  template <class X, class Y>
  static index_t state_size(index_t batch) {
    return chain::template state_size<X, Y>(batch);
  }
  template <class X, class Y>
  static index_t workspace_size(index_t batch) {
    return chain::template workspace_size<X, Y>(batch);
  }
  template <class S, class X, class Y>
  static void forward(Pass& pass, const L& layer, const S* p, X x, Y y, S* state) {
    chain::template forward<false>(pass, leaves<L>{{layer}}, p, x, y, state);
  }
  template <class S, class X, class Y, class DY, class DX>
  static void backward(Pass& pass, const L& layer, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) {
    chain::backward(pass, leaves<L>{{layer}}, p, x, y, dy, dx, g, state);
  }
};

}
