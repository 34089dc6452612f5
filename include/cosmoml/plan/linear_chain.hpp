// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/affine_activation.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// dense, dense with nothing between them, y = V (W x + b) + c, run as the one map y = P x + q, P = V W, q = V b + c, where the chain
// narrows enough: 784-273-10 needs a twenty-seventh of the work for each sample. P and q are prepared when the parameters changed.
// Gradients: dV = dP W^T + dq b^T, dW = V^T dP, db = V^T dq, dc = dq, where dP and dq are those of the one map.
struct linear_chain {
  static constexpr const char* name = "reassociated: one product for both";
  // Work for each sample is in * out instead of inner * (in + out); the three products between matrices that a training step adds must
  // pay from a batch of 64 on.
  static constexpr int takes(ahead a, rewrites allowed) {
    if (!allowed.reassociate || !a.begins_with(nn::kind::dense, nn::kind::dense) || (a.choose && a.count == 2)) return 0;
    const index_t in = a.shapes[0][0], inner = a.shapes[1][0], out = a.shapes[2][0];
    return 64 * (inner * (in + out) - in * out) > 3 * in * inner * out ? 2 : 0;
  }

  template <class Pass, class In, class First, class Second>
  struct step {
    using B = typename Pass::backend;
    using Inner = shape<First::output(In::value).dim[0]>;
    // P and q are stored as the parameters of the second layer would be if it stood alone.
    template <class S>
    using whole = nn::parameters<B, Second, In, S>;
    static constexpr index_t size = nn::stored_size<B, Second, In>(), second_at = nn::stored_size<B, First, In>();

    template <class X, class Y>
    static index_t state_size(index_t) {
      return size;
    }
    template <class X, class Y>
    static index_t workspace_size(index_t) {
      return Pass::training ? size : 0;
    }
    template <class S>
    static void prepare(Pass& pass, const S* p, S* state) {
      const nn::parameters<B, First, In, const S> first{p};
      const nn::parameters<B, Second, Inner, const S> second{p + second_at};
      B::fill(pass.context, state, size, S(0));
      const auto v = second.template get<"weight">().as_matrix();
      const auto q = whole<S>{state}.template get<"bias">();
      B::matmul(pass.context, v, first.template get<"weight">().as_matrix(), whole<S>{state}.template get<"weight">().as_matrix());
      B::matmul(pass.context, first.template get<"bias">().as_matrix(), transpose(v), q.as_matrix());
      B::add(pass.context, second.template get<"bias">(), q);
    }
    template <class Layers, int At, class S, class X, class Y>
    static void forward(Pass& pass, const Layers&, const S* p, X x, Y y, S* state) {
      if (!pass.prepared) prepare(pass, p, state);
      affine_forward<B, identity_function>(pass.context, whole<S>{state}, x, y);
    }
    template <class Layers, int At, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers& layers, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) {
      const whole<S> d{pass.workspace};
      B::fill(pass.context, pass.workspace, size, S(0));
      get<At + 1>(layers).backward(pass, whole<S>{state}, x, y, dy, dx, d, static_cast<S*>(nullptr));
      const nn::parameters<B, First, In, const S> first{p};
      const nn::parameters<B, Second, Inner, const S> second{p + second_at};
      const nn::parameters<B, First, In, S> d_first{g};
      const nn::parameters<B, Second, Inner, S> d_second{g + second_at};
      const auto dP = d.template get<"weight">().as_matrix();
      const auto dq = d.template get<"bias">();
      const auto v = second.template get<"weight">().as_matrix();
      const auto dV = d_second.template get<"weight">().as_matrix();
      B::template matmul<true>(pass.context, dP, transpose(first.template get<"weight">().as_matrix()), dV);
      B::template matmul<true>(pass.context, transpose(dq.as_matrix()), first.template get<"bias">().as_matrix(), dV);
      B::template matmul<true>(pass.context, transpose(v), dP, d_first.template get<"weight">().as_matrix());
      B::template matmul<true>(pass.context, dq.as_matrix(), v, d_first.template get<"bias">().as_matrix());
      B::add(pass.context, dq, d_second.template get<"bias">());
    }
  };
};

}
