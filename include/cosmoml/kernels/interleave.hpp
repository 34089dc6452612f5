// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/lanes.hpp>

#include <utility>

namespace cosmoml::inline COSMOML_ABI::kernels {

namespace detail {
// The lanes I of a and b, counted through both.
template <class To, class V, int... I>
[[gnu::always_inline]] inline To lanes_of(V a, V b, std::integer_sequence<int, I...>) {
#if defined(__CUDACC__)   // nvcc 13 hands a builtin's pack to the host compiler unexpanded
  constexpr int from[] = {I...}, count = int(sizeof(V) / sizeof(a[0]));
  To v{};
  for (int i = 0; i < int(sizeof...(I)); ++i) v[i] = from[i] < count ? a[from[i]] : b[from[i] - count];
  return v;
#else
  return __builtin_shufflevector(a, b, I...);
#endif
}
template <class To, class V, int... I>
[[gnu::always_inline]] inline void split(V a, V b, To& even, To& odd, std::integer_sequence<int, I...>) {
  even = lanes_of<To>(a, b, std::integer_sequence<int, (2 * I)...>{});
  odd = lanes_of<To>(a, b, std::integer_sequence<int, (2 * I + 1)...>{});
}
template <class To, class V, int... I>
[[gnu::always_inline]] inline void halves(V v, To& first, To& second, std::integer_sequence<int, I...>) {
  first = lanes_of<To>(v, v, std::integer_sequence<int, I...>{});
  second = lanes_of<To>(v, v, std::integer_sequence<int, (int(sizeof...(I)) + I)...>{});
}
template <class To, class V, int... I>
[[gnu::always_inline]] inline To twice(V v, std::integer_sequence<int, I...>) {
  return lanes_of<To>(v, v, std::integer_sequence<int, (I / 2)...>{});
}
template <class To, class V, int... I>
[[gnu::always_inline]] inline To zipped(V even, V odd, std::integer_sequence<int, I...>) {
  return lanes_of<To>(even, odd, std::integer_sequence<int, (I / 2 + I % 2 * int(sizeof...(I)) / 2)...>{});
}
template <class V, int... I>
[[gnu::always_inline]] inline V pairs_of_halves(V v, std::integer_sequence<int, I...>) {
  return lanes_of<V>(v, v, std::integer_sequence<int, (I / 2 + I % 2 * int(sizeof...(I)) / 2)...>{});
}
template <class V, int... I>
[[gnu::always_inline]] inline void zip(V even, V odd, V& a, V& b, std::integer_sequence<int, I...>) {
  constexpr int L = int(sizeof...(I));
  a = lanes_of<V>(even, odd, std::integer_sequence<int, (I / 2 + I % 2 * L)...>{});
  b = lanes_of<V>(even, odd, std::integer_sequence<int, (L / 2 + I / 2 + I % 2 * L)...>{});
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
  detail::split(a, b, even, odd, std::make_integer_sequence<int, lanes<S>>{});
}
template <class S>
[[gnu::always_inline]] inline void deinterleave(vec<S> a, half_vec<S>& even, half_vec<S>& odd) {
  detail::split(a, a, even, odd, std::make_integer_sequence<int, lanes<S> / 2>{});
}
template <class S>
[[gnu::always_inline]] inline void interleave(vec<S> even, vec<S> odd, vec<S>& a, vec<S>& b) {
  detail::zip(even, odd, a, b, std::make_integer_sequence<int, lanes<S>>{});
}

}
