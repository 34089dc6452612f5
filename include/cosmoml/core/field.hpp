// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <string_view>

namespace cosmoml::inline COSMOML_ABI {

// What a parameter is to the layer that owns it; a backend chooses its storage by this.
enum class role { plain, vector, matrix, filter };

// A parameter as its layer declares it: PyTorch's name and axis order, the first guess of its values. What is not trainable is a
// statistic: written by training passes, read by inference, in a buffer that no optimiser sees.
struct field {
  std::string_view name;
  extents shape;
  role storage = role::plain;
  int fan_in = 0;         // above zero: uniform in (-1/sqrt(fan_in), 1/sqrt(fan_in)), as PyTorch starts its layers
  double constant = 0;    // with fan_in = 0: every element starts as this
  bool trainable = true;
  bool integer = false;   // files keep it as a whole number
};

}
