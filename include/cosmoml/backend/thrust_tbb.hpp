// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/thrust.hpp>

#include <thrust/system/tbb/execution_policy.h>

namespace cosmoml::inline COSMOML_ABI::exec {

// Thrust on Threading Building Blocks' threads: all cores, unless a tbb::global_control says less.
struct tbb {
  static constexpr const char *name_float = "thrust<float, tbb>", *name_double = "thrust<double, tbb>";
  static constexpr bool threaded = true;
  static auto policy() { return ::thrust::tbb::par; }
};

}
