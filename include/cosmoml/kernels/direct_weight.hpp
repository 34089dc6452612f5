// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/direct.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Where the terms of a sum over samples, lines and pixels lie: `pixel`, `line` and `sample` are the steps between them.
struct term_steps {
  index_t pixel, line, sample;
};

// dw[i][v] += sum over terms of a[i] b[v]: a broadcast, b a vector, dw kept in registers throughout. Everything but the size of the
// tile is known at run time, so all convolutions share these.
// With few inputs and vectors, Streams sums of every so many-th pixel run side by side: one alone would wait for its own additions.
// Apart: the sum is formed from zero and then added, so that many calls make a sum of sums: for terms that are much larger than what
// becomes of them, as Winograd's are.
// Rows: vectors of b lie side by side. AStep: elements between a[i] and a[i + 1].
template <int Inputs, int Vectors, bool Rows, bool Apart = false, index_t AStep = 1, class S>
[[gnu::noinline]] void accumulate_outer(const S* a, const term_steps& as, const S* b, index_t b_vector, const term_steps& bs, index_t samples, index_t lines, index_t pixels,
                                        S* dw, index_t dw_row) {
  constexpr bool pairs = takes_pairs<S> && Vectors == 1 && Inputs % 2 == 0 && AStep == 1;
  constexpr int N = pairs ? 2 : sharing(Vectors), step = pairs ? 2 : 1, across = pairs ? 1 : Vectors / N, down = Inputs / step, W = N * lanes<S>;
  constexpr int Streams = down * across >= 8 ? 1 : down * across >= 4 ? 2 : 4;
  reg<S, N> sums[Streams][down][across] = {};
  if constexpr (!Apart && !pairs)
#pragma GCC unroll 32
    for (int i = 0; i < Inputs; ++i)
#pragma GCC unroll 32
      for (int v = 0; v < across; ++v) sums[0][i][v] = load_register<N>(dw + i * dw_row + v * W);
  const auto pixel = [&](reg<S, N>(&sum)[down][across], const S* left, const S* right) __attribute__((always_inline)) {
    reg<S, N> g[across];
#pragma GCC unroll 32
    for (int v = 0; v < across; ++v) {
      if constexpr (pairs) g[v] = load_twice(right);
      else if constexpr (Rows) g[v] = load_register<N>(right + v * W);
      else g[v] = joined<S, N>([&](int i) __attribute__((always_inline)) { return load(right + (v * N + i) * b_vector); });
    }
#pragma GCC unroll 32
    for (int i = 0; i < down; ++i) {
      reg<S, N> s;
      if constexpr (pairs) s = pair_in_every_lane(left + 2 * i);
      else s = across > 1 ? pinned<N>(left + i * AStep) : in_every_lane<N>(left[i * AStep]);
#pragma GCC unroll 32
      for (int v = 0; v < across; ++v) sum[i][v] += s * g[v];
    }
  };
  for (index_t n = 0; n < samples; ++n)
    for (index_t l = 0; l < lines; ++l) {
      const S* left = a + n * as.sample + l * as.line;
      const S* right = b + n * bs.sample + l * bs.line;
      index_t p = 0;
      if constexpr (Streams > 1)
        for (; p + Streams <= pixels; p += Streams, left += Streams * as.pixel, right += Streams * bs.pixel)
#pragma GCC unroll 4
          for (int s = 0; s < Streams; ++s) pixel(sums[s], left + s * as.pixel, right + s * bs.pixel);
#pragma GCC unroll 2
      for (; p < pixels; ++p, left += as.pixel, right += bs.pixel) pixel(sums[0], left, right);
    }
#pragma GCC unroll 32
  for (int i = 0; i < down; ++i)
#pragma GCC unroll 32
    for (int v = 0; v < across; ++v) {
#pragma GCC unroll 4
      for (int s = 1; s < Streams; ++s) sums[0][i][v] += sums[s][i][v];
      if constexpr (pairs) {
        S* const to = dw + 2 * i * dw_row;
        vec<S> even, odd;
        part_pairs<S>(sums[0][i][0], even, odd);
        store(to, load(static_cast<const S*>(to)) + even);
        store(to + dw_row, load(static_cast<const S*>(to + dw_row)) + odd);
      } else {
        if constexpr (Apart) sums[0][i][v] += load_register<N>(dw + i * dw_row + v * W);
        store_register<N>(dw + i * dw_row + v * W, sums[0][i][v]);
      }
    }
}

// Input channels kept beside `vectors` of output channels.
constexpr int inputs_beside(int vectors) {
  if (registers < 32) return vectors == 1 ? 8 : 4;
  return registers_of(vectors) == 4 ? 4 : 8;
}

// Scratch memory that direct_weight_adjoint makes use of: for that many sums of filters that are not large.
inline constexpr index_t direct_weight_sums = 8;
template <class Z, class S>
constexpr index_t direct_weight_scratch() {
  const index_t size = filter_blocks<S>(Z::sizes.channels_out, Z::sizes.channels_in, Z::sizes.taps()).size();
  return size * index_t(sizeof(S)) <= 512 * 1024 ? direct_weight_sums * size : 0;
}

// dw += sums of `size` scalars, one after the other in scratch memory: f(number, thread, sum) adds to number `number`, which is zero before.
template <class S, class F>
void sum_of_sums(index_t sums, index_t size, S* scratch, S* dw, F f) {
  share(sums, 1, true, [&](index_t first, index_t last, int thread) {
    for (index_t s = first; s < last; ++s) {
      S* const sum = scratch + s * size;
      for (index_t i = 0; i < size; ++i) sum[i] = S(0);
      f(s, thread, sum);
    }
  });
  share(size, 64, size > sweep_worth, [&](index_t first, index_t last, int) {
    for (index_t s = 0; s < sums; ++s)
      for (index_t i = first; i < last; ++i) dw[i] += scratch[s * size + i];
  });
}

// dw += the adjoint of the weight: sum over samples and pixels of x (at each tap) times dy, all in channel blocks; x carries a rim of
// Z::sizes.rim_in zeros. With scratch memory threads form sums over some of the planes each, else each weight is one thread's; the order
// of the sum depends on the shape and the batch alone.
template <class Z, class S, int Pixel>
void direct_weight_adjoint(grid<const S, Pixel> x, grid<const S> dy, S* dw, index_t batch, S* scratch = nullptr) {
  static constexpr convolution_sizes z = Z::sizes;
  constexpr int L = lanes<S>;
  static constexpr filter_blocks<S> f(z.channels_out, z.channels_in, z.taps());
  constexpr int groups = f.groups(), narrow = f.width(groups - 1);
  // Lines, or samples of small maps, that stay in registers together: enough to hide loading and storing the tile, few enough that
  // they stay in L1 while all taps and inputs pass over them.
  constexpr index_t line_bytes = index_t(z.out[2]) * L * f.wide * sizeof(S);
  constexpr int together = int(larger(1, 12 * 1024 / line_bytes));
  constexpr int lines = together < z.out[1] ? together : z.out[1];
  constexpr index_t samples = z.out[0] == 1 && z.out[1] == lines ? larger(1, together / lines) : 1;
  // An item of work: one block of inputs, one plane and line of the kernel, for one group of outputs.
  constexpr int items = f.blocks * z.kernel[0] * z.kernel[1];
  const double work = 2.0 * double(batch) * double(z.points_out()) * z.taps() * z.channels_in * z.channels_out;
  const index_t planes = (batch + samples - 1) / samples * z.out[0];

  // items [first, last) of one group for planes [begin, end)
  const auto run = [&]<int V>(std::integral_constant<int, V>, int group, index_t first, index_t last, index_t begin, index_t end, S* sum) {
    constexpr int most = inputs_beside(V) < L ? inputs_beside(V) : L;
    const term_steps xs{index_t(z.stride[2]) * Pixel, z.stride[1] * x.line, f.blocks * x.group}, ys{L, dy.line, f.vectors * dy.group};
    for (index_t plane = begin; plane < end; ++plane) {
      const index_t n = plane / z.out[0] * samples;
      const int d = int(plane % z.out[0]);
      for (int h = 0; h < z.out[1]; h += lines) {
        const index_t many = batch - n < samples ? batch - n : samples, high = z.out[1] - h < lines ? z.out[1] - h : lines;
        const S* const g = dy.at(n * f.vectors + group * f.wide, d, h);
        for (index_t item = first; item < last; ++item) {
          const int b = int(item / (z.kernel[0] * z.kernel[1])), kd = int(item / z.kernel[1] % z.kernel[0]), kh = int(item % z.kernel[1]);
          const int inputs = b + 1 < f.blocks ? L : z.channels_in - (f.blocks - 1) * L;
          const S* const line = x.at(n * f.blocks + b, d * z.stride[0] + kd * z.dilation[0] - z.before[0], h * z.stride[1] + kh * z.dilation[1] - z.before[1]) - z.before[2] * Pixel;
          if constexpr (z.channels_in == 1 && z.kernel[2] <= 8) {   // one input: all taps of a line together
            S* const to = sum + f.square(group * f.wide, b, (kd * z.kernel[1] + kh) * z.kernel[2]);
            accumulate_outer<z.kernel[2], V, false, false, z.dilation[2] * Pixel>(line, xs, g, dy.group, ys, many, high, z.out[2], to, index_t(V) * L * L);
          } else for (int kw = 0; kw < z.kernel[2]; ++kw) {
            const S* const from = line + index_t(kw * z.dilation[2]) * Pixel;
            S* const to = sum + f.square(group * f.wide, b, (kd * z.kernel[1] + kh) * z.kernel[2] + kw);
            int i = 0;
            for (; i + most <= inputs; i += most) accumulate_outer<most, V, false>(from + i, xs, g, dy.group, ys, many, high, z.out[2], to + i * V * L, V * L);
            constexpr int rest = z.channels_in % L % most;
            if constexpr (rest > 0)
              if (i < inputs) accumulate_outer<rest, V, false>(from + i, xs, g, dy.group, ys, many, high, z.out[2], to + i * V * L, V * L);
          }
        }
      }
    }
  };
  const auto run_group = [&](int g, index_t first, index_t last, index_t begin, index_t end, S* sum) {
    if (g + 1 < groups || narrow == f.wide) run(std::integral_constant<int, f.wide>{}, g, first, last, begin, end, sum);
    else if constexpr (narrow != f.wide) run(std::integral_constant<int, narrow>{}, g, first, last, begin, end, sum);
  };
  constexpr index_t sums = direct_weight_scratch<Z, S>() > 0 ? direct_weight_sums : 0;
  if (sums > 0 && scratch && planes >= sums && work > 1e6)
    sum_of_sums(sums, f.size(), scratch, dw, [&](index_t s, int, S* sum) {
      for (int g = 0; g < groups; ++g) run_group(g, 0, items, planes * s / sums, planes * (s + 1) / sums, sum);
    });
  else
    share(index_t(groups) * items, 1, work > 1e6, [&](index_t first, index_t last, int) {
      for (int g = int(first / items); g < groups && g * items < last; ++g)
        run_group(g, larger(0, first - g * items), last - g * items < items ? last - g * items : items, 0, planes, dw);
    });
}

}
