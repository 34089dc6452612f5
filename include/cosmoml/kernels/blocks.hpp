// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/blocked.hpp>
#include <cosmoml/kernels/lanes.hpp>
#include <cosmoml/kernels/threads.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Loops over the vectors of a blocked edge that hold elements, never over its rim.
template <class Layout>
struct block_walk {
  static constexpr int L = Layout::lanes;
  static constexpr index_t lines = index_t(Layout::extent(0)) * Layout::extent(1), width = Layout::extent(2);
  static constexpr index_t line(index_t i) {
    return Layout::origin + i / Layout::extent(1) * Layout::plane_step + i % Layout::extent(1) * Layout::line_step;
  }
};
// Vectors of a sweep from which on a second thread pays.
inline constexpr index_t worth_sharing = 1 << 12;

// y[n, c, ...] += v[c], v padded to whole vectors.
template <class Layout, class S>
void add_to_channels(const S* v, S* y, index_t batch) {
  using walk = block_walk<Layout>;
  share(Layout::groups(batch), 1, Layout::groups(batch) * Layout::points > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      const vec<S> b = load(v + g % Layout::blocks * walk::L);
      for (index_t l = 0; l < walk::lines; ++l) {
        S* const p = y + g * Layout::group_step + walk::line(l);
        for (index_t x = 0; x < walk::width; ++x) store(p + x * walk::L, load(p + x * walk::L) + b);
      }
    }
  });
}
// v[c] += the sum of dy[n, c, ...], line by line so that long sums lose little.
template <class Layout, class S>
void sum_of_channels(const S* dy, S* v, index_t batch) {
  using walk = block_walk<Layout>;
  share(Layout::blocks, 1, Layout::groups(batch) * Layout::points > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t b = first; b < last; ++b) {
      vec<S> all{};
      for (index_t n = 0; n < batch; ++n) {
        vec<S> sample{};
        for (index_t l = 0; l < walk::lines; ++l) {
          const S* const p = dy + (n * Layout::blocks + b) * Layout::group_step + walk::line(l);
          vec<S> s[2] = {};
          index_t x = 0;
          for (; x + 2 <= walk::width; x += 2) {
            s[0] += load(p + x * walk::L);
            s[1] += load(p + (x + 1) * walk::L);
          }
          if (x < walk::width) s[0] += load(p + x * walk::L);
          sample += s[0] + s[1];
        }
        all += sample;
      }
      store(v + b * walk::L, load(v + b * walk::L) + all);
    }
  });
}

}
