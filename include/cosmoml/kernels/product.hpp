// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/odd_column.hpp>
#include <cosmoml/kernels/threads.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// One register-blocked product serves forward, input gradient and weight gradient:
//
//   C[r][c] = done(init(r, c) + sum_k A[r][k] B[k][c])
//
// A is broadcast and may have any strides, rows of B and C are runs of vectors. What happens to an accumulator before the first and
// after the last addition is an epilogue: a functor on registers. Only the row stride of A is a template argument (run-time strides
// would need one register a row), so layers of different widths share most of the code.

// How many of n registers' worth of columns the next panel takes; how many of n vectors; and how many rows stay in registers beside them.
constexpr int panel_registers(int n) {
  if (registers < 32) return n >= 2 ? 2 : 1;
  if (n <= 4) return n;
  return n % 3 == 1 ? 4 : 3;
}
constexpr int panel_vectors(int n) {
  return n < vectors_in_register ? n : panel_registers(n / vectors_in_register) * vectors_in_register;
}
constexpr int rows_beside(int vectors) {
  const int wide = registers_of(vectors);
  if (registers < 32) return wide == 1 ? 8 : 6;
  return wide == 1 ? 16 : wide == 2 || wide == 3 ? 8 : 6;
}

// What a product asks for before it needs it. The hardware sees no streams in rows this far apart, and what another core has written (new
// weights, a gradient) comes late: rows of A and B some terms ahead, rows of C a block ahead, and, while the first rows go through a panel of
// B, the panel behind it, a line every four terms, since a core waits for few lines at once.
inline constexpr index_t ahead_in_a = 16, ahead_in_b = 8, terms_a_line = 4;
template <int Vectors, int ToWrite = 0, class S>
[[gnu::always_inline]] inline void prefetch_row(const S* p) {
  constexpr int in_line = vector_bytes < 64 ? 64 / vector_bytes : 1;
#pragma GCC unroll 16
  for (int v = 0; v < Vectors; v += in_line) __builtin_prefetch(p + v * lanes<S>, ToWrite);
}

// A and B as the kernel takes them. `tail` counts the columns in the last vector when rows of B or C end without padding.
template <class S>
struct operands {
  const S* a;
  index_t a_row, a_k;
  const S* b;
  index_t b_k;
  index_t depth;
  int tail;
};

// RowStride 0 stands for a run-time stride: the few rows left over, shared by all shapes. Split: each sum in several parts, for products
// of so few rows that the latency of an addition would be all there is; their bits differ from those of the same row among many.
template <int Rows, int Vectors, index_t RowStride, bool Tail, bool Split = false, class S, class Epilogue>
[[gnu::noinline]] void block(const operands<S>& o, index_t row, index_t column, const Epilogue& epilogue, const S* next_panel = nullptr) {
  const Epilogue e = epilogue;   // nothing stored is part of it
  constexpr int L = lanes<S>, chains = Rows * Vectors;
  constexpr int N = Tail || Split ? 1 : sharing(Vectors), across = Vectors / N;
  const index_t a_row = RowStride ? RowStride : o.a_row;
  const S* __restrict a = o.a + row * a_row;
  const S* __restrict b = o.b + column;
  if (!next_panel) next_panel = b;
  reg<S, N> sum[Rows][across];
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 64
    for (int j = 0; j < across; ++j) {
      if constexpr (Tail) sum[r][j] = j == Vectors - 1 ? e.init_first(row + r, column + j * L, o.tail) : e.init(row + r, column + j * L);
      else sum[r][j] = e.template init<N>(row + r, column + j * N * L);
    }
  if constexpr (RowStride != 0)
    if (o.depth >= 8) {
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) prefetch_row<Vectors, 1>(static_cast<const S*>(e.at(row + Rows + r, column)));
    }
  index_t k = 0;
  if constexpr (Split && chains < 8) {
    constexpr int parts = 8 / chains;   // of the rows of B, read side by side
    const index_t each = o.depth / parts, a_far = each * o.a_k, b_far = each * o.b_k;
    vec<S> part[parts][Rows][Vectors] = {};
    for (; k < each; ++k) {
#pragma GCC unroll 8
      for (int i = 0; i < parts; ++i)
#pragma GCC unroll 64
        for (int j = 0; j < Vectors; ++j) {
          const S* at = b + i * b_far + j * L;
          const vec<S> right = Tail && j == Vectors - 1 ? load_first(at, o.tail) : load(at);
#pragma GCC unroll 64
          for (int r = 0; r < Rows; ++r) part[i][r][j] += broadcast(a[r * a_row + i * a_far]) * right;
        }
      a += o.a_k;
      b += o.b_k;
    }
    k = each * parts;
    a += (parts - 1) * a_far;
    b += (parts - 1) * b_far;
#pragma GCC unroll 8
    for (int i = 0; i < parts; ++i)
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 64
        for (int j = 0; j < Vectors; ++j) sum[r][j] += part[i][r][j];
  }
  for (; k < o.depth; ++k) {
    if constexpr (RowStride == 1) prefetch_row<(Rows + L - 1) / L>(a + (across == 1 ? 2 : 1) * ahead_in_a * o.a_k);   // a term of one register is soon done
    if constexpr (RowStride != 0) {
      prefetch_row<Vectors>(b + ahead_in_b * o.b_k);
      if (k % terms_a_line == 0) {
        __builtin_prefetch(next_panel, 0, 2);
        next_panel += o.b_k;
      }
    }
    reg<S, N> right[across];
#pragma GCC unroll 64
    for (int j = 0; j < across; ++j) {
      if constexpr (Tail) right[j] = j == Vectors - 1 ? load_first(b + j * L, o.tail) : load(b + j * L);
      else right[j] = load_register<N>(b + j * N * L);
    }
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r) {
      const reg<S, N> left = in_every_lane<N>(a[r * a_row]);
#pragma GCC unroll 64
      for (int j = 0; j < across; ++j) sum[r][j] += left * right[j];
    }
    a += o.a_k;
    b += o.b_k;
  }
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 64
    for (int j = 0; j < across; ++j) {
      if (Tail && j == Vectors - 1) {
        if constexpr (Tail) e.done_first(row + r, column + j * L, sum[r][j], o.tail);
      } else e.template done<N>(row + r, column + j * N * L, sum[r][j]);
    }
}

// One vector of columns where registers hold two: rows by two where they lie side by side in A, terms by two where those do, the even and
// the odd ones in sums of their own. Sums begin with zero, and rows are added up alike however many go together.
template <int Rows, index_t RowStride, class S, class Epilogue>
[[gnu::noinline]] void narrow_block(const operands<S>& o, index_t row, index_t column, const Epilogue& epilogue) {
  const Epilogue e = epilogue;
  const index_t a_row = RowStride ? RowStride : o.a_row;
  const S* __restrict a = o.a + row * a_row;
  const S* __restrict b = o.b + column;
  vec<S> sum[Rows] = {};
  index_t k = 0;
  if constexpr (RowStride == 1 && Rows % 2 == 0) {
    reg<S, 2> rows[Rows / 2] = {};
    for (; k < o.depth; ++k, a += o.a_k, b += o.b_k) {
      prefetch_row<(Rows + lanes<S> - 1) / lanes<S>>(a + ahead_in_a * o.a_k);
      const reg<S, 2> right = load_twice(b);
#pragma GCC unroll 8
      for (int r = 0; r < Rows / 2; ++r) rows[r] += pair_in_every_lane(a + 2 * r) * right;
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows / 2; ++r) part_pairs<S>(rows[r], sum[2 * r], sum[2 * r + 1]);
  } else if (RowStride != 1 && o.a_k == 1) {
    reg<S, 2> terms[Rows] = {};
    for (; k + 2 <= o.depth; k += 2, a += 2, b += 2 * o.b_k) {
      const reg<S, 2> right = in_pairs<S>(load(b), load(b + o.b_k));
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) terms[r] += pair_in_every_lane(a + r * a_row) * right;
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      vec<S> even, odd;
      part_pairs<S>(terms[r], even, odd);
      sum[r] = even + odd;
    }
  }
  for (; k < o.depth; ++k, a += o.a_k, b += o.b_k) {
    const vec<S> right = load(b);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) sum[r] += broadcast(a[r * a_row]) * right;
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) e.done(row + r, column, e.init(row + r, column) + sum[r]);
}

template <int Vectors, index_t RowStride, bool Tail, class S, class Epilogue>
void panel(const operands<S>& o, index_t r, index_t rows, index_t column, const Epilogue& e, bool fetch_next = false) {
  constexpr int full = rows_beside(Vectors);
  if constexpr (Vectors == 1 && !Tail && takes_pairs<S>) {
    for (; r + full <= rows; r += full) narrow_block<full, RowStride>(o, r, column, e);
    for (; r + 4 <= rows; r += 4) narrow_block<4, 0>(o, r, column, e);
    for (; r < rows; ++r) narrow_block<1, 0>(o, r, column, e);
    return;
  }
  // each block of rows one line of as many rows of B as it takes steps
  constexpr index_t lines = (Vectors * vector_bytes + 63) / 64, blocks = lines * terms_a_line, line = 64 / sizeof(S);
  const S* const next = o.b + column + Vectors * lanes<S>;
  for (index_t i = fetch_next ? 0 : blocks; r + full <= rows; r += full, ++i)
    block<full, Vectors, RowStride, Tail>(o, r, column, e, i < blocks ? next + i % lines * line + i / lines * (o.depth / terms_a_line) * o.b_k : nullptr);
  for (; r + 4 <= rows; r += 4) block<4, Vectors, 0, Tail>(o, r, column, e);
  if (r + 2 <= rows) block<2, Vectors, 0, Tail>(o, r, column, e), r += 2;
  if (r < rows) block<1, Vectors, 0, Tail>(o, r, column, e);
}

// Columns [column, ...) of rows [first, last) of C, `Vectors` wide; Tail: the very last vector is partial; fetch_next: these rows are the first.
template <int Vectors, index_t RowStride, bool Tail, class S, class Epilogue>
void panels(const operands<S>& o, index_t first, index_t last, const Epilogue& e, index_t column, bool fetch_next = false) {
  constexpr int now = panel_vectors(Vectors);
  constexpr int alike = [] {
    int n = Vectors, count = 0;
    for (; n > now && panel_vectors(n) == now; n -= now) ++count;
    return count;
  }();
  if constexpr (alike > 8) {   // in a loop: a template each would end at the compiler's limit of depth
    for (int i = 0; i < alike; ++i) panel<now, RowStride, false>(o, first, last, column + i * now * lanes<S>, e, fetch_next);
    panels<Vectors - alike * now, RowStride, Tail>(o, first, last, e, column + alike * now * lanes<S>, fetch_next);
  } else if constexpr (Vectors > now) {
    panel<now, RowStride, false>(o, first, last, column, e, fetch_next);
    panels<Vectors - now, RowStride, Tail>(o, first, last, e, column + now * lanes<S>, fetch_next);
  } else panel<now, RowStride, Tail>(o, first, last, column, e);
}
// sum += the rows of B, Rows of them, times what stands for them in A.
template <int Rows, int Vectors, class S>
[[gnu::always_inline]] inline void add_rows(const vec<S> (&left)[Rows], const S* b, index_t b_k, S* sum) {
  constexpr int L = lanes<S>;
  vec<S> part[2][Vectors] = {};
#pragma GCC unroll 2
  for (int v = 0; v < Vectors; ++v) part[0][v] = load(static_cast<const S*>(sum) + v * L);
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < Vectors; ++v) part[i % 2][v] += left[i] * load(b + i * b_k + v * L);
#pragma GCC unroll 2
  for (int v = 0; v < Vectors; ++v) store(sum + v * L, part[0][v] + part[1][v]);
}
template <int Rows, class S>
[[gnu::always_inline]] inline void add_rows(const S* a, index_t a_k, const S* b, index_t b_k, S* sum, int vectors) {
  constexpr int L = lanes<S>;
  vec<S> left[Rows];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) left[i] = broadcast(a[i * a_k]);
  int v = 0;
#pragma GCC unroll 1
  for (; v + 2 <= vectors; v += 2) add_rows<Rows, 2>(left, b + v * L, b_k, sum + v * L);
  if (v < vectors) add_rows<Rows, 1>(left, b + v * L, b_k, sum + v * L);
}
// One or two rows whose sums do not fit the registers: B from its first row to its last, eight rows side by side, which is how it comes
// fastest from the second cache and beyond; the sums lie where the result will. Shared by all widths.
template <class S, class Epilogue>
[[gnu::noinline]] void wide(const operands<S> o, index_t rows, int vectors, const Epilogue e) {   // by value: nothing stored is one of them
  constexpr int L = lanes<S>, together = 8;
  auto each = [&](auto f) {
    for (index_t r = 0; r < rows; ++r)
#pragma GCC unroll 1
      for (index_t j = 0; j < vectors * L; j += L) f(r, j);
  };
  each([&](index_t r, index_t j) { store(e.at(r, j), e.init(r, j)); });
  index_t k = 0;
  const S* b = o.b;
  for (; k + together <= o.depth; k += together, b += together * o.b_k)
    for (index_t r = 0; r < rows; ++r) add_rows<together>(o.a + r * o.a_row + k * o.a_k, o.a_k, b, o.b_k, e.at(r, 0), vectors);
  for (; k < o.depth; ++k, b += o.b_k)
    for (index_t r = 0; r < rows; ++r) add_rows<1>(o.a + r * o.a_row + k * o.a_k, o.a_k, b, o.b_k, e.at(r, 0), vectors);
  each([&](index_t r, index_t j) { e.done(r, j, load(static_cast<const S*>(e.at(r, j)))); });
}
// One or two rows: as many columns at once as registers hold sums.
inline constexpr index_t few_rows = 2;
template <int Vectors, bool Tail, class S, class Epilogue>
void few(const operands<S>& o, index_t rows, const Epilogue& e) {
  constexpr int in_registers = registers < 32 ? 12 : 24, last = (Vectors - 1) * lanes<S>;
  if constexpr (Vectors > in_registers) {
    wide(o, rows, Vectors - int(Tail), e);
    if constexpr (Tail)
      for (index_t r = 0; r < rows; ++r) block<1, 1, 0, true, true>(o, r, last, e);
  } else
    for (index_t r = 0; r < rows; ++r) block<1, Vectors, 0, Tail, true>(o, r, 0, e);
}
// Pieces in which rows go through all columns, and the terms of a gradient through all rows: what they have of A, and a panel of B, stay in
// the second cache. Rows of A whole pages apart (1024 floats) meet in few of its sets: fewer terms. The last piece is up to half as large again.
inline constexpr index_t rows_together = 96;
template <class S>
constexpr index_t terms_together(index_t stride) {
  return stride * index_t(sizeof(S)) % 4096 == 0 ? 128 : 1024;
}
template <class F>
void in_pieces(index_t first, index_t last, index_t together, F f) {
  for (index_t at = first, to; at < last; at = to) {
    to = 2 * (last - at) < 3 * together ? last : at + together;
    f(at, to);
  }
}
// Rows [first, last) of C. Odd: the last of many vectors holds one column, and padding.
template <int Vectors, index_t RowStride, bool Tail, bool Odd, class S, class Epilogue>
void product_rows(const operands<S>& o, index_t first, index_t last, const Epilogue& e) {
  if constexpr (Odd) {
    constexpr index_t column = (Vectors - 1) * lanes<S>;
    const auto even = [&](index_t r, index_t to) { panels<Vectors - 1, RowStride, false>(o, r, to, e, 0, r == first); };
    if (odd_column<RowStride, S>::takes(o)) {
      const odd_column<RowStride, S> odd(o, column);
      in_pieces(first, last, rows_together, [&](index_t r, index_t to) { even(r, to), odd.rows(r, to, e); });
    } else in_pieces(first, last, rows_together, [&](index_t r, index_t to) { even(r, to), panel<1, RowStride, false>(o, r, to, column, e); });
  } else in_pieces(first, last, rows_together, [&](index_t r, index_t to) { panels<Vectors, RowStride, Tail>(o, r, to, e, 0, r == first); });
}
template <int Vectors, index_t RowStride, bool Tail, bool Odd = false, class S, class Epilogue>
void product(const operands<S>& o, index_t rows, const Epilogue& e) {
  if (rows <= few_rows) return few<Vectors, Tail>(o, rows, e);
  constexpr int grain = rows_beside(panel_vectors(Vectors - int(Odd)));
  constexpr double worth = 1e6;   // multiplications and additions: ten microseconds, five times what a second thread costs to start
  share(rows, grain, 2.0 * double(rows) * double(o.depth) * Vectors * lanes<S> > worth, [&](index_t first, index_t last, int) {
    if constexpr (RowStride == 1 && Epilogue::accumulates)
      in_pieces(0, o.depth, terms_together<S>(o.a_k), [&](index_t k, index_t to) {
        operands<S> piece = o;
        piece.a += k * o.a_k, piece.b += k * o.b_k, piece.depth = to - k;
        product_rows<Vectors, RowStride, Tail, Odd>(piece, first, last, e);
      });
    else product_rows<Vectors, RowStride, Tail, Odd>(o, first, last, e);
  });
}

// C = A B, or C += A B.
template <bool Add, class S>
struct write {
  static constexpr bool accumulates = Add;
  S* c;
  index_t row_stride;
  [[gnu::always_inline]] S* at(index_t r, index_t j) const { return c + r * row_stride + j; }
  template <int N = 1>
  [[gnu::always_inline]] reg<S, N> init(index_t r, index_t j) const { return Add ? load_register<N>(at(r, j)) : reg<S, N>{}; }
  [[gnu::always_inline]] vec<S> init_first(index_t r, index_t j, int n) const { return Add ? load_first(at(r, j), n) : vec<S>{}; }
  template <int N = 1>
  [[gnu::always_inline]] void done(index_t r, index_t j, reg<S, N> v) const { store_register<N>(at(r, j), v); }
  [[gnu::always_inline]] void done_first(index_t r, index_t j, vec<S> v, int n) const { store_first(at(r, j), v, n); }
};

// C = f(A B + bias), the bias padded to whole vectors.
template <class S, class F>
struct bias_then {
  static constexpr bool accumulates = false;
  const S* bias;
  S* c;
  index_t row_stride;
  F f;
  [[gnu::always_inline]] S* at(index_t r, index_t j) const { return c + r * row_stride + j; }
  template <int N = 1>
  [[gnu::always_inline]] reg<S, N> init(index_t, index_t j) const { return load_register<N>(bias + j); }
  [[gnu::always_inline]] vec<S> init_first(index_t, index_t j, int) const { return load(bias + j); }
  template <int N = 1>
  [[gnu::always_inline]] void done(index_t r, index_t j, reg<S, N> v) const { store_register<N>(at(r, j), f(v)); }
  [[gnu::always_inline]] void done_first(index_t r, index_t j, vec<S> v, int n) const { store_first(at(r, j), f(v), n); }
};

}
