// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

struct dropout_options {
  double rate = 0.5;       // of elements that become zero
  bool channels = false;   // whole channels at once (PyTorch's Dropout1d to 3d)
};

template <class At, class After, class Given>
struct dropout_rate_out_of_range {
  static_assert(never<At>, "cosmoml: the rate of dropout is at least 0 and below 1");
};

namespace detail {

// Mask and product for the four numbers of the key's stream that one block of Philox gives.
template <class X, class M, class Y, index_t Inner>
struct drop {
  X x;
  M mask;
  Y y;
  key k;
  double rate;
  index_t first, count;   // of the numbers of the stream that this batch uses
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr index_t size = Y::sample_size;
    const index_t block = first / 4 + i;
    const philox::block words = k.words(std::uint64_t(block));
    for (int w = 0; w < 4; ++w) {
      const index_t j = 4 * block + w;
      if (j < first || j >= first + count) continue;
      const S factor = float(words.word[w] >> 8) * 0x1p-24f < float(rate) ? S(0) : S(1 / (1 - rate));
      for (index_t e = (j - first) * Inner; e < (j - first + 1) * Inner; ++e) {
        mask(e / size, e % size) = factor;
        y(e / size, e % size) = factor * x(e / size, e % size);
      }
    }
  }
};
template <class M, class DY, class DX>
struct drop_adjoint {
  M mask;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = DY::sample_size;
    const index_t n = i / size, e = i % size;
    dx(n, e) = mask(n, e) * dy(n, e);
  }
};

}

// Training: each element becomes zero with probability `rate`, and what stays is multiplied by 1 / (1 - rate). Inference: the identity.
// PyTorch's Dropout. The mask is read off the pass's key: the same on every backend and any number of threads.
template <dropout_options Options = dropout_options{}>
struct dropout {
  static constexpr bool reads_output = false;
  static constexpr extents output(extents in) { return Options.rate >= 0 && Options.rate < 1 ? in : extents::broken(); }
  static constexpr auto fields(extents) { return no_fields; }
  static constexpr edge_wishes wishes(extents) { return {.in = {}, .out = {}, .same = true}; }
  static constexpr extents live(extents, extents live_out) { return live_out; }
  template <int Index, class Before, class In>
  using mistake = dropout_rate_out_of_range<at<Index, dropout>, Before, In>;
  static std::string label() { return text("dropout ", Options.rate, Options.channels ? " of channels" : ""); }

  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    return Pass::training ? batch * Y::sample_size : 0;
  }
  template <class Y, class S>
  static auto mask(Y y, S* state) {
    return view<S, canonical<typename Y::shape_type>>{state, y.batch};
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, [[maybe_unused]] S* state) const {
    using B = typename Pass::backend;
    if constexpr (Pass::training) {
      constexpr index_t inner = Options.channels && Y::shape.rank > 1 ? Y::shape.stride(0) : 1, draws = Y::sample_size / inner;
      const index_t first = pass.first_sample * draws, count = y.batch * draws;
      auto m = mask(y, state);
      B::for_each(pass.context, (first % 4 + count + 3) / 4, detail::drop<X, decltype(m), Y, inner>{x, m, y, pass.randomness, Options.rate, first, count});
    } else B::convert(pass.context, x, y);
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X, Y y, DY dy, DX dx, G, S* state) const {
    auto m = mask(y, state);
    if constexpr (Wanted<DX>) Pass::backend::for_each(pass.context, dy.elements(), detail::drop_adjoint<decltype(m), DY, DX>{m, dy, dx});
  }
};

}
