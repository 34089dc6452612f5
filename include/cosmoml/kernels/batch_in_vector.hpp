// SPDX-License-Identifier: BSL-1.0
// Direct convolutions of few channels with the batch in the vectors (core/blocked.hpp): no lane is empty whatever the channels are, the
// weights are broadcast, and the adjoint of the weight multiplies vectors by vectors. Batches end in zeros, which stay zeros.
#pragma once
#include <cosmoml/kernels/direct_weight.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels::batched {

// Sums kept in registers, `rows` of them beside each other from one vector of pixels.
inline constexpr int most_sums = registers < 32 ? 12 : 24, most_rows = registers < 32 ? 4 : 8;

// Weights as rows of a tile want them: [tile of rows][channel][tap][row of the tile], where rows are output channels, or, for the
// adjoint, input channels.
template <class Z, bool Adjoint, class S>
struct rows_filter {
  static constexpr convolution_sizes z = Z::sizes;
  static constexpr int rows = Adjoint ? z.channels_in : z.channels_out, channels = Adjoint ? z.channels_out : z.channels_in, taps = z.taps();
  static constexpr index_t size = round_up(index_t(rows) * channels * taps, 64 / index_t(sizeof(S)));
  // From a blocked_filter.
  static void pack(const S* w, S* to) {
    constexpr int L = lanes<S>;
    const filter_blocks<S> f(z.channels_out, z.channels_in, taps);
    for_tiles<rows, most_rows>([&](auto tile, int first) {
      for (int c = 0; c < channels; ++c)
        for (int t = 0; t < taps; ++t)
          for (int r = first; r < first + tile(); ++r) {
            const int o = Adjoint ? c : r, i = Adjoint ? r : c;
            *to++ = w[f.square(o / L, i / L, t) + index_t(i % L) * f.width(o / L / f.wide) * L + o % L];
          }
    });
  }
};

// What becomes of a tile whose rows have a bias each.
template <class S, class F>
struct biased_rows {
  const S* bias;
  S* y;
  index_t y_row, y_pixel;
  F f;
  template <int N>
  [[gnu::always_inline]] reg<S, N> init(int r, int) const { return in_every_lane<N>(bias[r]); }
  template <int N>
  [[gnu::always_inline]] void done(int r, int v, reg<S, N> sum) const {
    apart<S, N>(sum, [&](int i, vec<S> part) __attribute__((always_inline)) { store(y + r * y_row + (v + i) * y_pixel, f(part)); });
  }
};

// f(integral_constant<pixels>, first) for a line of Width pixels. Pixels that lie side by side go through registers by two where those
// hold two vectors: then a last tile may begin within the one before, and writes the same again.
template <int Width, int Most, bool SideBySide, class F>
[[gnu::always_inline]] inline void for_pixels(F f) {
  if constexpr (!SideBySide || vectors_in_register == 1 || Width < 2) for_tiles<Width, Most>(f);
  else {
    constexpr int most = Most < Width ? Most / 2 : Width / 2;
    for_tiles<(Width + 1) / 2, (most < 1 ? 1 : most)>([&](auto pairs, int first) __attribute__((always_inline)) {
      constexpr int many = 2 * pairs();
      f(std::integral_constant<int, many>{}, 2 * first + many > Width ? Width - many : 2 * first);
    });
  }
}

template <class Filter, int Width, int Jump, class S, class Bias, class F>
void phase_of(const phase& p, const tap_offsets* taps, index_t count, grid<const S> x, const S* w, Bias bias, F f, grid<S> y, index_t groups) {
  constexpr int L = lanes<S>, rows = Filter::rows, channels = Filter::channels;
  constexpr int across = vectors_in_register == 2 && Jump == 1 && Width > 1 ? 2 : 1;
  const index_t lines = index_t(p.count[0]) * p.count[1];
  const double work = 2.0 * double(groups) * L * double(lines) * Width * double(count) * rows * channels;
  share(groups * lines, 1, work > 1e6, [&](index_t first, index_t last, int) {
    const S* weights = w;
    for_tiles<rows, most_rows>([&](auto tile, int row) {
      tap_offsets own[Filter::taps];
      for (index_t t = 0; t < count; ++t) own[t] = {taps[t].b * tile(), taps[t].a};
      const taps_of_blocks terms{own, count, 1, channels, index_t(Filter::taps) * tile(), x.group, 1};
      for (index_t i = first; i < last; ++i) {
        const index_t n = i / lines, z = i % lines / p.count[1], l = i % p.count[1];
        const S* const from = x.at(n * channels, z * p.jump[0], l * p.jump[1]);
        S* const to = y.at(n * rows + row, p.start[0] + z * p.step[0], p.start[1] + l * p.step[1]) + index_t(p.start[2]) * L;
        for_pixels<Width, across * (most_sums / tile()), Jump == 1>([&](auto pixels, int at) {
          S* const target = to + index_t(at) * p.step[2] * L;
          const index_t step = index_t(p.step[2]) * L;
          const auto run = [&](const auto& end) { contract<tile(), pixels(), 1, index_t(Jump) * L, 1, 1, 1>(weights, 0, from + index_t(at) * Jump * L, terms, end); };
          if constexpr (std::same_as<Bias, no_bias>) run(plain_tile<S>{target, y.group, step});
          else run(biased_rows<S, F>{bias + row, target, y.group, step, f});
        });
      }
      weights += index_t(tile()) * channels * Filter::taps;
    });
  });
}

// y = f(conv(x, w) + bias) of `groups` vectors of samples. x carries a rim of Z::sizes.rim_in zeros; scratch memory for rows_filter<Z,
// false, S>::size scalars. Lanes behind the last sample hold f(bias) afterwards.
template <class Z, class S, class Bias, class F>
void forward(grid<const S> x, const S* w, Bias bias, F f, grid<S> y, index_t groups, S* scratch) {
  using filter = rows_filter<Z, false, S>;
  filter::pack(w, scratch);
  forward_phase<Z>(x.plane, x.line, lanes<S>, [&]<int Width, int Jump>(const phase& p, const tap_offsets* taps, index_t count) {
    phase_of<filter, Width, Jump>(p, taps, count, x, static_cast<const S*>(scratch), bias, f, y, groups);
  });
}
// dx = the adjoint of the sum applied to dy, which carries a rim of Z::sizes.rim_out zeros; scratch for rows_filter<Z, true, S>::size.
template <class Z, class S>
void input_adjoint(grid<const S> dy, const S* w, grid<S> dx, index_t groups, S* scratch) {
  using filter = rows_filter<Z, true, S>;
  filter::pack(w, scratch);
  adjoint_phases<Z>(dy.plane, dy.line, lanes<S>, [&]<int Width, int Jump>(const phase& p, const tap_offsets* taps, index_t count) {
    phase_of<filter, Width, Jump>(p, taps, count, dy, static_cast<const S*>(scratch), no_bias{}, same_value{}, dx, groups);
  });
}

// sums[r][t] += the products of rows of dy and of x at neighbouring taps, lane by lane, over `lines` of Width pixels.
template <int Rows, int Taps, int Width, int Jump, class S>
[[gnu::noinline]] void accumulate_products(const S* dy, index_t dy_row, index_t dy_line, const S* x, index_t x_tap, index_t x_line, index_t lines, S* sums) {
  constexpr int L = lanes<S>, N = Jump == 1 && Width > 1 ? vectors_in_register : 1;
  reg<S, N> sum[Rows][Taps];
#pragma GCC unroll 32
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 32
    for (int t = 0; t < Taps; ++t) sum[r][t] = load_register<N>(sums + (r * Taps + t) * N * L);
  const auto add = [&](auto&& at, const S* left, const S* right) __attribute__((always_inline)) {
    reg<S, N> own[Taps];
#pragma GCC unroll 32
    for (int t = 0; t < Taps; ++t) own[t] = at(right + t * x_tap);
#pragma GCC unroll 32
    for (int r = 0; r < Rows; ++r) {
      const reg<S, N> d = held(at(left + r * dy_row));
#pragma GCC unroll 32
      for (int t = 0; t < Taps; ++t) sum[r][t] += d * own[t];
    }
  };
  for (index_t l = 0; l < lines; ++l) {
    const S *left = dy + l * dy_line, *right = x + l * x_line;
#pragma GCC unroll 1
    for (int p = 0; p + N <= Width; p += N, left += N * L, right += N * Jump * L) add([](const S* at) __attribute__((always_inline)) { return load_register<N>(at); }, left, right);
    if constexpr (Width % N != 0) add([](const S* at) __attribute__((always_inline)) { return joined<S, N>([&](int i) __attribute__((always_inline)) { return i == 0 ? load(at) : vec<S>{}; }); }, left, right);
  }
#pragma GCC unroll 32
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 32
    for (int t = 0; t < Taps; ++t) store_register<N>(sums + (r * Taps + t) * N * L, sum[r][t]);
}

// How the adjoint of the weight is formed: sums of lanes for each weight over some of the lines each, which are added at the end. Their
// number depends on the shape and the batch alone.
template <class Z, class S>
struct weight_form {
  static constexpr convolution_sizes z = Z::sizes;
  static constexpr int L = lanes<S>, most_taps = z.kernel[2] < 5 ? z.kernel[2] : z.kernel[2] == 5 || z.kernel[2] > 8 ? 5 : 4;
  static constexpr int rows = most_sums / most_taps < most_rows ? most_sums / most_taps : most_rows;
  static constexpr index_t wide = index_t(z.stride[2] == 1 && z.out[2] > 1 ? vectors_in_register : 1) * L;   // scalars of a sum
  static constexpr index_t size = index_t(z.channels_in) * z.channels_out * z.taps() * wide;
  // Lines of the outputs that stay in the first cache while all taps and inputs pass over them.
  static constexpr index_t together = larger(1, 12 * 1024 / (index_t(z.out[2]) * L * rows * index_t(sizeof(S))));
  static constexpr index_t pieces = (z.out[1] + together - 1) / together;   // of a plane
  static constexpr index_t most_parts = larger(4, (index_t(1) << 20) / (size * index_t(sizeof(S))) < 8 ? (index_t(1) << 20) / (size * index_t(sizeof(S))) : 8);
  static index_t parts(index_t groups) { return groups * z.out[0] * pieces < most_parts ? groups * z.out[0] * pieces : most_parts; }
  static index_t scratch(index_t groups) { return parts(groups) * size; }
};

// dw += the adjoint of the weight, a blocked_filter. x carries a rim of Z::sizes.rim_in zeros; lanes behind the last sample hold zeros in
// one of the two and numbers in the other.
template <class Z, class S>
void weight_adjoint(grid<const S> x, grid<const S> dy, S* dw, index_t groups, S* scratch) {
  using form = weight_form<Z, S>;
  static constexpr convolution_sizes z = Z::sizes;
  constexpr int L = lanes<S>;
  const index_t parts = form::parts(groups), pieces = groups * z.out[0] * form::pieces;
  // f(rows of the tile, first row, taps of the tile, first tap of a line, input, first line of taps, sums before it)
  const auto for_sums = [&](auto f) {
    index_t before = 0;
    for_tiles<z.channels_out, form::rows>([&](auto rows, int o) {
      for (int i = 0; i < z.channels_in; ++i)
        for (int line = 0; line < z.kernel[0] * z.kernel[1]; ++line)
          for_tiles<z.kernel[2], form::most_taps>([&](auto taps, int c) {
            f(rows, o, taps, c, i, line, before);
            before += index_t(rows()) * taps();
          });
    });
  };
  share(parts, 1, double(groups) * L * double(z.points_out()) * double(form::size) > 1e6, [&](index_t begin, index_t end, int) {
    for (index_t s = begin; s < end; ++s) {
      S* const sums = scratch + s * form::size;
      for (index_t i = 0; i < form::size; ++i) sums[i] = S(0);
      for (index_t piece = pieces * s / parts; piece < pieces * (s + 1) / parts; ++piece) {
        const index_t n = piece / form::pieces / z.out[0], d = piece / form::pieces % z.out[0], h = piece % form::pieces * form::together;
        const index_t lines = z.out[1] - h < form::together ? z.out[1] - h : form::together;
        for_sums([&](auto rows, int o, auto taps, int c, int i, int line, index_t before) {
          const index_t kd = line / z.kernel[1] * z.dilation[0] - z.before[0], kh = line % z.kernel[1] * z.dilation[1] - z.before[1], kw = c * z.dilation[2] - z.before[2];
          accumulate_products<rows(), taps(), z.out[2], z.stride[2]>(dy.at(n * z.channels_out + o, d, h), dy.group, dy.line,
                                                                     x.at(n * z.channels_in + i, d * z.stride[0] + kd, h * z.stride[1] + kh) + kw * L, index_t(z.dilation[2]) * L,
                                                                     z.stride[1] * x.line, lines, sums + before * form::wide);
        });
      }
    }
  });
  const filter_blocks<S> f(z.channels_out, z.channels_in, z.taps());
  for_sums([&](auto rows, int o, auto taps, int c, int i, int line, index_t before) {
    for (int r = 0; r < rows(); ++r)
      for (int t = 0; t < taps(); ++t) {
        const int out = o + r;
        vec<S> sum{};
        for (index_t s = 0; s < parts; ++s)
          for (index_t lane = 0; lane < form::wide; lane += L) sum += load(static_cast<const S*>(scratch + s * form::size + (before + r * taps() + t) * form::wide + lane));
        dw[f.square(out / L, i / L, line * z.kernel[2] + c + t) + index_t(i % L) * f.width(out / L / f.wide) * L + out % L] += sum_of_lanes<S>(sum);
      }
  });
}

}
