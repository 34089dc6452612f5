// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/extents.hpp>
#include <cosmoml/core/key.hpp>

#include <vector>

namespace cosmoml::inline COSMOML_ABI::train::augment {

// One sample on the host: (channels, axes ...), of one to three axes; or (features). What an augmentation policy changes:
//   template <class S> void operator()(image<S>&, key) const
// A policy draws from its key alone, so the same key gives the same sample on any machine and number of threads.
template <class S>
struct image {
  std::vector<S> values, spare{};
  extents shape{};
  int axes() const { return shape.rank - 1; }
};

namespace detail {
// Axis a of the result runs along axis from[a] of what was, backwards where flipped[a].
template <class S>
void turn(image<S>& x, const int* from, const bool* flipped) {
  const int axes = x.axes();
  extents to = x.shape;
  for (int a = 0; a < axes; ++a) to.dim[1 + a] = x.shape[1 + from[a]];
  x.spare.resize(x.values.size());
  index_t step[extents::max_rank], start = 0;
  for (int a = 0; a < axes; ++a) {
    step[a] = x.shape.stride(1 + from[a]);
    if (flipped[a]) {
      start += step[a] * (to[1 + a] - 1);
      step[a] = -step[a];
    }
  }
  index_t plane = 1;
  for (int a = 0; a < axes; ++a) plane *= to[1 + a];
  for (index_t c = 0; c < x.shape[0]; ++c)
    for (index_t i = 0; i < plane; ++i) {
      index_t rest = i, at = c * plane + start;
      for (int a = axes; a-- > 0; rest /= to[1 + a]) at += rest % to[1 + a] * step[a];
      x.spare[std::size_t(c * plane + i)] = x.values[std::size_t(at)];
    }
  x.values.swap(x.spare);
  x.shape = to;
}
template <class S>
void expect_axes(const image<S>& x, int least, const char* asked) {
  expect<shape_mismatch>(x.axes() >= least && x.axes() <= 3, asked, "give samples of channels and one to three axes that it can turn", "samples of shape ", x.shape);
}
}

}
