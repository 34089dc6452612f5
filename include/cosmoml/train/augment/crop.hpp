// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/augment/image.hpp>

namespace cosmoml::inline COSMOML_ABI::train::augment {

// A part of so many pixels along each axis, from a random place: crop{{24, 24}}.
struct crop {
  extents size;
  template <class S>
  void operator()(image<S>& x, key k) const {
    detail::expect_axes(x, 1, "augment::crop");
    const int axes = x.axes();
    bool fits = size.rank == axes;
    for (int a = 0; fits && a < axes; ++a) fits = size[a] > 0 && size[a] <= x.shape[1 + a];
    expect<shape_mismatch>(fits, "augment::crop", "cut out no more than there is, along as many axes", size, " of samples of shape ", x.shape);
    index_t start = 0;
    for (int a = 0; a < axes; ++a) start += index_t(k.below(std::uint64_t(x.shape[1 + a] - size[a] + 1), std::uint64_t(a))) * x.shape.stride(1 + a);
    x.spare.resize(std::size_t(x.shape[0] * size.size()));
    for (index_t c = 0; c < x.shape[0]; ++c)
      for (index_t i = 0; i < size.size(); ++i) {
        index_t rest = i, at = c * x.shape.stride(0) + start;
        for (int a = axes; a-- > 0; rest /= size[a]) at += rest % size[a] * x.shape.stride(1 + a);
        x.spare[std::size_t(c * size.size() + i)] = x.values[std::size_t(at)];
      }
    x.values.swap(x.spare);
    for (int a = 0; a < axes; ++a) x.shape.dim[1 + a] = size[a];
  }
};

}
