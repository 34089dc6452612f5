// SPDX-License-Identifier: BSL-1.0
// The backend that this program is compiled for, as benchmarks/CMakeLists.txt says: one program each, because they bring other libraries.
#pragma once
#if defined(COSMOML_BENCH_eigen)
#include <cosmoml/backend/eigen.hpp>
#elif defined(COSMOML_BENCH_xtensor)
#include <cosmoml/backend/xtensor.hpp>
#elif defined(COSMOML_BENCH_thrust_cpp)
#include <cosmoml/backend/thrust.hpp>
#elif defined(COSMOML_BENCH_thrust_omp)
#include <cosmoml/backend/thrust_omp.hpp>
#elif defined(COSMOML_BENCH_thrust_tbb)
#include <cosmoml/backend/thrust_tbb.hpp>
#include <tbb/global_control.h>
#elif defined(COSMOML_BENCH_thrust_cuda)
#include <cosmoml/backend/thrust_cuda.hpp>
#else
#include <cosmoml/backend/native.hpp>
#endif

#include <cstdio>
#include <cstdlib>
#include <string>

namespace benchmarks {

#if defined(COSMOML_BENCH_eigen)
using measured = cosmoml::backend::eigen<float>;
inline const std::string backend_name = "eigen";
#elif defined(COSMOML_BENCH_xtensor)
using measured = cosmoml::backend::xtensor<float>;
inline const std::string backend_name = "xtensor";
#elif defined(COSMOML_BENCH_thrust_cpp)
using measured = cosmoml::backend::thrust<float, cosmoml::exec::cpp>;
inline const std::string backend_name = "thrust_cpp";
#elif defined(COSMOML_BENCH_thrust_omp)
using measured = cosmoml::backend::thrust<float, cosmoml::exec::omp>;
inline const std::string backend_name = "thrust_omp";
#elif defined(COSMOML_BENCH_thrust_tbb)
using measured = cosmoml::backend::thrust<float, cosmoml::exec::tbb>;
inline const std::string backend_name = "thrust_tbb";
// As many threads as OpenMP has in the others.
inline const ::tbb::global_control threads(::tbb::global_control::max_allowed_parallelism,
                                           std::getenv("OMP_NUM_THREADS") ? std::size_t(std::atoi(std::getenv("OMP_NUM_THREADS"))) : 1);
#elif defined(COSMOML_BENCH_thrust_cuda)
using measured = cosmoml::backend::thrust<float, cosmoml::exec::cuda>;
inline const std::string backend_name = "thrust_cuda";
#else
using measured = cosmoml::backend::native<float>;
inline const std::string backend_name = "native";
#endif

// False where there is nothing to measure on.
inline bool available() {
#if defined(COSMOML_BENCH_thrust_cuda)
  if (cosmoml::exec::cuda::devices() == 0) {
    std::printf("skipped: no CUDA device\n");
    return false;
  }
#endif
  return true;
}

}
