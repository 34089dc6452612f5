// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/blocks.hpp>
#include <cosmoml/kernels/threads.hpp>
#include <cosmoml/kernels/transpose.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// The axis of (sample, channel, x) along which a layout is contiguous, and its steps along all three inside a piece of lanes.
enum class run_axis { sample, channel, x, none };

// Shape gives a flat sample the axes of what it is copied from or to. Vectors have Lanes scalars.
template <class L, class Shape, int Lanes>
struct run_form {
  static constexpr run_axis axis = L::line(0, 1, L::shape.size()) == 1 ? run_axis::x : run_axis::none;
  static constexpr index_t steps[3] = {L::begin(1), Shape::value.stride(0), 1};
};
template <class Shape, int Row, int Lanes>
struct run_form<first_axis_inner<Shape, Row>, Shape, Lanes> {
  using L = first_axis_inner<Shape, Row>;
  static constexpr run_axis axis = run_axis::channel;
  static constexpr index_t steps[3] = {L::begin(1), 1, L::row};
};
template <class Shape, int Lanes, int Halo>
struct run_form<blocked<Shape, Lanes, Halo>, Shape, Lanes> {
  using L = blocked<Shape, Lanes, Halo>;
  static constexpr run_axis axis = run_axis::channel;
  static constexpr index_t steps[3] = {L::begin(1), 1, Lanes};
};
template <class Shape, int Lanes, int Halo>
  requires(Lanes > 1)
struct run_form<blocked<Shape, 1, Halo>, Shape, Lanes> {
  using L = blocked<Shape, 1, Halo>;
  static constexpr run_axis axis = run_axis::x;
  static constexpr index_t steps[3] = {L::begin(1), L::group_step, 1};
};
template <class Shape, int Lanes, int Halo, class Piece, index_t Begin>
  requires(block_form<part<blocked<Shape, Lanes, Halo>, Piece, Begin, 1>, Lanes>::known)
struct run_form<part<blocked<Shape, Lanes, Halo>, Piece, Begin, 1>, Piece, Lanes> : run_form<blocked<Shape, Lanes, Halo>, Shape, Lanes> {};
template <class Shape, int Lanes, int Halo>
struct run_form<batch_in_vector<Shape, Lanes, Halo>, Shape, Lanes> {
  using L = batch_in_vector<Shape, Lanes, Halo>;
  static constexpr run_axis axis = run_axis::sample;
  static constexpr index_t steps[3] = {1, L::group_step, Lanes};
};
template <class Shape, int Lanes, int Halo, class Piece, index_t Begin>
  requires(block_form<part<batch_in_vector<Shape, Lanes, Halo>, Piece, Begin, 1>, Lanes>::known)
struct run_form<part<batch_in_vector<Shape, Lanes, Halo>, Piece, Begin, 1>, Piece, Lanes> : run_form<batch_in_vector<Shape, Lanes, Halo>, Shape, Lanes> {};

// y = x between two layouts of samples with channels and spatial axes: squares of lanes are turned in registers where the vectors of
// the two run along different axes. Padding of y is left alone. Shape is that of the layout which has axes.
template <class X, class Y, class Shape, class S>
void relayout(const S* x, S* y, index_t batch) {
  using fx = run_form<X, Shape, lanes<S>>;
  using fy = run_form<Y, Shape, lanes<S>>;
  constexpr int L = lanes<S>, a = int(fx::axis), b = int(fy::axis);
  constexpr index_t channels = Shape::value[0], points = Shape::value.stride(0), width = Shape::value[Shape::value.rank - 1], lines = points / width;
  // how many of each axis a piece takes
  constexpr index_t side[3] = {a == 0 || b == 0 ? L : 1, a == 1 || b == 1 ? L : 1, a == 2 || b == 2 ? L : 1};
  const index_t across = (channels + side[1] - 1) / side[1], down = (batch + side[0] - 1) / side[0];
  share(down * across, 1, batch * channels * points > 1 << 15, [&](index_t first, index_t last, int) {
    for (index_t i = first; i < last; ++i) {
      const index_t n = i / across * side[0], c = i % across * side[1];
      const index_t many[2] = {batch - n < side[0] ? batch - n : side[0], channels - c < side[1] ? channels - c : side[1]};
      for (index_t l = 0; l < lines; ++l) {
        const S* const from_line = x + X::offset(n, c * points + l * width);
        S* const to_line = y + Y::offset(n, c * points + l * width);
        for (index_t w = 0; w < width; w += side[2]) {
          const index_t wide = width - w < side[2] ? width - w : side[2];
          const S* const from = from_line + w * fx::steps[2];
          S* const to = to_line + w * fy::steps[2];
          if (many[0] == side[0] && many[1] == side[1] && wide == side[2]) {
            if constexpr (a == b) store(to, load(from));
            else transpose_square(from, fx::steps[b], to, fy::steps[a]);
          } else if (a == 2 && b == 1 && wide == side[2]) transpose_rows(from, fx::steps[1], int(many[1]), to, fy::steps[2]);
          else
            for (index_t p = 0; p < many[0]; ++p)
              for (index_t q = 0; q < many[1]; ++q)
                for (index_t r = 0; r < wide; ++r)
                  to[p * fy::steps[0] + q * fy::steps[1] + r * fy::steps[2]] = from[p * fx::steps[0] + q * fx::steps[1] + r * fx::steps[2]];
        }
      }
    }
  });
}

// The rim of a grid filled with the map itself, as in a periodic box, or with zeros.
template <class Grid, bool Periodic, class S>
void fill_rim(S* data, index_t groups) {
  constexpr int L = Grid::lanes, e[3] = {Grid::extent(0), Grid::extent(1), Grid::extent(2)}, r[3] = {Grid::rim(0), Grid::rim(1), Grid::rim(2)};
  if constexpr (Grid::halo == 0) return;
  const auto inside = [](int i, int n) { return (i % n + n) % n; };
  share(groups, 1, groups * Grid::points * L > 1 << 15, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      S* const origin = data + g * Grid::group_step + Grid::origin;
      const auto at = [&](int z, int y, int x) { return origin + z * Grid::plane_step + y * Grid::line_step + index_t(x) * L; };
      for (int z = -r[0]; z < e[0] + r[0]; ++z)
        for (int y = -r[1]; y < e[1] + r[1]; ++y) {
          const auto fill = [&](int from, int to) {
            for (int x = from; x < to; ++x) {
              if constexpr (Periodic) store(at(z, y, x), load(at(inside(z, e[0]), inside(y, e[1]), inside(x, e[2]))));
              else store(at(z, y, x), vec<S>{});
            }
          };
          if (z < 0 || z >= e[0] || y < 0 || y >= e[1]) fill(-r[2], e[2] + r[2]);
          else {
            fill(-r[2], 0);
            fill(e[2], e[2] + r[2]);
          }
        }
    }
  });
}

}
