// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/augment/image.hpp>

#include <utility>

namespace cosmoml::inline COSMOML_ABI::train::augment {

// One of the symmetries of a cube: 48 for three axes, 8 (of a square) for two, 2 for one, all alike probable. Axes must be as long as one another.
// Fields of vectors keep their components where they are: for scalar fields.
struct cube_symmetries {
  static constexpr int count(int axes) { return axes == 3 ? 48 : axes == 2 ? 8 : 2; }

  // Symmetry `number` of count(axes); 0 changes nothing.
  template <class S>
  static void apply(image<S>& x, int number) {
    detail::expect_axes(x, 1, "augment::cube_symmetries");
    const int axes = x.axes();
    expect<invalid_argument>(number >= 0 && number < count(axes), "augment::cube_symmetries", "use a number below the count of symmetries", "number ", number, " of ", count(axes));
    for (int a = 1; a < axes; ++a) expect<shape_mismatch>(x.shape[1 + a] == x.shape[1], "augment::cube_symmetries", "give samples of axes of one length", "samples of shape ", x.shape);
    bool flipped[3] = {};
    for (int a = 0; a < axes; ++a) flipped[a] = number >> a & 1;
    int from[] = {0, 1, 2}, left = number >> axes;
    for (int a = axes; a > 1; left /= a, --a) std::swap(from[a - 1], from[a - 1 - left % a]);   // the number's digits choose a permutation
    if (number) detail::turn(x, from, flipped);
  }
  template <class S>
  void operator()(image<S>& x, key k) const {
    apply(x, int(k.below(std::uint64_t(count(x.axes())), 0)));
  }
};

}
