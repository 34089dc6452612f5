// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/affine_activation.hpp>
#include <cosmoml/plan/rule.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// Tried in this order; the first that takes anything wins.
using rules = leaves<affine_activation, affine, one_layer>;

}
