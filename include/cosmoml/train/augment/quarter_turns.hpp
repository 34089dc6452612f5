// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/augment/image.hpp>

namespace cosmoml::inline COSMOML_ABI::train::augment {

// Rotates the last two axes, which must be as long as one another, by 0, 90, 180 or 270 degrees, all alike probable.
struct quarter_turns {
  template <class S>
  void operator()(image<S>& x, key k) const {
    detail::expect_axes(x, 2, "augment::quarter_turns");
    const int n = x.axes(), turns = int(k.below(4, 0));
    expect<shape_mismatch>(x.shape[n - 1] == x.shape[n], "augment::quarter_turns", "give square images", "samples of shape ", x.shape);
    int from[] = {0, 1, 2};
    bool flipped[3] = {};
    if (turns % 2) from[n - 1] = n - 2, from[n - 2] = n - 1;
    flipped[n - 2] = turns == 1 || turns == 2;
    flipped[n - 1] = turns == 2 || turns == 3;
    if (turns) detail::turn(x, from, flipped);
  }
};

}
