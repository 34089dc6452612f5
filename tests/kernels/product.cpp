// Products against sums in double: columns that end with one alone in its vector, deep and shallow sums, rows in pieces, rows of whole pages;
// padding stays zero, and a row's bits depend neither on the threads nor on the rows beside it.
#include "../support/worse.hpp"

#include <doctest/doctest.h>

#include <cosmoml/core/key.hpp>
#include <cosmoml/core/layout.hpp>
#include <cosmoml/kernels/product.hpp>

#include <cmath>
#include <cstring>
#include <vector>

using namespace cosmoml;

namespace {
template <class S>
std::vector<S> numbers(index_t n, std::uint64_t stream) {
  std::vector<S> v(std::size_t(n), S(0));
  for (index_t i = 0; i < n; ++i) v[std::size_t(i)] = S(2 * key{stream}.uniform(std::uint64_t(i)) - 1);
  return v;
}
// A matrix of `rows` rows whose columns beyond `used` are zero.
template <class S>
std::vector<S> padded_rows(index_t rows, index_t used, index_t row, std::uint64_t stream) {
  std::vector<S> v = numbers<S>(rows * row, stream);
  for (index_t r = 0; r < rows; ++r)
    for (index_t c = used; c < row; ++c) v[std::size_t(r * row + c)] = S(0);
  return v;
}

// C = A B + bias with A (rows, depth) in rows of `Stride`, or C += A B with A the transpose of what is stored so.
template <class S, int Columns, index_t Stride, bool Transposed>
struct product_of {
  static constexpr int L = kernels::lanes<S>, vectors = (Columns + L - 1) / L;
  static constexpr index_t row = padded_row(Columns, L);
  index_t rows, depth;
  std::vector<S> a = numbers<S>((Transposed ? depth : rows) * Stride, 1), b = padded_rows<S>(depth, Columns, row, 2), bias = padded_rows<S>(1, Columns, row, 3),
                 start = padded_rows<S>(rows, Columns, row, 4);

  std::vector<S> operator()(index_t first, index_t last) const {
    std::vector<S> c = start;
    const kernels::operands<S> o{a.data() + first * (Transposed ? 1 : Stride), Transposed ? 1 : Stride, Transposed ? Stride : 1, b.data(), row, depth, Columns % L};
    constexpr bool odd = Columns % L == 1 && vectors > 8;
    if constexpr (Transposed) kernels::product<vectors, 1, false, odd>(o, last - first, kernels::write<true, S>{c.data() + first * row, row});
    else {
      const auto same = [](auto v) { return v; };
      kernels::product<vectors, Stride, false, odd>(o, last - first, kernels::bias_then<S, decltype(same)>{bias.data(), c.data() + first * row, row, same});
    }
    return c;
  }
  void check() const {
    CAPTURE(rows);
    CAPTURE(depth);
    CAPTURE(Columns);
    CAPTURE(Transposed);
    const std::vector<S> c = (*this)(0, rows);
    double worst = 0;
    for (index_t r = 0; r < rows; ++r)
      for (index_t j = 0; j < row; ++j) {
        double sum = j >= Columns ? 0 : Transposed ? double(start[std::size_t(r * row + j)]) : double(bias[std::size_t(j)]), size = 1;
        for (index_t k = 0; k < depth && j < Columns; ++k) {
          const double term = double(a[std::size_t(Transposed ? k * Stride + r : r * Stride + k)]) * double(b[std::size_t(k * row + j)]);
          sum += term;
          size += std::abs(term);
        }
        const double error = std::abs(double(c[std::size_t(r * row + j)]) - sum);
        if (j >= Columns) CHECK(error == 0);
        else worst = tests::worse(worst, error / size);
      }
    // the bound of sums in any order, with a term for each of them
    CHECK(worst <= double(depth + 2) * std::pow(2.0, sizeof(S) == 4 ? -24 : -53));

    if (rows > 8) {   // the last rows alone, as many as go another way through the blocks
      const std::vector<S> few = (*this)(rows - 7, rows);
      CHECK(std::memcmp(few.data() + (rows - 7) * row, c.data() + (rows - 7) * row, std::size_t(7 * row) * sizeof(S)) == 0);
    }
#if defined(_OPENMP)
    const int before = omp_get_max_threads();
    for (int threads = 1; threads <= 4; ++threads) {
      omp_set_num_threads(threads);
      const std::vector<S> again = (*this)(0, rows);
      CHECK(std::memcmp(again.data(), c.data(), c.size() * sizeof(S)) == 0);
    }
    omp_set_num_threads(before);
#endif
  }
};
template <class S, int Columns, index_t Stride, bool Transposed>
void check(index_t rows, index_t depth) {
  product_of<S, Columns, Stride, Transposed>{rows, depth}.check();
}
}

TEST_CASE_TEMPLATE("products of many columns, one of them alone in its vector", S, float, double) {
  for (index_t rows : {3, 5, 97, 150, 301}) {
    check<S, 137, 310, true>(rows, 70);    // more rows than registers of one pass, a part of a vector left
    check<S, 136, 310, true>(rows, 70);
    check<S, 129, 90, false>(rows, 83);    // a part of a register of terms left
    check<S, 129, 90, false>(rows, 20);    // too few terms for a sum along them
    check<S, 138, 90, false>(rows, 65);
  }
}
TEST_CASE_TEMPLATE("terms of a gradient in pieces", S, float, double) {
  check<S, 73, 40, true>(37, 1535);   // one piece
  check<S, 73, 40, true>(37, 1536);   // two
  check<S, 73, 1024, true>(200, 300);   // rows a page or two apart: pieces of 128
  check<S, 20, 1024, true>(99, 129);
  check<S, 73, 9000, false>(10, 8999);   // a column that finds no room on the stack
}
