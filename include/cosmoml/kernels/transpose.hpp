// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/lanes.hpp>

#include <utility>

namespace cosmoml::inline COSMOML_ABI::kernels {

namespace detail {
// Exchanges the two off-diagonal halves of every square of side 2 Step in the rows a, a + Step.
template <int Step, class S, int... J>
[[gnu::always_inline]] inline void exchange(vec<S>& a, vec<S>& b, std::integer_sequence<int, J...>) {
  constexpr int L = lanes<S>;
#if defined(__CUDACC__)   // nvcc 13 hands a builtin's pack to the host compiler unexpanded
  const vec<S> x = a, y = b;
  for (int j = 0; j < L; ++j) {
    a[j] = (j & Step) == 0 ? x[j] : y[j - Step];
    b[j] = (j & Step) == 0 ? x[j + Step] : y[j];
  }
#else
  const vec<S> low = __builtin_shufflevector(a, b, ((J & Step) == 0 ? J : L + J - Step)...);
  b = __builtin_shufflevector(a, b, ((J & Step) == 0 ? J + Step : L + J)...);
  a = low;
#endif
}
template <int Step, class S>
[[gnu::always_inline]] inline void exchange_all(vec<S>* v) {
  if constexpr (Step < lanes<S>) {
#pragma GCC unroll 32
    for (int i = 0; i < lanes<S>; ++i)
      if ((i & Step) == 0) exchange<Step, S>(v[i], v[i + Step], std::make_integer_sequence<int, lanes<S>>{});
    exchange_all<2 * Step, S>(v);
  }
}
}

// to[i * to_row + j] = from[j * from_row + i] for a square of lanes<S> by lanes<S>, in registers.
template <class S>
[[gnu::always_inline]] inline void transpose_square(const S* from, index_t from_row, S* to, index_t to_row) {
  vec<S> v[lanes<S>];
#pragma GCC unroll 32
  for (int i = 0; i < lanes<S>; ++i) v[i] = load(from + i * from_row);
  detail::exchange_all<1, S>(v);
#pragma GCC unroll 32
  for (int i = 0; i < lanes<S>; ++i) store(to + i * to_row, v[i]);
}

// The same with only `rows` rows of `from`, the others zeros.
template <class S>
[[gnu::always_inline]] inline void transpose_rows(const S* from, index_t from_row, int rows, S* to, index_t to_row) {
  vec<S> v[lanes<S>] = {};
#pragma GCC unroll 32
  for (int i = 0; i < lanes<S>; ++i)
    if (i < rows) v[i] = load(from + i * from_row);
  detail::exchange_all<1, S>(v);
#pragma GCC unroll 32
  for (int i = 0; i < lanes<S>; ++i) store(to + i * to_row, v[i]);
}

}
