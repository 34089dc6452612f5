// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extension.hpp>
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI {

// The pair of filters of one wavelet in the order in which they are applied: c[k] = sum_t f[t] x[2 k + shift - t].
template <class S, int Taps>
struct filter_pair {
  static constexpr int taps = Taps;
  S low[Taps], high[Taps];
};

// The sizes of a transform of 1, 2 or 3 axes over several levels, and where its coefficients lie in one flat array, coarse to fine:
// the last approximation, then for each level from the coarsest (number `levels`) to the finest (number 1) its detail bands.
// Band b of d axes: bit a of b set means detail along axis a. In 2-d: 1 = H (detail down the rows), 2 = V, 3 = D; band 0 is A.
struct wavelet_sizes {
  static constexpr int max_levels = 24, max_axes = 3;
  int axes = 0, levels = 0;
  int extent[max_levels + 1][max_axes] = {};   // extent[l]: of the approximation after l levels

  constexpr wavelet_sizes() = default;
  constexpr wavelet_sizes(const int* n, int axis_count, int level_count, int taps, extension mode) : axes(axis_count), levels(level_count) {
    for (int a = 0; a < axes; ++a) extent[0][a] = n[a];
    for (int l = 0; l < levels; ++l)
      for (int a = 0; a < axes; ++a) extent[l + 1][a] = coefficients_along(extent[l][a], taps, mode);
  }
  constexpr int bands() const { return (1 << axes) - 1; }
  constexpr index_t band_size(int level) const {
    index_t n = 1;
    for (int a = 0; a < axes; ++a) n *= extent[level][a];
    return n;
  }
  // Of band `band` (1 ... bands()) at level 1 (finest) ... levels, or of the approximation (level `levels`, band 0).
  constexpr index_t offset(int level, int band) const {
    if (band == 0) return 0;
    index_t at = band_size(levels);
    for (int l = levels; l > level; --l) at += bands() * band_size(l);
    return at + (band - 1) * band_size(level);
  }
  constexpr index_t size() const { return offset(1, bands()) + (levels ? band_size(1) : 0); }
};

}
