// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/blocked.hpp>
#include <cosmoml/kernels/grid.hpp>
#include <cosmoml/kernels/registers.hpp>
#include <cosmoml/kernels/transpose.hpp>

#include <utility>

namespace cosmoml::inline COSMOML_ABI::kernels {

// ---- the kernel that convolutions are made of
//
//   C[r][v] = done(init + sum over (block, tap, i) of A[r] B[v]),   A[r] broadcast, B[v] a vector
//
// Rows are pixels (or, with the batch in the vectors, output channels), vectors are output channels (or pixels). Where a tap begins
// stands in a table; the rest is two strides. Only the number of rows and vectors and the steps between them are template arguments,
// so convolutions of different shapes share their code.
struct tap_offsets {
  index_t a, b;   // b in units of taps_of_blocks::b_unit
};
struct taps_of_blocks {
  const tap_offsets* taps;
  index_t count, b_unit;
  index_t blocks, a_block, b_block;   // blocks of `Inner` terms for each tap, and how far apart they lie in A and B
  int last;                           // terms in the last block
};

// A value that stays in its register: g++ would rather load it again for every product (2-4 % on x86, twice the time where vectors meet vectors).
template <class T>
[[gnu::always_inline]] inline T held(T v) {
#if defined(__GNUC__) && !defined(__clang__) && defined(__AVX__)
  __asm__("" : "+v"(v));
#endif
  return v;
}
template <int N, class S>
[[gnu::always_inline]] inline reg<S, N> pinned(const S* p) {
  return held(in_every_lane<N>(*p));
}
// A pointer that the compiler computes where it is told to: left alone, g++ keeps the distance of each row, more of them than there are
// registers, and fetches the others from memory for every product.
template <class S>
[[gnu::always_inline]] inline const S* pinned_pointer(const S* p) {
#if defined(__GNUC__) && !defined(__clang__)
  __asm__("" : "+r"(p));
#endif
  return p;
}

// ARow: elements between rows of A, 0 if known at run time only (a_row). BVector: elements between vectors of B. Inner terms of a
// block lie AStep apart in A and BStep apart in B. A last block may have terms of zeros behind its own, one where that makes pairs.
template <int Rows, int Vectors, index_t ARow, index_t BVector, int Inner, index_t AStep, index_t BStep, class S, class Epilogue>
[[gnu::noinline]] void contract(const S* a0, index_t a_row, const S* b0, const taps_of_blocks& t, const Epilogue& epilogue) {
  const Epilogue e = epilogue;   // the compiler need not look whether a store has changed it
  constexpr bool pairs = takes_pairs<S> && Vectors == 1 && Inner % 2 == 0 && AStep == 1 && BStep == lanes<S>;
  constexpr int N = pairs ? 2 : BVector == lanes<S> ? sharing(Vectors) : 1, across = pairs ? 1 : Vectors / N, step = pairs ? 2 : 1;
  const index_t row = ARow ? ARow : a_row;
  reg<S, N> sum[Rows][across] = {};
  if constexpr (!pairs)
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 32
      for (int v = 0; v < across; ++v) sum[r][v] = e.template init<N>(r, v * N);
  const auto term = [&](const S* a, const S* b) __attribute__((always_inline)) {
    reg<S, N> right[across];
#pragma GCC unroll 32
    for (int v = 0; v < across; ++v) {
      if constexpr (pairs) right[v] = load_in_pairs(b);
      else right[v] = load_register<N>(b + v * N * BVector);
    }
    const S* from = a;
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r) {
      if (ARow == 0 && r > 0 && r % 4 == 0) from = pinned_pointer(from + 4 * row);
      const S* const own = ARow == 0 ? from + r % 4 * row : a + r * row;
      reg<S, N> left;
      if constexpr (pairs) left = pair_in_every_lane(own);
      else left = across > 1 ? pinned<N>(own) : in_every_lane<N>(*own);
#pragma GCC unroll 32
      for (int v = 0; v < across; ++v) sum[r][v] += left * right[v];
    }
  };
  for (index_t block = 0; block < t.blocks; ++block) {
    const S* const a_block = a0 + block * t.a_block;
    const S* const b_block = b0 + block * t.b_block;
    const int terms = block + 1 < t.blocks ? Inner : t.last;
    for (index_t tap = 0; tap < t.count; ++tap) {
      const S* a = a_block + t.taps[tap].a;
      const S* b = b_block + t.taps[tap].b * t.b_unit;
      if (Inner == 1) term(a, b);
      else if (terms == Inner)
#pragma GCC unroll 2
        for (int i = 0; i < Inner; i += step) term(a + i * AStep, b + i * BStep);
      else
#pragma GCC unroll 2
        for (int i = 0; i < terms; i += step) term(a + i * AStep, b + i * BStep);
    }
  }
#pragma GCC unroll 32
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 32
    for (int v = 0; v < across; ++v) {
      if constexpr (pairs) {
        vec<S> even, odd;
        part_pairs<S>(sum[r][0], even, odd);
        e.template done<1>(r, 0, e.template init<1>(r, 0) + (even + odd));
      } else e.template done<N>(r, v * N, sum[r][v]);
    }
}

// Vectors of output channels kept in registers, and pixels beside them.
inline constexpr int most_vectors = registers < 32 ? 2 : 4;
constexpr int pixels_beside(int vectors) {
  const int wide = registers_of(vectors);
  if (registers < 32) return wide == 1 ? 8 : 5;
  return wide == 1 ? 16 : wide == 2 ? 12 : wide == 3 ? 8 : 6;
}

// f(integral_constant<width>, first) for tiles of a line of N pixels, widths differing by at most 1.
template <int N, int Most, class F>
[[gnu::always_inline]] inline void for_tiles(F f) {
  constexpr int tiles = (N + Most - 1) / Most, base = N / tiles, longer = N % tiles;
  int x = 0;
  if constexpr (longer > 0)
    for (int t = 0; t < longer; ++t, x += base + 1) f(std::integral_constant<int, base + 1>{}, x);
  for (int t = longer; t < tiles; ++t, x += base) f(std::integral_constant<int, base>{}, x);
}

// What becomes of a tile: y = f(bias + sum), or y = sum.
template <class S, class F>
struct biased_tile {
  const S* bias;
  S* y;
  index_t y_row, y_vector;
  F f;
  template <int N>
  [[gnu::always_inline]] reg<S, N> init(int, int v) const { return load_register<N>(bias + v * lanes<S>); }
  template <int N>
  [[gnu::always_inline]] void done(int r, int v, reg<S, N> sum) const {
    apart<S, N>(sum, [&](int i, vec<S> part) __attribute__((always_inline)) { store(y + r * y_row + (v + i) * y_vector, f(part)); });
  }
};
template <class S>
struct plain_tile {
  S* y;
  index_t y_row, y_vector;
  template <int N>
  [[gnu::always_inline]] reg<S, N> init(int, int) const { return reg<S, N>{}; }
  template <int N>
  [[gnu::always_inline]] void done(int r, int v, reg<S, N> sum) const {
    apart<S, N>(sum, [&](int i, vec<S> part) __attribute__((always_inline)) { store(y + r * y_row + (v + i) * y_vector, part); });
  }
};
// y = sum, vectors side by side.
template <class S>
struct row_tile {
  S* y;
  index_t y_row;
  template <int N>
  [[gnu::always_inline]] reg<S, N> init(int, int) const { return reg<S, N>{}; }
  template <int N>
  [[gnu::always_inline]] void done(int r, int v, reg<S, N> sum) const { store_register<N>(y + r * y_row + v * lanes<S>, sum); }
};
struct no_bias {};
struct same_value {
  template <class T>
  [[gnu::always_inline]] T operator()(T x) const {
    return x;
  }
};
template <class S, class Bias, class F>
[[gnu::always_inline]] inline auto tile_end(Bias bias, F f, index_t channel, S* y, index_t row, index_t vector) {
  if constexpr (std::same_as<Bias, no_bias>) return plain_tile<S>{y, row, vector};
  else return biased_tile<S, F>{bias + channel, y, row, vector, f};
}

// ---- channel blocks
//
// Weights lie as core/blocked.hpp's blocked_filter stores them. One phase of a convolution: outputs at start + step * i on each axis, i < count, are sums over `taps` of the input at
// origin + jump * i. A forward convolution is one phase; the adjoint of a strided one has one for each remainder.
struct phase {
  int count[3], start[3], step[3], jump[3];
};

template <int ChannelsIn, int ChannelsOut, int Width, int Jump, int Pixel, class S, class Bias, class F>
void direct_phase(const phase& p, const tap_offsets* taps, index_t count, grid<const S, Pixel> x, const S* w, index_t w_taps, Bias bias, F f, grid<S> y, index_t batch) {
  constexpr int L = lanes<S>, in = (ChannelsIn + L - 1) / L, out = (ChannelsOut + L - 1) / L, Wide = most_together(out, most_vectors);
  constexpr int groups = (out + Wide - 1) / Wide, narrow = out - (groups - 1) * Wide;
  const index_t lines = index_t(p.count[0]) * p.count[1];
  const double work = 2.0 * double(batch) * double(lines) * Width * double(count) * ChannelsIn * ChannelsOut;
  const auto run = [&]<int V>(std::integral_constant<int, V>, index_t group, index_t first, index_t last) {
    const taps_of_blocks t{taps, count, V * L * L, in, x.group, w_taps * V * L * L, ChannelsIn - (in - 1) * L};
    const S* const weights = w + group * Wide * in * w_taps * L * L;
    for (index_t i = first; i < last; ++i) {
      const index_t n = i / lines, z = i % lines / p.count[1], l = i % p.count[1];
      const S* const from = x.at(n * in, z * p.jump[0], l * p.jump[1]);
      S* const to = y.at(n * out + group * Wide, p.start[0] + z * p.step[0], p.start[1] + l * p.step[1]) + index_t(p.start[2]) * L;
      for_tiles<Width, pixels_beside(V)>([&](auto pixels, int at) {
        contract<pixels(), V, index_t(Jump) * Pixel, L, ChannelsIn == 1 ? 1 : L, 1, index_t(V) * L>(
            from + index_t(at) * Jump * Pixel, 0, weights, t, tile_end(bias, f, group * Wide * L, to + index_t(at) * p.step[2] * L, index_t(p.step[2]) * L, y.group));
      });
    }
  };
  share(batch * lines, 1, work > 1e6, [&](index_t first, index_t last, int) {
    for (index_t g = 0; g + 1 < groups || (narrow == Wide && g < groups); ++g) run(std::integral_constant<int, Wide>{}, g, first, last);
    if constexpr (narrow != Wide) run(std::integral_constant<int, narrow>{}, groups - 1, first, last);
  });
}

// How blocked_filter stores the weight of `outputs` from `inputs`: groups of `wide` vectors of outputs, the last may be smaller.
template <class S>
struct filter_blocks {
  int vectors, blocks, wide;   // of outputs, of inputs, in a group
  index_t taps;
  constexpr filter_blocks(int outputs, int inputs, int kernel_size)
      : vectors((outputs + lanes<S> - 1) / lanes<S>), blocks((inputs + lanes<S> - 1) / lanes<S>), wide(most_together(vectors, most_vectors)), taps(kernel_size) {}
  constexpr int groups() const { return (vectors + wide - 1) / wide; }
  constexpr int width(int group) const { return (group + 1) * wide <= vectors ? wide : vectors - group * wide; }
  constexpr index_t size() const { return index_t(vectors) * blocks * taps * lanes<S> * lanes<S>; }
  // Of the square (output vector v, input block b, tap), whose rows are inputs, `width * lanes` apart.
  constexpr index_t square(int v, int b, index_t tap) const {
    const int group = v / wide;
    return (index_t(group) * wide * blocks * taps + (b * taps + tap) * width(group)) * lanes<S> * lanes<S> + index_t(v - group * wide) * lanes<S>;
  }
};

// The weight with inputs and outputs exchanged, which the adjoint takes; taps keep their places.
template <class Z, class S>
void exchange_filter(const S* w, S* to) {
  static constexpr convolution_sizes z = Z::sizes;
  constexpr int L = lanes<S>;
  const filter_blocks<S> from(z.channels_out, z.channels_in, z.taps()), into(z.channels_in, z.channels_out, z.taps());
  share(from.vectors, 1, from.size() > 1 << 15, [&](index_t first, index_t last, int) {
    for (int v = int(first); v < int(last); ++v)
      for (int b = 0; b < from.blocks; ++b)
        for (index_t t = 0; t < from.taps; ++t) {
          const S* const square = w + from.square(v, b, t);
          S* const turned = to + into.square(b, v, t);
          const index_t rows = index_t(from.width(v / from.wide)) * L, columns = index_t(into.width(b / into.wide)) * L;
          transpose_square(square, rows, turned, columns);
        }
  });
}

// run<width, jump>(phase, taps, how many) of a convolution, or for each phase of its adjoint: where the taps begin in an operand with
// these steps from pixel to pixel, line to line and plane to plane.
template <class Z, class F>
void forward_phase(index_t plane, index_t line, index_t pixel, F run) {
  static constexpr convolution_sizes z = Z::sizes;
  tap_offsets taps[z.taps()];
  index_t t = 0;
  for (int d = 0; d < z.kernel[0]; ++d)
    for (int h = 0; h < z.kernel[1]; ++h)
      for (int c = 0; c < z.kernel[2]; ++c, ++t)
        taps[t] = {(d * z.dilation[0] - z.before[0]) * plane + (h * z.dilation[1] - z.before[1]) * line + index_t(c * z.dilation[2] - z.before[2]) * pixel, t};
  const phase p{{z.out[0], z.out[1], z.out[2]}, {0, 0, 0}, {1, 1, 1}, {z.stride[0], z.stride[1], z.stride[2]}};
  run.template operator()<z.out[2], z.stride[2]>(p, taps, t);
}
template <class Z, class F>
void adjoint_phases(index_t plane, index_t line, index_t pixel, F run) {
  static constexpr convolution_sizes z = Z::sizes;
  tap_offsets taps[z.taps()];
  const auto one = [&]<int R>(std::integral_constant<int, R>, int d0, int h0) {
    constexpr int width = (z.in[2] - R + z.stride[2] - 1) / z.stride[2];
    if constexpr (width > 0) {
      index_t count = 0;
      for (int d = 0; d < z.kernel[0]; ++d)
        for (int h = 0; h < z.kernel[1]; ++h)
          for (int c = 0; c < z.kernel[2]; ++c) {
            const int at[3] = {d0 + z.before[0] - d * z.dilation[0], h0 + z.before[1] - h * z.dilation[1], R + z.before[2] - c * z.dilation[2]};
            if (at[0] % z.stride[0] || at[1] % z.stride[1] || at[2] % z.stride[2]) continue;
            taps[count++] = {at[0] / z.stride[0] * plane + at[1] / z.stride[1] * line + index_t(at[2] / z.stride[2]) * pixel, (d * z.kernel[1] + h) * z.kernel[2] + c};
          }
      const phase p{{(z.in[0] - d0 + z.stride[0] - 1) / z.stride[0], (z.in[1] - h0 + z.stride[1] - 1) / z.stride[1], width}, {d0, h0, R}, {z.stride[0], z.stride[1], z.stride[2]}, {1, 1, 1}};
      run.template operator()<width, 1>(p, taps, count);
    }
  };
  for (int d0 = 0; d0 < z.stride[0] && d0 < z.in[0]; ++d0)
    for (int h0 = 0; h0 < z.stride[1] && h0 < z.in[1]; ++h0)
      [&]<int... R>(std::integer_sequence<int, R...>) { (one(std::integral_constant<int, R>{}, d0, h0), ...); }(std::make_integer_sequence<int, z.stride[2]>{});
}

// y = f(conv(x, w) + bias), all in channel blocks. x carries a rim of Z::sizes.rim_in zeros.
template <class Z, class S, int Pixel, class Bias, class F>
void direct_forward(grid<const S, Pixel> x, const S* w, Bias bias, F f, grid<S> y, index_t batch) {
  static constexpr convolution_sizes z = Z::sizes;
  forward_phase<Z>(x.plane, x.line, Pixel, [&]<int Width, int Jump>(const phase& p, const tap_offsets* taps, index_t count) {
    direct_phase<z.channels_in, z.channels_out, Width, Jump>(p, taps, count, x, w, z.taps(), bias, f, y, batch);
  });
}

// dx = the adjoint of that applied to dy, from exchange_filter's weight. dy carries a rim of Z::sizes.rim_out zeros.
template <class Z, class S, int Pixel>
void direct_input_adjoint(grid<const S, Pixel> dy, const S* exchanged, grid<S> dx, index_t batch) {
  static constexpr convolution_sizes z = Z::sizes;
  adjoint_phases<Z>(dy.plane, dy.line, Pixel, [&]<int Width, int Jump>(const phase& p, const tap_offsets* taps, index_t count) {
    direct_phase<z.channels_out, z.channels_in, Width, Jump>(p, taps, count, dy, exchanged, z.taps(), no_bias{}, same_value{}, dx, batch);
  });
}

}
