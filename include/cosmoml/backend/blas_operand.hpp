// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/matrix.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// A matrix as BLAS takes it: its columns are runs of memory `lead` apart (transposed: its rows are). Neither: `known` is false.
struct blas_operand {
  bool known, transposed;
  int lead;

  template <class M>
  static blas_operand of(M m) {
    const blas_operand columns = lines(M::row_stride, M::column_stride, m.rows(), m.columns(), false);
    return columns.known ? columns : lines(M::column_stride, M::row_stride, m.columns(), m.rows(), true);
  }

private:
  // `count` lines of `length` elements
  static blas_operand lines(index_t step, index_t lead, index_t length, index_t count, bool transposed) {
    return {step == 1 && (count <= 1 || lead >= length), transposed, int(larger(larger(lead, length), 1))};
  }
};

// Calls product(a, left, b, right, c, lead) with C by columns, A and B or their transposes as BLAS wants them; false if a matrix is nothing
// that BLAS knows.
template <class A, class M, class C, class Product>
bool as_blas(A a, M b, C c, Product product) {
  const blas_operand left = blas_operand::of(a), right = blas_operand::of(b), direct = blas_operand::of(c), turned = blas_operand::of(transpose(c));
  if (!left.known || !right.known) return false;
  if (direct.known && !direct.transposed) product(a, left, b, right, c, direct.lead);
  else if (turned.known && !turned.transposed)
    product(transpose(b), blas_operand::of(transpose(b)), transpose(a), blas_operand::of(transpose(a)), transpose(c), turned.lead);
  else return false;
  return true;
}

}
