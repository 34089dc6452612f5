// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// to[r][c] = from[r row + c column] for r < rows, c < columns, and zeros up to `lead`: a copy with contiguous rows of a matrix of any
// strides, square by square so that neither side leaves the cache.
template <class S>
void turned(const S* from, index_t row, index_t column, index_t rows, index_t columns, S* __restrict to, index_t lead) {
  constexpr index_t side = 8;
  const index_t whole_rows = rows / side * side, whole_columns = columns / side * side;
  auto one_by_one = [=](index_t r, index_t first, index_t last) {
    const S* in = from + r * row + first * column;
    for (S *out = to + r * lead + first, *end = to + r * lead + last; out < end; ++out, in += column) *out = *in;
  };
  for (index_t c = 0; c < whole_columns; c += side) {
    for (index_t r = 0; r < whole_rows; r += side) {
      S square[side][side];
      const S* corner = from + r * row + c * column;
#pragma GCC unroll 8
      for (int j = 0; j < side; ++j)
#pragma GCC unroll 8
        for (int i = 0; i < side; ++i) square[i][j] = corner[j * column + i * row];
#pragma GCC unroll 8
      for (int i = 0; i < side; ++i)
#pragma GCC unroll 8
        for (int j = 0; j < side; ++j) to[(r + i) * lead + c + j] = square[i][j];
    }
    for (index_t r = whole_rows; r < rows; ++r) one_by_one(r, c, c + side);
  }
  for (index_t r = 0; r < rows; ++r) {
    one_by_one(r, whole_columns, columns);
    for (index_t j = columns; j < lead; ++j) to[r * lead + j] = S(0);
  }
}

}
