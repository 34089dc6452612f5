// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

namespace cosmoml::inline COSMOML_ABI {

// One number for every spatial axis, or one each: 3, {3, 5}, {1, 3, 3}. A template argument, so three members and no array (nvcc garbles
// arrays in the names of such arguments).
struct per_axis {
  int first, second, third;

  constexpr per_axis(int all) : first(all), second(all), third(all) {}
  constexpr per_axis(int a, int b, int c = 1) : first(a), second(b), third(c) {}
  constexpr int operator[](int axis) const { return axis == 0 ? first : axis == 1 ? second : third; }
  constexpr bool operator==(const per_axis&) const = default;
};

}
