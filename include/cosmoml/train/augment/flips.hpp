// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/augment/image.hpp>

namespace cosmoml::inline COSMOML_ABI::train::augment {

// Turns each axis around with this probability.
struct flips {
  double probability = 0.5;
  template <class S>
  void operator()(image<S>& x, key k) const {
    detail::expect_axes(x, 1, "augment::flips");
    const int from[] = {0, 1, 2};
    bool flipped[3] = {}, any = false;
    for (int a = 0; a < x.axes(); ++a) any |= flipped[a] = k.uniform(std::uint64_t(a)) < probability;
    if (any) detail::turn(x, from, flipped);
  }
};

}
