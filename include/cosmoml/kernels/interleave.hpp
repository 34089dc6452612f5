// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/lanes.hpp>

#include <utility>

namespace cosmoml::inline COSMOML_ABI::kernels {

namespace detail {
template <class S, int... I>
[[gnu::always_inline]] inline void split(vec<S> a, vec<S> b, vec<S>& even, vec<S>& odd, std::integer_sequence<int, I...>) {
  even = __builtin_shufflevector(a, b, (2 * I)...);
  odd = __builtin_shufflevector(a, b, (2 * I + 1)...);
}
template <class S, int... I>
[[gnu::always_inline]] inline void zip(vec<S> even, vec<S> odd, vec<S>& a, vec<S>& b, std::integer_sequence<int, I...>) {
  constexpr int L = int(sizeof...(I));
  a = __builtin_shufflevector(even, odd, (I / 2 + I % 2 * L)...);
  b = __builtin_shufflevector(even, odd, (L / 2 + I / 2 + I % 2 * L)...);
}
template <class S, int... I>
[[gnu::always_inline]] inline void split(vec<S> a, auto& even, auto& odd, std::integer_sequence<int, I...>) {
  even = __builtin_shufflevector(a, a, (2 * I)...);
  odd = __builtin_shufflevector(a, a, (2 * I + 1)...);
}
}

// Half a vector.
template <class S>
struct half_vector_of {
  typedef S type __attribute__((vector_size(vector_bytes / 2)));
  typedef S unaligned __attribute__((vector_size(vector_bytes / 2), aligned(sizeof(S)), may_alias));
};
template <class S>
using half_vec = typename half_vector_of<S>::type;
template <class S>
[[gnu::always_inline]] inline void store_half(S* p, half_vec<S> v) {
  *reinterpret_cast<typename half_vector_of<S>::unaligned*>(p) = v;
}

// Lanes 0, 2, 4 ... and 1, 3, 5 ... of two vectors that follow one another, and back.
template <class S>
[[gnu::always_inline]] inline void deinterleave(vec<S> a, vec<S> b, vec<S>& even, vec<S>& odd) {
  detail::split<S>(a, b, even, odd, std::make_integer_sequence<int, lanes<S>>{});
}
template <class S>
[[gnu::always_inline]] inline void deinterleave(vec<S> a, half_vec<S>& even, half_vec<S>& odd) {
  detail::split<S>(a, even, odd, std::make_integer_sequence<int, lanes<S> / 2>{});
}
template <class S>
[[gnu::always_inline]] inline void interleave(vec<S> even, vec<S> odd, vec<S>& a, vec<S>& b) {
  detail::zip<S>(even, odd, a, b, std::make_integer_sequence<int, lanes<S>>{});
}

}
