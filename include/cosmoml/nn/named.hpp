// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/fixed_string.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A layer with a name: it stands in parameter paths instead of the layer's number, and model.layer<"head">() finds it. An empty name
// leaves the layer out of paths; "a.b" stands for two parts of one.
template <fixed_string Name, class Layer>
struct named : Layer {
  static constexpr auto name = Name;
};

}
