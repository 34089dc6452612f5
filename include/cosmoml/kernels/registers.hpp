// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/interleave.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// What the registers of the products hold. Layouts are made of vectors of 32 bytes also with AVX-512, since wider ones leave more padding: a
// map of eight channels would be half empty. Where AVX-512 has two units of 64 bytes, two vectors side by side go through one register.
// Zen 4, which g++ 12 takes for Zen 3, has one such unit: nothing to gain.
#if defined(__AVX512F__) && COSMOML_VECTOR_BYTES == 32 && !defined(__znver3__) && !defined(__znver4__)
inline constexpr int vectors_in_register = 2;
#else
inline constexpr int vectors_in_register = 1;
#endif

// How many of `vectors` side by side share a register.
constexpr int sharing(int vectors) { return vectors % vectors_in_register == 0 ? vectors_in_register : 1; }
constexpr int registers_of(int vectors) { return vectors / sharing(vectors); }

// N vectors in one register.
template <class S, int N>
struct register_of {
  typedef S type __attribute__((vector_size(N * vector_bytes)));
  typedef S unaligned __attribute__((vector_size(N * vector_bytes), aligned(sizeof(S)), may_alias));
};
template <class S, int N>
using reg = typename register_of<S, N>::type;

template <int N, class S>
[[gnu::always_inline]] inline reg<S, N> load_register(const S* p) {
  return *reinterpret_cast<const typename register_of<S, N>::unaligned*>(p);
}
template <int N, class S>
[[gnu::always_inline]] inline void store_register(S* p, reg<S, N> r) {
  *reinterpret_cast<typename register_of<S, N>::unaligned*>(p) = r;
}
template <int N, class S>
[[gnu::always_inline]] inline reg<S, N> in_every_lane(S s) {
  return s - reg<S, N>{};
}
// Of the vectors f(0) ... f(N - 1).
template <class S, int N, class F>
[[gnu::always_inline]] inline reg<S, N> joined(F f) {
  static_assert(N <= 2, "cosmoml: a register holds one vector or two");
  if constexpr (N == 1) return f(0);
  else return detail::lanes_of<reg<S, N>>(f(0), f(1), std::make_integer_sequence<int, 2 * lanes<S>>{});
}
// f(i, vector i of r).
template <class S, int N, class F>
[[gnu::always_inline]] inline void apart(reg<S, N> r, F f) {
  if constexpr (N == 1) f(0, r);
  else {
    vec<S> first, second;
    detail::halves(r, first, second, std::make_integer_sequence<int, lanes<S>>{});
    f(0, first);
    f(1, second);
  }
}

// A register of two vectors for sums of one, or for two sums: factors from two neighbours in memory stand in the even and the odd lanes,
// which is one load.
template <class S>
inline constexpr bool takes_pairs = vectors_in_register == 2 && sizeof(S) == 4;
template <class S>
[[gnu::always_inline]] inline reg<S, 2> pair_in_every_lane(const S* p) {
  typedef unsigned long long pairs __attribute__((vector_size(2 * vector_bytes)));
  unsigned long long pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return __builtin_bit_cast(reg<S, 2>, pair - pairs{});
}
// Two vectors in the even and the odd lanes; the vectors p and p + lanes; the vector p in both.
template <class S>
[[gnu::always_inline]] inline reg<S, 2> in_pairs(vec<S> even, vec<S> odd) {
  return detail::zipped<reg<S, 2>>(even, odd, std::make_integer_sequence<int, 2 * lanes<S>>{});
}
template <class S>
[[gnu::always_inline]] inline reg<S, 2> load_in_pairs(const S* p) {
  return detail::pairs_of_halves(load_register<2>(p), std::make_integer_sequence<int, 2 * lanes<S>>{});
}
template <class S>
[[gnu::always_inline]] inline reg<S, 2> load_twice(const S* p) {
  return detail::twice<reg<S, 2>>(load(p), std::make_integer_sequence<int, 2 * lanes<S>>{});
}
template <class S>
[[gnu::always_inline]] inline void part_pairs(reg<S, 2> r, vec<S>& even, vec<S>& odd) {
  detail::split(r, r, even, odd, std::make_integer_sequence<int, lanes<S>>{});
}

}
