// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/shape.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// The shape of one sample in canonical order, first in a network: input<channels, height, width>, input<28, 28>, input<features>.
template <int... D>
struct input {
  static constexpr bool is_input = true;
  using shape_type = shape<D...>;
};

// What may stand first in a network.
template <class I>
concept NetworkInput = requires {
  requires I::is_input;
  typename I::shape_type;
};

}
