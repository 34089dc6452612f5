// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI {

// An extent that is known at run time only.
inline constexpr index_t dynamic = -1;

// A matrix somewhere in memory, strides known at compile time; at most one extent may be dynamic. `Slack` elements of zero
// padding follow each line that runs with stride one, so vectors may overrun it by that much.
template <class S, index_t Rows, index_t Columns, index_t RowStride, index_t ColumnStride, index_t Slack = 0>
struct matrix {
  using scalar = S;
  static constexpr index_t rows_static = Rows, columns_static = Columns, row_stride = RowStride, column_stride = ColumnStride,
                           slack = Slack;
  S* data = nullptr;
  index_t run_time = 0;   // the dynamic extent

  COSMOML_HD constexpr index_t rows() const { return Rows == dynamic ? run_time : Rows; }
  COSMOML_HD constexpr index_t columns() const { return Columns == dynamic ? run_time : Columns; }
  COSMOML_HD S& operator()(index_t r, index_t c) const { return data[r * RowStride + c * ColumnStride]; }
};

template <class S, index_t R, index_t C, index_t RS, index_t CS, index_t Slack>
COSMOML_HD constexpr matrix<S, C, R, CS, RS, Slack> transpose(matrix<S, R, C, RS, CS, Slack> m) {
  return {m.data, m.run_time};
}

}
