// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/registers.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// One column of a product where it stands alone in its vector, seven eighths of which would be padding: 273 = 34 x 8 + 1. Vectors run
// along the terms of its sums, or along its rows, whichever lie side by side in A. A row's bits do not depend on which others go with it.

// Rows of A, terms side by side, times a column that lies in one run of memory.
template <int Rows, class S>
[[gnu::always_inline]] inline void column_of_rows(const S* a, index_t a_row, const S* b, index_t depth, S* sums) {
  constexpr int N = vectors_in_register, R = N * lanes<S>;
  reg<S, N> part[2][Rows] = {};
  index_t k = 0;
  for (; k + 2 * R <= depth; k += 2 * R)
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
      const reg<S, N> right = load_register<N>(b + k + i * R);
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) part[i][r] += load_register<N>(a + r * a_row + k + i * R) * right;
    }
  if (k + R <= depth) {
    const reg<S, N> right = load_register<N>(b + k);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) part[0][r] += load_register<N>(a + r * a_row + k) * right;
    k += R;
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    vec<S> both{};
    apart<S, N>(part[0][r] + part[1][r], [&](int, vec<S> v) { both += v; });
    S sum = sum_of_lanes<S>(both);
    for (index_t rest = k; rest < depth; ++rest) sum += a[r * a_row + rest] * b[rest];
    sums[r] = sum;
  }
}

// So many registers of rows that lie side by side in A, times the column from b on.
template <int Registers, int N, class Load, class S>
[[gnu::always_inline]] inline void column_along_rows(const S* a, index_t a_k, const S* b, index_t b_k, index_t depth, Load load_from, S* sums) {
  reg<S, N> sum[Registers] = {};
  for (index_t k = 0; k < depth; ++k, a += a_k, b += b_k) {
    const reg<S, N> right = in_every_lane<N>(*b);
#pragma GCC unroll 16
    for (int j = 0; j < Registers; ++j) sum[j] += load_from(a + j * N * lanes<S>) * right;
  }
#pragma GCC unroll 16
  for (int j = 0; j < Registers; ++j) store_register<N>(sums + j * N * lanes<S>, sum[j]);
}

// That column of C, e.g. of rows [first, last). RowStride as in product.hpp: 1 where rows lie side by side in A.
template <index_t RowStride, class S>
class odd_column {
  static constexpr int L = lanes<S>, N = vectors_in_register, R = N * L;
  static constexpr index_t least = 64, most = 4096;   // terms: fewer are not worth the sums over lanes, more find no room on the stack

public:
  template <class Operands>
  static bool takes(const Operands& o) {
    return o.depth >= least && (RowStride == 1 || (o.a_k == 1 && o.depth <= most));
  }
  template <class Operands>
  odd_column(const Operands& o, index_t column) : a_(o.a), a_row_(RowStride ? RowStride : o.a_row), a_k_(o.a_k), b_(o.b + column), b_k_(o.b_k), depth_(o.depth), column_(column) {
    if constexpr (RowStride != 1)
      for (index_t k = 0; k < depth_; ++k) run_[k] = b_[k * b_k_];
  }
  template <class Epilogue>
  void rows(index_t first, index_t last, const Epilogue& e) const {
    S sums[RowStride == 1 ? 6 * R : 4];
    index_t r = first;
    if constexpr (RowStride == 1) {
      const auto whole = [](const S* p) { return load_register<N>(p); };
      for (; r + 6 * R <= last; r += 6 * R) column_along_rows<6, N>(a_ + r, a_k_, b_, b_k_, depth_, whole, sums), add(r, 6 * R, sums, e);
      for (; r + R <= last; r += R) column_along_rows<1, N>(a_ + r, a_k_, b_, b_k_, depth_, whole, sums), add(r, R, sums, e);
      for (; r < last; r += L) {
        const int count = int(last - r < L ? last - r : L);
        column_along_rows<1, 1>(a_ + r, a_k_, b_, b_k_, depth_, [count](const S* p) { return load_first(p, count); }, sums), add(r, count, sums, e);
      }
    } else {
      for (; r + 4 <= last; r += 4) column_of_rows<4>(a_ + r * a_row_, a_row_, run_, depth_, sums), add(r, 4, sums, e);
      for (; r < last; ++r) column_of_rows<1>(a_ + r * a_row_, a_row_, run_, depth_, sums), add(r, 1, sums, e);
    }
  }

private:
  template <class Epilogue>
  void add(index_t row, index_t count, const S* sums, const Epilogue& e) const {
    for (index_t i = 0; i < count; ++i) {
      vec<S> v = e.init(row + i, column_);
      v[0] += sums[i];
      e.done(row + i, column_, v);
    }
  }
  const S* a_;
  index_t a_row_, a_k_;
  const S* b_;
  index_t b_k_, depth_, column_;
  S run_[RowStride == 1 ? 1 : most];   // the column of B
};

}
