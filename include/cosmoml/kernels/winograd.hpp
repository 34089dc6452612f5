// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/direct_weight.hpp>
#include <cosmoml/kernels/winograd_tile.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// The input adjoint of a convolution of stride 1 is the convolution of dy with the filters exchanged and turned round.
template <class Z>
struct adjoint_sizes {
  static constexpr convolution_sizes sizes = [] {
    convolution_sizes z = Z::sizes;
    z.channels_in = Z::sizes.channels_out;
    z.channels_out = Z::sizes.channels_in;
    for (int a = 0; a < 3; ++a) {
      z.in[a] = Z::sizes.out[a];
      z.out[a] = Z::sizes.in[a];
      z.before[a] = z.kernel[a] - 1 - z.before[a];
    }
    return z;
  }();
};

namespace winograd {

constexpr int active_axes(const convolution_sizes& z) {
  int n = 0;
  for (int a = 0; a < 3; ++a) n += z.kernel[a] > 1;
  return n;
}
// Products for one output channel and sample, beside those of a direct sum.
constexpr double cost(const convolution_sizes& z, int m) {
  double c = 1;
  for (int a = 0; a < 3; ++a)
    if (z.kernel[a] > 1) c *= double((z.out[a] + m - 1) / m * (m + z.kernel[a] - 1)) / (double(z.out[a]) * z.kernel[a]);
  return c;
}
// Outputs of a tile along each axis, 0 where a direct sum is as good: kernels of 3 or 5 on two or three axes with stride 1 and 16
// channels or more on both sides. F(5, 3) only in two dimensions and where it saves a seventh: its error is larger.
constexpr int tile_for(const convolution_sizes& z) {
  int r = 0, axes = 0;
  for (int a = 0; a < 3; ++a) {
    if (z.stride[a] != 1 || z.dilation[a] != 1) return 0;
    if (z.kernel[a] == 1 && z.in[a] == 1 && z.out[a] == 1 && z.before[a] == 0) continue;
    if (r != 0 && z.kernel[a] != r) return 0;
    r = z.kernel[a];
    ++axes;
  }
  if ((r != 3 && r != 5) || axes < 2 || z.channels_in < 16 || z.channels_out < 16) return 0;
  if (axes == 2 && z.kernel[0] != 1) return 0;
  int best = r == 3 ? 2 : 4;
  if (r == 3 && cost(z, 4) <= cost(z, best)) best = 4;
  if (r == 3 && axes == 2 && cost(z, 5) < 0.86 * cost(z, best)) best = 5;
  return cost(z, best) < 0.6 ? best : 0;
}

// Where tiles lie on a map: `count` of them on each axis, the first at `origin`, values before `limit` exist.
struct tiling {
  int count[3], origin[3], limit[3];
  index_t blocks;
  constexpr index_t each() const { return index_t(count[0]) * count[1] * count[2]; }
};
struct place {
  index_t sample;
  int at[3];
  inside in;
};
template <class T>
[[gnu::always_inline]] inline place find(const tiling& f, index_t tile) {
  place p;
  const int x = int(tile % f.count[2]), y = int(tile / f.count[2] % f.count[1]), z = int(tile / (f.count[2] * f.count[1]) % f.count[0]);
  p.sample = tile / f.each();
  p.at[0] = z * T::deep_m + f.origin[0];
  p.at[1] = y * T::M + f.origin[1];
  p.at[2] = x * T::M + f.origin[2];
  p.in = {f.limit[0] - p.at[0], f.limit[1] - p.at[1], f.limit[2] - p.at[2]};
  return p;
}

// f(integral_constant<vectors of a register>, first) for all of `blocks`.
template <class F>
[[gnu::always_inline]] inline void for_registers(index_t blocks, F f) {
  index_t b = 0;
  if constexpr (vectors_in_register == 2)
    for (; b + 2 <= blocks; b += 2) f(std::integral_constant<int, 2>{}, b);
  for (; b < blocks; ++b) f(std::integral_constant<int, 1>{}, b);
}
// Tiles [first, first + count) of `all` into rows of V, product i of channel block b at i * channels + b * lanes; rows behind the last
// tile are zeros.
template <class T, bool Gradient, class S>
[[gnu::noinline]] void stage_in(const tiling& f, grid<const S> x, index_t first, index_t count, index_t all, S* v, index_t row) {
  constexpr int L = lanes<S>, deep = Gradient ? T::deep_m : T::deep, side = Gradient ? T::M : T::Alpha;
  for (index_t t = first; t < first + count; ++t, v += row) {
    if (t >= all) {
      for (index_t i = 0; i < row; ++i) v[i] = S(0);
      continue;
    }
    const place p = find<T>(f, t);
    const S* from = x.at(p.sample * f.blocks, p.at[0], p.at[1]) + index_t(p.at[2]) * L;
    const bool edge = p.in.z < deep || p.in.y < side || p.in.x < side;
    for_registers(f.blocks, [&]<int N>(std::integral_constant<int, N>, index_t b) __attribute__((always_inline)) {
      if (edge) tile_in<N, T, Gradient, true>(from + b * x.group, x.group, x.plane, x.line, p.in, v + b * L, f.blocks * L);
      else tile_in<N, T, Gradient, false>(from + b * x.group, x.group, x.plane, x.line, p.in, v + b * L, f.blocks * L);
    });
  }
}
template <class T, class S, class Bias, class F>
[[gnu::noinline]] void stage_out(const tiling& f, const S* m, index_t row, index_t first, index_t count, index_t all, Bias bias, F g, grid<S> y) {
  constexpr int L = lanes<S>;
  for (index_t t = first; t < first + count && t < all; ++t, m += row) {
    const place p = find<T>(f, t);
    S* to = y.at(p.sample * f.blocks, p.at[0], p.at[1]) + index_t(p.at[2]) * L;
    const bool edge = p.in.z < T::deep_m || p.in.y < T::M || p.in.x < T::M;
    for_registers(f.blocks, [&]<int N>(std::integral_constant<int, N>, index_t b) __attribute__((always_inline)) {
      reg<S, N> add{};
      if constexpr (!std::same_as<Bias, no_bias>) add = load_register<N>(bias + b * L);
      if (edge) tile_out<N, T, true>(m + b * L, f.blocks * L, add, g, to + b * y.group, y.group, y.plane, y.line, p.in);
      else tile_out<N, T, false>(m + b * L, f.blocks * L, add, g, to + b * y.group, y.group, y.plane, y.line, p.in);
    });
  }
}

constexpr int common_multiple(int a, int b) {
  int m = a;
  while (m % b != 0) m += a;
  return m;
}

// Everything about one convolution that its passes need to know.
template <class Z, class T, class S>
struct form {
  static constexpr convolution_sizes z = Z::sizes;
  static constexpr int L = lanes<S>, pad = 64 / int(sizeof(S));
  static constexpr filter_blocks<S> filter{z.channels_out, z.channels_in, z.taps()};
  static constexpr index_t in = index_t(filter.blocks) * L, out = index_t(filter.vectors) * L;
  static constexpr index_t in_row = T::products * in + pad, out_row = T::products * out + pad;   // of one tile
  static constexpr index_t step = in * out + pad, panel_step = in * filter.wide * L + pad;       // between products of filters
  static constexpr index_t whole = T::products * step, panel = T::products * panel_step;
  // Tiles come in multiples of what the products of any group keep in registers; as many go through together as fit in L2.
  static constexpr index_t multiple = common_multiple(pixels_beside(filter.wide), pixels_beside(filter.width(filter.groups() - 1)));
  static constexpr index_t tiles_in(index_t bytes, index_t least, index_t most) {
    const index_t room = bytes / ((in_row + out_row) * index_t(sizeof(S)));
    return round_up(room < least || room < multiple ? least : room > most ? most : room / multiple * multiple, multiple);
  }
  // In the gradient of the filters sums stay in registers for that long, so these are more.
  static constexpr index_t together = tiles_in(700 * 1024, 12, 48), together_adjoint = tiles_in(1400 * 1024, 24, 64);
  // The gradient of all but large filters is so many sums, each of tiles that one thread brings in and multiplies by itself. With 1, where
  // four would take more than 10 MiB, threads share the products of tiles that they bring in together, and wait for each other.
  static constexpr index_t sums = [] {
    constexpr index_t bytes = whole * index_t(sizeof(S)), fit = (4 << 20) / bytes;
    return fit >= 8 ? index_t(8) : 4 * bytes > 10 << 20 ? index_t(1) : larger(fit, 4);
  }();
  // Up to so many tiles in all, each group of filters is transformed just before its use and never stored.
  static constexpr index_t few = 64;

  static constexpr tiling tiles(bool of_output) {
    tiling f{{1, 1, 1}, {0, 0, 0}, {1, 1, 1}, of_output ? filter.vectors : filter.blocks};
    for (int a = 3 - T::Axes; a < 3; ++a) {
      f.count[a] = (z.out[a] + T::M - 1) / T::M;
      f.origin[a] = of_output ? 0 : -z.before[a];
      f.limit[a] = of_output ? z.out[a] : z.in[a] + z.rim_in(a);
    }
    return f;
  }
  static constexpr index_t count(index_t batch) { return batch * tiles(false).each(); }
  // Whether so many samples repay the transforms of the filters, about as much work as the products of six tiles. Rows of products
  // come in multiples, too.
  static constexpr bool pays(index_t batch) {
    return double(T::products) * double(round_up(count(batch), multiple) + 6) < double(z.taps()) * double(z.points_out()) * double(batch);
  }
  // A direct sum of sums (direct_weight_adjoint) of so few terms, one for each sample and pixel, is next to exact: products of large tiles
  // are up to 33 times further from the truth there, though within 5e-5 of it. Below these numbers, found over five keys at 118 batches of
  // 23 shapes, single precision takes the direct sum.
  static constexpr index_t exact_terms = sizeof(S) > 4 || direct_weight_scratch<Z, S>() == 0 ? 0 : T::R == 5 ? 8192 : T::M == 5 ? 2048 : T::M == 4 && T::Axes == 3 ? 1024 : 0;
  static constexpr bool near_enough(index_t batch) { return batch * z.points_out() >= exact_terms; }
  static bool in_panels(index_t batch) { return count(batch) <= few; }
  static index_t stored_tiles(index_t batch) { return round_up(count(batch), multiple); }   // in panels
  // Scalars of scratch memory for a forward pass, and for the gradient of the filters: enough for smaller batches, too, whose panels may take
  // more than the stored filters of this one.
  static index_t panels_scratch(index_t tiles) { return round_up(tiles, multiple) * (in_row + out_row) + most_threads() * panel; }
  static index_t forward_scratch(index_t batch) {
    if (in_panels(batch)) return panels_scratch(count(batch));
    return larger(panels_scratch(few), whole + most_threads() * together * (in_row + out_row));
  }
  static index_t weight_scratch(index_t batch) {
    if (in_panels(batch)) return panels_scratch(count(batch));
    const index_t stages = sums > 1 ? most_threads() * together : together_adjoint;
    return larger(panels_scratch(few), stages * (in_row + out_row) + sums * whole);
  }
};

// The filters of group g for input block b, from the weight of Z or, exchanged and turned round, of the convolution whose adjoint Z is.
template <class Form, class T, bool Exchanged, int V, class S>
void group_filters(const S* w, int g, int b, S* u, index_t step) {
  constexpr int L = lanes<S>;
  if constexpr (!Exchanged) filters_in<T>(w + Form::filter.square(g * Form::filter.wide, b, 0), V * L * L, V * L, u, step);
  else {
    static constexpr filter_blocks<S> from{Form::z.channels_in, Form::z.channels_out, Form::z.taps()};
    S turned[T::taps * L * V * L];
    for (int t = 0; t < T::taps; ++t)
      for (int v = 0; v < V; ++v)
        transpose_square(w + from.square(b, g * Form::filter.wide + v, T::taps - 1 - t), index_t(from.width(b / from.wide)) * L, turned + t * L * V * L + v * L, index_t(V) * L);
    filters_in<T>(static_cast<const S*>(turned), V * L * L, V * L, u, step);
  }
}

// f(integral_constant<vectors>, group) for groups [first, last).
template <class Form, class F>
void for_groups(index_t first, index_t last, F f) {
  constexpr int groups = Form::filter.groups(), wide = Form::filter.wide, narrow = Form::filter.width(groups - 1);
  for (index_t g = first; g < last; ++g) {
    if (narrow == wide || g + 1 < groups) f(std::integral_constant<int, wide>{}, int(g));
    else f(std::integral_constant<int, narrow>{}, int(g));
  }
}

// y = f(conv(x, w) + bias); with Exchanged, w is the weight of the convolution whose input adjoint Z is.
template <class Z, class T, bool Exchanged, class S, class Bias, class F>
void forward(grid<const S> x, const S* w, Bias bias, F f, grid<S> y, index_t batch, S* scratch) {
  using form = winograd::form<Z, T, S>;
  constexpr int L = lanes<S>;
  static constexpr tiling from = form::tiles(false), to = form::tiles(true);
  const index_t all = form::count(batch);
  // products of `count` tiles, with the filters of one group at u
  const auto multiply = [&]<int V>(std::integral_constant<int, V>, int g, const S* u, index_t step, const S* v, S* m, index_t count) {
    constexpr int rows = pixels_beside(V);
    constexpr index_t row = registers_of(V) == 1 ? form::in_row : 0;   // where each load serves a single product, its address must cost nothing
    const tap_offsets tap{0, 0};
    const taps_of_blocks t{&tap, 1, 0, 1, 0, 0, int(form::in)};
    for (index_t i = 0; i < T::products; ++i)
      for (index_t r = 0; r < count; r += rows)
        contract<rows, V, row, L, L, 1, index_t(V) * L>(v + r * form::in_row + i * form::in, form::in_row, u + i * step, t,
                                                     row_tile<S>{m + r * form::out_row + i * form::out + g * form::filter.wide * L, form::out_row});
  };
  if (form::in_panels(batch)) {
    const index_t stored = form::stored_tiles(batch);
    S *const v = scratch, *const m = v + stored * form::in_row, *const panels = m + stored * form::out_row;
    share(stored, 1, true, [&](index_t first, index_t last, int) { stage_in<T, false>(from, x, first, last - first, all, v + first * form::in_row, form::in_row); });
    share(form::filter.groups(), 1, true, [&](index_t first, index_t last, int thread) {
      S* const u = panels + thread * form::panel;
      for_groups<form>(first, last, [&]<int V>(std::integral_constant<int, V> width, int g) {
        for (int b = 0; b < form::filter.blocks; ++b) group_filters<form, T, Exchanged, V>(w, g, b, u + b * L * V * L, form::panel_step);
        multiply(width, g, u, form::panel_step, v, m, round_up(all, pixels_beside(V)));
      });
    });
    share(all, 1, true, [&](index_t first, index_t last, int) { stage_out<T>(to, static_cast<const S*>(m + first * form::out_row), form::out_row, first, last - first, all, bias, f, y); });
    return;
  }
  S *const u = scratch, *const stages = u + form::whole;
  share(index_t(form::filter.groups()) * form::filter.blocks, 1, true, [&](index_t first, index_t last, int) {
    for (index_t i = first; i < last; ++i) {
      const int g = int(i / form::filter.blocks), b = int(i % form::filter.blocks);
      for_groups<form>(g, g + 1, [&]<int V>(std::integral_constant<int, V>, int) {
        group_filters<form, T, Exchanged, V>(w, g, b, u + index_t(g) * form::filter.wide * L * form::in + b * L * V * L, form::step);
      });
    }
  });
  share((all + form::together - 1) / form::together, 1, true, [&](index_t first, index_t last, int thread) {
    S *const v = stages + thread * form::together * (form::in_row + form::out_row), *const m = v + form::together * form::in_row;
    for (index_t i = first; i < last; ++i) {
      stage_in<T, false>(from, x, i * form::together, form::together, all, v, form::in_row);
      for_groups<form>(0, form::filter.groups(), [&](auto width, int g) {
        multiply(width, g, u + index_t(g) * form::filter.wide * L * form::in, form::step, v, m, form::together);
      });
      stage_out<T>(to, static_cast<const S*>(m), form::out_row, i * form::together, form::together, all, bias, f, y);
    }
  });
}

// dw += the gradient of the filters.
template <class Z, class T, class S>
void weight_adjoint(grid<const S> x, grid<const S> dy, S* dw, index_t batch, S* scratch) {
  using form = winograd::form<Z, T, S>;
  constexpr int L = lanes<S>;
  static constexpr tiling from = form::tiles(false), to = form::tiles(true);
  const index_t all = form::count(batch);
  const auto stage = [&](index_t begin, index_t count, S* v, S* m) {
    share(2 * count, 1, true, [&](index_t first, index_t last, int) {
      const index_t of_x = last < count ? last : count, of_y = first > count ? first - count : 0;
      if (first < of_x) stage_in<T, false>(from, x, begin + first, of_x - first, all, v + first * form::in_row, form::in_row);
      if (last > count) stage_in<T, true>(to, dy, begin + of_y, last - count - of_y, all, m + of_y * form::out_row, form::out_row);
    });
  };
  // du of one product and group += those of `count` tiles
  const auto multiply = [&]<int V>(std::integral_constant<int, V>, int g, index_t i, const S* v, const S* m, S* du, index_t count) {
    constexpr int inputs = registers_of(V) == 1 && registers >= 32 && form::in % 16 == 0 ? 16 : inputs_beside(V) < L ? inputs_beside(V) : L;
    const term_steps left{form::in_row, 0, 0}, right{form::out_row, 0, 0};
    for (index_t c = 0; c < form::in; c += inputs)
      accumulate_outer<inputs, V, true, true>(v + i * form::in + c, left, m + i * form::out + g * form::filter.wide * L, L, right, 1, 1, count, du + c * V * L, V * L);
  };
  const auto finish = [&]<int V>(std::integral_constant<int, V>, int g, int b, const S* du, index_t step) {
    filters_back<T>(du + b * L * V * L, step, V * L, dw + form::filter.square(g * form::filter.wide, b, 0), V * L * L);
  };
  if (form::in_panels(batch)) {
    const index_t stored = form::stored_tiles(batch);
    S *const v = scratch, *const m = v + stored * form::in_row, *const panels = m + stored * form::out_row;
    stage(0, all, v, m);
    share(form::filter.groups(), 1, true, [&](index_t first, index_t last, int thread) {
      S* const du = panels + thread * form::panel;
      for_groups<form>(first, last, [&](auto width, int g) {
        for (index_t i = 0; i < form::panel; ++i) du[i] = S(0);
        for (index_t i = 0; i < T::products; ++i) multiply(width, g, i, v, m, du + i * form::panel_step, all);
        for (int b = 0; b < form::filter.blocks; ++b) finish(width, g, b, du, form::panel_step);
      });
    });
    return;
  }
  constexpr index_t sums = form::sums, together = sums > 1 ? form::together : form::together_adjoint;
  S *const u = scratch, *const stages = u + sums * form::whole;
  // one product of `count` tiles, all groups
  const auto multiply_all = [&](index_t i, const S* v, const S* m, S* du, index_t count) {
    for_groups<form>(0, form::filter.groups(), [&](auto width, int g) { multiply(width, g, i, v, m, du + i * form::step + index_t(g) * form::filter.wide * L * form::in, count); });
  };
  const auto tiles_from = [&](index_t begin) { return all - begin < together ? all - begin : together; };
  if constexpr (sums > 1) {
    const index_t turns = (all + together - 1) / together;
    share(sums, 1, true, [&](index_t first, index_t last, int thread) {
      S *const v = stages + thread * together * (form::in_row + form::out_row), *const m = v + together * form::in_row;
      for (index_t s = first; s < last; ++s) {
        S* const du = u + s * form::whole;
        for (index_t i = 0; i < form::whole; ++i) du[i] = S(0);
        for (index_t turn = turns * s / sums; turn < turns * (s + 1) / sums; ++turn) {
          const index_t begin = turn * together, count = tiles_from(begin);
          stage_in<T, false>(from, x, begin, count, all, v, form::in_row);
          stage_in<T, true>(to, dy, begin, count, all, m, form::out_row);
          for (index_t i = 0; i < T::products; ++i) multiply_all(i, v, m, du, count);
        }
      }
    });
    share(T::products, 1, true, [&](index_t first, index_t last, int) {
      for (index_t s = 1; s < sums; ++s)
        for (index_t i = first * form::step; i < last * form::step; ++i) u[i] += u[s * form::whole + i];
    });
  } else {
    S *const v = stages, *const m = v + together * form::in_row;
    share(T::products, 1, true, [&](index_t first, index_t last, int) {
      for (index_t i = first * form::step; i < last * form::step; ++i) u[i] = S(0);
    });
    for (index_t begin = 0; begin < all; begin += together) {
      const index_t count = tiles_from(begin);
      stage(begin, count, v, m);
      share(T::products, 1, true, [&](index_t first, index_t last, int) {
        for (index_t i = first; i < last; ++i) multiply_all(i, v, m, u, count);
      });
    }
  }
  share(index_t(form::filter.groups()) * form::filter.blocks, 1, true, [&](index_t first, index_t last, int) {
    for (index_t i = first; i < last; ++i) {
      const int g = int(i / form::filter.blocks), b = int(i % form::filter.blocks);
      for_groups<form>(g, g + 1, [&](auto width, int) { finish(width, g, b, u + index_t(g) * form::filter.wide * L * form::in, form::step); });
    }
  });
}

}

// The tiles that Winograd's convolution uses for Z; only where `outputs` is not 0.
template <class Z>
struct winograd_choice {
  static constexpr int outputs = winograd::tile_for(Z::sizes);
  using tile = winograd::tile<outputs, Z::sizes.kernel[2], winograd::active_axes(Z::sizes) < 2 ? 2 : winograd::active_axes(Z::sizes)>;
};

}
