// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/thrust.hpp>

#include <thrust/system/omp/execution_policy.h>

#if !defined(_OPENMP)
#error "cosmoml: exec::omp needs OpenMP; compile with -fopenmp or link cosmoml::thrust_omp"
#endif

namespace cosmoml::inline COSMOML_ABI::exec {

// Thrust on OpenMP's threads, as many as OMP_NUM_THREADS says.
struct omp {
  static constexpr const char *name_float = "thrust<float, omp>", *name_double = "thrust<double, omp>";
  static constexpr bool threaded = true;
  static auto policy() { return ::thrust::omp::par; }
};

}
