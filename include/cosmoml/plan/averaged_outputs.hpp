// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/ops/pool.hpp>
#include <cosmoml/plan/affine_activation.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// dense, then the mean of every K of its outputs, run as a dense layer of a K-th of the outputs, whose weights and biases are the means of
// theirs: exact, and a K-th of the work for each sample. The means are prepared when the parameters changed. Each of the K rows of weights
// gets a K-th of the gradient of their mean. (The largest of K outputs has no such form; docs/static_shapes.md says what was tried.)
struct averaged_outputs {
  static constexpr const char* name = "fused: product, bias, mean of outputs";
  static constexpr int takes(ahead a, rewrites allowed) {
    return allowed.fuse && a.begins_with(nn::kind::dense, nn::kind::mean_of_outputs) && !(a.choose && a.count == 2) ? 2 : 0;
  }

  template <class Pass, class In, class Dense, class Pool>
  struct step {
    using B = typename Pass::backend;
    static constexpr extents outputs = Dense::output(In::value);
    static constexpr int together = Pool::windows::value[0];
    using rows = window<together, 1>;
    using numbers = window<together>;
    using Mean = nn::dense<Pool::output(outputs)[0]>;
    template <class S>
    using own = nn::parameters<B, Dense, In, S>;
    template <class S>
    using means = nn::parameters<B, Mean, In, S>;
    static constexpr index_t size = nn::stored_size<B, Mean, In>(), own_size = nn::stored_size<B, Dense, In>();

    template <class X, class Y>
    static index_t state_size(index_t) {
      return size;
    }
    template <class X, class Y>
    static index_t workspace_size(index_t) {
      return Pass::training ? round_up(size, B::alignment) + own_size : 0;
    }
    template <class S>
    static void prepare(Pass& pass, const S* p, S* state) {
      B::fill(pass.context, state, size, S(0));
      average<rows, "weight">(pass, p, state);
      average<numbers, "bias">(pass, p, state);
    }
    template <class Layers, int First, class S, class X, class Y>
    static void forward(Pass& pass, const Layers&, const S* p, X x, Y y, S* state) {
      if (!pass.prepared) prepare(pass, p, state);
      affine_forward<B, identity_function>(pass.context, means<S>{state}, x, y);
    }
    template <class Layers, int First, class S, class X, class Y, class DY, class DX>
    static void backward(Pass& pass, const Layers&, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) {
      S *const of_means = pass.workspace, *const shares = of_means + round_up(size, B::alignment);
      B::fill(pass.context, of_means, round_up(size, B::alignment) + own_size, S(0));
      Mean{}.backward(pass, means<S>{state}, x, y, dy, dx, means<S>{of_means}, static_cast<S*>(nullptr));
      spread<rows, "weight">(pass, p, state, of_means, shares, g);
      spread<numbers, "bias">(pass, p, state, of_means, shares, g);
    }

  private:
    template <class Window, fixed_string Name, class S>
    static void average(Pass& pass, const S* p, S* state) {
      ops::pool<B, pooling::average, Window, leftover::drop>(pass.context, own<const S>{p}.template get<Name>(), means<S>{state}.template get<Name>());
    }
    // The adjoint assigns; what it gives is added.
    template <class Window, fixed_string Name, class S>
    static void spread(Pass& pass, const S* p, S* state, S* of_means, S* shares, S* g) {
      const auto share = own<S>{shares}.template get<Name>();
      ops::pool_adjoint<B, pooling::average, Window, leftover::drop>(pass.context, own<const S>{p}.template get<Name>(), means<S>{state}.template get<Name>(),
                                                                               means<S>{of_means}.template get<Name>(), share);
      B::add(pass.context, share, own<S>{g}.template get<Name>());
    }
  };
};

}
