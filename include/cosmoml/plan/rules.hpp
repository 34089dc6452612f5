// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/affine_activation.hpp>
#include <cosmoml/plan/averaged_outputs.hpp>
#include <cosmoml/plan/chosen_output.hpp>
#include <cosmoml/plan/convolution_activation.hpp>
#include <cosmoml/plan/linear_chain.hpp>
#include <cosmoml/plan/live_outputs.hpp>
#include <cosmoml/plan/norm_activation.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// Tried in this order; the first that takes anything wins.
using rules = leaves<chosen_output, linear_chain, averaged_outputs, affine_activation, affine, live_outputs, convolution_activation, convolution_bias, norm_activation, one_layer>;

}
