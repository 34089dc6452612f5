// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// Bytes that a model holds to train on batches of one size, by what they are for.
struct training_memory {
  index_t parameters = 0, gradients = 0, statistics = 0;
  index_t samples = 0;       // the batch, its predictions, and the gradients of these
  index_t activations = 0;   // what layers keep from forward to backward
  index_t workspace = 0;     // gradients of inner edges, and what layers need inside a call
  constexpr index_t total() const { return parameters + gradients + statistics + samples + activations + workspace; }
};

}
