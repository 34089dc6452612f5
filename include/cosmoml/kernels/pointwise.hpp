// SPDX-License-Identifier: BSL-1.0
// Convolutions with one tap. Read in place, the channels of a pixel lie a map apart: each on a page of its own, where nothing is fetched
// ahead. Here pixels are first copied into rows of channels, as many as fit in L2, and small maps fill whole tiles of registers.
#pragma once
#include <cosmoml/kernels/direct_weight.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels::pointwise {

// One tap, and no padding.
constexpr bool applies(const convolution_sizes& z) {
  for (int a = 0; a < 3; ++a)
    if (z.before[a] != 0 || (z.out[a] - 1) * z.stride[a] >= z.in[a]) return false;
  return z.taps() == 1;
}

constexpr bool strided(const convolution_sizes& z) { return z.stride[0] * z.stride[1] * z.stride[2] > 1; }
// Whether copies repay themselves: many channels, or lines that are short or apart. Measured: 256 channels of 56 x 56 at 75 GF/s instead
// of 38, of 2 x 2 at 110 instead of 65; 64 channels of 56 x 56 at 78 instead of 97.
constexpr bool forward_pays(const convolution_sizes& z) { return applies(z) && (z.channels_in >= 128 || strided(z) || z.out[2] < 6); }
constexpr bool weight_pays(const convolution_sizes& z) { return applies(z) && (strided(z) || z.out[2] < 4); }

// The sizes of a convolution with the channels exchanged: of its input adjoint.
template <class Z>
struct exchanged {
  static constexpr convolution_sizes sizes = [] {
    convolution_sizes z = Z::sizes;
    z.channels_in = Z::sizes.channels_out;
    z.channels_out = Z::sizes.channels_in;
    return z;
  }();
};

// Pixels of a batch of maps, one after the other, and where every so many-th pixel of a grid of them lies.
template <class Z, bool Strided>
struct pixels {
  static constexpr convolution_sizes z = Z::sizes;
  static constexpr index_t width = z.out[2], lines = z.out[1], planes = z.out[0];
  // f(first, count, element) for runs of [first, last) within lines, where `element` is the offset in a grid of `blocks` of channels.
  template <class S, class F>
  static void runs(const grid<S>& g, index_t blocks, index_t first, index_t last, F f) {
    constexpr int s0 = Strided ? z.stride[0] : 1, s1 = Strided ? z.stride[1] : 1, s2 = Strided ? z.stride[2] : 1;
    for (index_t p = first; p < last;) {
      const index_t x = p % width, line = p / width, rest = width - x < last - p ? width - x : last - p;
      f(p - first, rest, g.at(line / (lines * planes) * blocks, int(line / lines % planes) * s0, int(line % lines) * s1) + x * s2 * lanes<std::remove_const_t<S>>);
      p += rest;
    }
  }
  static constexpr index_t step = Strided ? z.stride[2] : 1;
};

// Blocks [begin, end) of channels of pixels [first, last) into rows.
template <class P, class S>
[[gnu::noinline]] void gather(const grid<const S>& x, index_t blocks, index_t begin, index_t end, index_t first, index_t last, S* rows, index_t row) {
  constexpr int L = lanes<S>;
  P::runs(x, blocks, first, last, [&](index_t at, index_t count, const S* from) {
    for (index_t b = begin; b < end; ++b)
      for (index_t i = 0; i < count; ++i) store(rows + (at + i) * row + b * L, load(from + b * x.group + i * P::step * L));
  });
}

template <class Z, class S>
struct form {
  static constexpr convolution_sizes z = Z::sizes;
  static constexpr int L = lanes<S>, pad = 64 / int(sizeof(S));
  static constexpr filter_blocks<S> filter{z.channels_out, z.channels_in, 1};
  static constexpr index_t in = index_t(filter.blocks) * L, out = index_t(filter.vectors) * L, in_row = in + pad, out_row = out + pad;
  static constexpr index_t points = z.points_out();
  static constexpr index_t together_of(index_t bytes, index_t row, index_t multiple) {
    const index_t room = bytes / (row * index_t(sizeof(S))), n = room < 24 ? 24 : room > 96 ? 96 : room;
    return round_up(n, multiple);
  }
  static constexpr index_t together = together_of(256 * 1024, in_row, pixels_beside(filter.wide)), together_adjoint = together_of(256 * 1024, in_row + out_row, 1);
  // What the products of either width of group read and write beside them: they come in multiples, of which the narrow group's may be the larger.
  static constexpr index_t rows = round_up(together, pixels_beside(filter.width(filter.groups() - 1)));
  static index_t forward_scratch() { return index_t(most_threads()) * rows * (in_row + out_row); }
  static constexpr index_t sums = filter.size() * index_t(sizeof(S)) <= 512 * 1024 ? direct_weight_sums : 0;
  static index_t weight_scratch() { return index_t(most_threads()) * together_adjoint * (in_row + out_row) + sums * filter.size(); }
};

// y = f(conv(x, w) + bias). With Adjoint, Z is exchanged<the convolution whose input adjoint is wanted>, and y is as large as its
// input: pixels between the strides become zero.
template <class Z, bool Adjoint, class S, class Bias, class F>
void forward(grid<const S> x, const S* w, Bias bias, F f, grid<S> y, index_t batch, S* scratch) {
  using form = pointwise::form<Z, S>;
  using from = pixels<Z, !Adjoint>;
  using to = pixels<Z, Adjoint>;
  constexpr int L = lanes<S>;
  if constexpr (Adjoint && (strided(form::z) || form::points != form::z.points_in()))
    share(batch * form::filter.vectors, 1, true, [&](index_t first, index_t last, int) {
      for (index_t g = first; g < last; ++g)
        for (int d = 0; d < form::z.in[0]; ++d)
          for (int h = 0; h < form::z.in[1]; ++h)
            for (int c = 0; c < form::z.in[2]; ++c) store(y.at(g, d, h) + index_t(c) * L, vec<S>{});
    });
  const index_t all = batch * form::points;
  const auto group = [&]<int V>(std::integral_constant<int, V>, int g, const S* rows, S* sums, index_t first, index_t last) {
    constexpr int many = pixels_beside(V);
    const tap_offsets tap{0, 0};
    const taps_of_blocks t{&tap, 1, 0, form::filter.blocks, L, V * L * L, form::z.channels_in - (form::filter.blocks - 1) * L};
    const S* const weights = w + index_t(g) * form::filter.wide * form::in * L;
    for (index_t r = 0; r < last - first; r += many)
      contract<many, V, 0, L, L, 1, index_t(V) * L>(rows + r * form::in_row, form::in_row, weights, t, row_tile<S>{sums + r * V * L, V * L});
    to::runs(y, form::filter.vectors, first, last, [&](index_t at, index_t count, S* target) {
      for (int v = 0; v < V; ++v) {
        S* const line = target + (index_t(g) * form::filter.wide + v) * y.group;
        vec<S> add{};
        if constexpr (!std::same_as<Bias, no_bias>) add = load(bias + (index_t(g) * form::filter.wide + v) * L);
        for (index_t i = 0; i < count; ++i) store(line + i * to::step * L, f(load(sums + (at + i) * V * L + v * L) + add));
      }
    });
  };
  share((all + form::together - 1) / form::together, 1, double(all) * form::in * form::out > 5e5, [&](index_t begin, index_t end, int thread) {
    constexpr int groups = form::filter.groups(), narrow = form::filter.width(groups - 1);
    S *const rows = scratch + thread * form::rows * (form::in_row + form::out_row), *const sums = rows + form::rows * form::in_row;
    for (index_t i = begin; i < end; ++i) {
      const index_t first = i * form::together, last = all - first < form::together ? all : first + form::together;
      gather<from>(x, form::filter.blocks, 0, form::filter.blocks, first, last, rows, form::in_row);
      for (int g = 0; g < groups; ++g)
        if (narrow == form::filter.wide || g + 1 < groups) group(std::integral_constant<int, form::filter.wide>{}, g, rows, sums, first, last);
        else if constexpr (narrow != form::filter.wide) group(std::integral_constant<int, narrow>{}, g, rows, sums, first, last);
    }
  });
}

// dw += the adjoint of the weight. As in direct_weight_adjoint threads form sums over some of the pixels, or share the inputs of large
// filters out: the order of the sum depends on the shape and the batch alone.
template <class Z, class S>
void weight_adjoint(grid<const S> x, grid<const S> dy, S* dw, index_t batch, S* scratch) {
  using form = pointwise::form<Z, S>;
  constexpr int L = lanes<S>;
  constexpr index_t together = form::together_adjoint, size = form::filter.size();
  const index_t all = batch * form::points, turns = (all + together - 1) / together;
  const bool worth = double(all) * form::in * form::out > 5e5;
  S* const stages = scratch + form::sums * size;
  // blocks [begin, end) of inputs for turns [first, last)
  const auto run = [&](index_t begin, index_t end, index_t first_turn, index_t last_turn, int thread, S* sum) {
    S *const left = stages + thread * together * (form::in_row + form::out_row), *const right = left + together * form::in_row;
    const auto group = [&]<int V>(std::integral_constant<int, V>, int g, index_t count) {
      constexpr int inputs = inputs_beside(V) < L ? inputs_beside(V) : L;
      const term_steps xs{form::in_row, 0, 0}, ys{form::out_row, 0, 0};
      for (index_t b = begin; b < end; ++b)
        for (int i = 0; i < L; i += inputs)
          accumulate_outer<inputs, V, true>(static_cast<const S*>(left + b * L + i), xs, static_cast<const S*>(right + g * form::filter.wide * L), L, ys, 1, 1, count,
                                      sum + form::filter.square(g * form::filter.wide, int(b), 0) + i * V * L, V * L);
    };
    for (index_t first = first_turn * together; first < last_turn * together && first < all; first += together) {
      const index_t last = all - first < together ? all : first + together;
      gather<pixels<Z, true>>(x, form::filter.blocks, begin, end, first, last, left, form::in_row);
      gather<pixels<Z, false>>(dy, form::filter.vectors, 0, form::filter.vectors, first, last, right, form::out_row);
      constexpr int groups = form::filter.groups(), narrow = form::filter.width(groups - 1);
      for (int g = 0; g < groups; ++g)
        if (narrow == form::filter.wide || g + 1 < groups) group(std::integral_constant<int, form::filter.wide>{}, g, last - first);
        else if constexpr (narrow != form::filter.wide) group(std::integral_constant<int, narrow>{}, g, last - first);
    }
  };
  if (form::sums > 0 && turns >= form::sums && worth) sum_of_sums(form::sums, size, scratch, dw, [&](index_t s, int thread, S* sum) {
    run(0, form::filter.blocks, turns * s / form::sums, turns * (s + 1) / form::sums, thread, sum);
  });
  else share(form::filter.blocks, 1, worth, [&](index_t begin, index_t end, int thread) { run(begin, end, 0, turns, thread, dw); });
}

}
