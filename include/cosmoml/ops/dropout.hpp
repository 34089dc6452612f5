// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/dropping.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// Mask and product for the four numbers of the key's stream that one block of Philox gives.
template <index_t Inner, class X, class M, class Y>
struct drop {
  dropping d;
  X x;
  M mask;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr index_t size = Y::sample_size;
    const index_t block = d.first / 4 + i, last = d.first + y.batch * (size / Inner);
    const philox::block words = d.randomness.words(std::uint64_t(block));
    for (int w = 0; w < 4; ++w) {
      const index_t j = 4 * block + w;
      if (j < d.first || j >= last) continue;
      const S factor = d.keeps(words.word[w]) ? S(d.scale()) : S(0);
      for (index_t e = (j - d.first) * Inner; e < (j - d.first + 1) * Inner; ++e) {
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

// mask = a factor for each `Inner` elements, one after the other in canonical order; y = mask x.
template <class B, index_t Inner, class X, class M, class Y>
void dropout(typename B::context& c, dropping d, X x, M mask, Y y) {
  if constexpr (Inner == 1 && requires { requires OwnAbilities<B>; B::dropout(c, d, x, mask, y); }) B::dropout(c, d, x, mask, y);
  else B::for_each(c, (d.first % 4 + y.batch * (Y::sample_size / Inner) + 3) / 4, detail::drop<Inner, X, M, Y>{d, x, mask, y});
}
// dx = mask dy
template <class B, class M, class DY, class DX>
void dropout_adjoint(typename B::context& c, M mask, DY dy, DX dx) {
  if constexpr (requires { requires OwnAbilities<B>; B::dropout_adjoint(c, mask, dy, dx); }) B::dropout_adjoint(c, mask, dy, dx);
  else B::for_each(c, dy.elements(), detail::drop_adjoint<M, DY, DX>{mask, dy, dx});
}

}
