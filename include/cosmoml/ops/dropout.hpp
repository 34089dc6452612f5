// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/dropping.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {

// The product for the four numbers of the key's stream that one block of Philox gives.
template <index_t Inner, class X, class Y>
struct drop {
  dropping d;
  X x;
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
      for (index_t e = (j - d.first) * Inner; e < (j - d.first + 1) * Inner; ++e) y(e / size, e % size) = factor * x(e / size, e % size);
    }
  }
};

}

// y = x times a factor for each `Inner` elements, one after the other in canonical order. Its own adjoint: dx from dy by the same numbers,
// which are drawn twice rather than kept.
template <class B, index_t Inner, class X, class Y>
void dropout(typename B::context& c, dropping d, X x, Y y) {
  if constexpr (Inner == 1 && requires { requires OwnAbilities<B>; B::dropout(c, d, x, y); }) B::dropout(c, d, x, y);
  else B::for_each(c, (d.first % 4 + y.batch * (Y::sample_size / Inner) + 3) / 4, detail::drop<Inner, X, Y>{d, x, y});
}

}
