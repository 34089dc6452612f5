// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/layout.hpp>

namespace cosmoml::inline COSMOML_ABI {

// What the two layouts of convolutions share: groups of vectors on a grid with a rim of zeros, [group][z + 2h][y + 2h][x + 2h][Lanes].
// A sample has an axis of channels and one to three spatial axes; the missing ones count as extents of 1 without a rim.
template <class Shape, int Lanes, int Halo>
struct vector_grid {
  using shape_type = Shape;
  static constexpr extents shape = Shape::value;
  static_assert(shape.rank >= 2 && shape.rank <= 4, "cosmoml: a grid of vectors has channels and one to three spatial axes");
  static constexpr int lanes = Lanes, halo = Halo, axes = shape.rank - 1, channels = shape.dim[0];
  // Of spatial axis a of (z, y, x).
  static constexpr int extent(int a) { return a < 3 - axes ? 1 : shape.dim[1 + a - (3 - axes)]; }
  static constexpr int rim(int a) { return a < 3 - axes ? 0 : Halo; }
  static constexpr index_t points = shape.stride(0);
  static constexpr index_t line_step = index_t(extent(2) + 2 * rim(2)) * Lanes;    // between neighbours along y
  static constexpr index_t plane_step = (extent(1) + 2 * rim(1)) * line_step;      // along z
  static constexpr index_t group_step = (extent(0) + 2 * rim(0)) * plane_step;     // between groups
  static constexpr index_t origin = rim(0) * plane_step + rim(1) * line_step + index_t(rim(2)) * Lanes;
  static constexpr bool whole = true;

  // Of grid point `p` in canonical order, inside its group.
  COSMOML_HD static constexpr index_t at(index_t p) {
    constexpr int wide = extent(2), high = extent(1);
    constexpr index_t plane = plane_step, line = line_step, first = origin;
    return first + p / (wide * high) * plane + p / wide % high * line + p % wide * Lanes;
  }
};

// [sample][channel / Lanes][z][y][x][channel % Lanes]: vectors run over channels.
template <class Shape, int Lanes, int Halo>
struct blocked : vector_grid<Shape, Lanes, Halo> {
  using grid = vector_grid<Shape, Lanes, Halo>;
  static constexpr index_t blocks = round_up(grid::channels, Lanes) / Lanes, sample = blocks * grid::group_step;
  static constexpr index_t together = 1;
  static constexpr const char* name = "channel blocks";

  COSMOML_HD static constexpr index_t groups(index_t batch) {
    constexpr index_t each = blocks;
    return batch * each;
  }
  COSMOML_HD static constexpr index_t begin(index_t n) {
    constexpr index_t stride = sample;
    return n * stride;
  }
  COSMOML_HD static constexpr index_t offset(index_t n, index_t e) {
    constexpr index_t inner = grid::points, group = grid::group_step;
    const index_t c = e / inner;
    return begin(n) + c / Lanes * group + grid::at(e % inner) + c % Lanes;
  }
  COSMOML_HD static constexpr index_t size(index_t batch) { return begin(batch); }
  static constexpr index_t line(index_t b, index_t step, index_t n) {
    if (grid::group_step == Lanes) return step;
    if (step % grid::points == 0) return b / grid::points % Lanes + step / grid::points * (n - 1) < Lanes ? step / grid::points : 0;
    return b % grid::extent(2) + step * (n - 1) < grid::extent(2) ? step * Lanes : 0;
  }
  static constexpr index_t slack(index_t b, index_t step, index_t n) {
    return grid::group_step == Lanes && step == 1 && b + n == grid::channels ? blocks * Lanes - grid::channels : 0;
  }
};

// [sample / Lanes][channel][z][y][x][sample % Lanes]: vectors run over samples; for few channels, which would leave blocks of them
// half empty. The last vectors of a batch that is no multiple of Lanes end in zeros.
template <class Shape, int Lanes, int Halo>
struct batch_in_vector : vector_grid<Shape, Lanes, Halo> {
  using grid = vector_grid<Shape, Lanes, Halo>;
  static constexpr index_t sample_group = grid::channels * grid::group_step;
  static constexpr index_t together = Lanes;
  static constexpr const char* name = "batch in vectors";

  COSMOML_HD static constexpr index_t groups(index_t batch) { return (batch + Lanes - 1) / Lanes * grid::channels; }
  COSMOML_HD static constexpr index_t begin(index_t n) {
    constexpr index_t stride = sample_group;
    return n / Lanes * stride + n % Lanes;
  }
  COSMOML_HD static constexpr index_t offset(index_t n, index_t e) {
    constexpr index_t inner = grid::points, group = grid::group_step;
    return begin(n) + e / inner * group + grid::at(e % inner);
  }
  COSMOML_HD static constexpr index_t size(index_t batch) {
    constexpr index_t stride = sample_group;
    return (batch + Lanes - 1) / Lanes * stride;
  }
  static constexpr index_t line(index_t b, index_t step, index_t n) {
    if (step % grid::points == 0) return step / grid::points * grid::group_step;
    return b % grid::extent(2) + step * (n - 1) < grid::extent(2) ? step * Lanes : 0;
  }
  static constexpr index_t slack(index_t, index_t, index_t) { return 0; }
};

// How many of n vectors of output channels stay in registers together, group by group, so that no group is much smaller than others.
constexpr int most_together(int n, int most) {
  const int parts = (n + most - 1) / most;
  return (n + parts - 1) / parts;
}

// The weight of a convolution (outputs, inputs, kernel ...), stored [output group][input / Lanes][tap][input % Lanes][output of the
// group]: one run of memory for a kernel that keeps `Most` vectors of outputs in registers. Groups are of `wide` vectors, the last
// may be smaller.
template <class Shape, int Lanes, int Most>
struct blocked_filter {
  using shape_type = Shape;
  static constexpr extents shape = Shape::value;
  static constexpr int outputs = shape.dim[0], inputs = shape.dim[1];
  static constexpr index_t taps = shape.stride(1);
  static constexpr int vectors = int(round_up(outputs, Lanes)) / Lanes, wide = most_together(vectors, Most);
  static constexpr index_t depth = round_up(inputs, Lanes) * taps;   // rows of a group
  static constexpr index_t together = 1;
  static constexpr bool whole = true;
  static constexpr const char* name = "filter blocks";

  COSMOML_HD static constexpr index_t begin(index_t) { return 0; }
  COSMOML_HD static constexpr index_t offset(index_t, index_t e) {
    constexpr index_t per_output = inputs * taps, t = taps, rows = depth;
    constexpr int full = wide, all = vectors;
    const index_t o = e / per_output, i = e / t % inputs, tap = e % t;
    const index_t group = o / Lanes / full, width = (group + 1) * full <= all ? full : all - group * full;
    const index_t row = (i / Lanes * t + tap) * Lanes + i % Lanes;
    return (group * full * rows + row * width) * Lanes + o - group * full * Lanes;
  }
  COSMOML_HD static constexpr index_t size(index_t) {
    constexpr index_t rows = depth;
    constexpr int all = vectors;
    return rows * all * Lanes;
  }
  static constexpr index_t line(index_t, index_t, index_t n) { return n == 1 ? 1 : 0; }
  static constexpr index_t slack(index_t, index_t, index_t) { return 0; }
};

}
