// The backend that this program is compiled for; tests/CMakeLists.txt compiles each typed test once for each.
#pragma once
#include <doctest/doctest.h>

#if defined(COSMOML_TEST_BACKEND_thrust_cpp_float) || defined(COSMOML_TEST_BACKEND_thrust_cpp_double)
#include <cosmoml/backend/thrust.hpp>
#elif defined(COSMOML_TEST_BACKEND_thrust_omp_float) || defined(COSMOML_TEST_BACKEND_thrust_omp_double)
#include <cosmoml/backend/thrust_omp.hpp>
#elif defined(COSMOML_TEST_BACKEND_thrust_tbb_float) || defined(COSMOML_TEST_BACKEND_thrust_tbb_double)
#include <cosmoml/backend/thrust_tbb.hpp>
#elif defined(COSMOML_TEST_BACKEND_thrust_cuda_float) || defined(COSMOML_TEST_BACKEND_thrust_cuda_double)
#include <cosmoml/backend/thrust_cuda.hpp>
#elif defined(COSMOML_TEST_BACKEND_eigen_float) || defined(COSMOML_TEST_BACKEND_eigen_double)
#include <cosmoml/backend/eigen.hpp>
#elif defined(COSMOML_TEST_BACKEND_xtensor_float) || defined(COSMOML_TEST_BACKEND_xtensor_double)
#include <cosmoml/backend/xtensor.hpp>
#else
#include <cosmoml/backend/native.hpp>
#endif
#include <cosmoml/backend/reference.hpp>

namespace tests {
using namespace cosmoml;

#if defined(COSMOML_TEST_BACKEND_reference_float)
using tested = backend::reference<float>;
#elif defined(COSMOML_TEST_BACKEND_reference_double)
using tested = backend::reference<double>;
#elif defined(COSMOML_TEST_BACKEND_native_float)
using tested = backend::native<float>;
#elif defined(COSMOML_TEST_BACKEND_native_double)
using tested = backend::native<double>;
#elif defined(COSMOML_TEST_BACKEND_eigen_float)
using tested = backend::eigen<float>;
#elif defined(COSMOML_TEST_BACKEND_eigen_double)
using tested = backend::eigen<double>;
#elif defined(COSMOML_TEST_BACKEND_xtensor_float)
using tested = backend::xtensor<float>;
#elif defined(COSMOML_TEST_BACKEND_xtensor_double)
using tested = backend::xtensor<double>;
#elif defined(COSMOML_TEST_BACKEND_thrust_cpp_float)
using tested = backend::thrust<float, exec::cpp>;
#elif defined(COSMOML_TEST_BACKEND_thrust_cpp_double)
using tested = backend::thrust<double, exec::cpp>;
#elif defined(COSMOML_TEST_BACKEND_thrust_omp_float)
using tested = backend::thrust<float, exec::omp>;
#elif defined(COSMOML_TEST_BACKEND_thrust_omp_double)
using tested = backend::thrust<double, exec::omp>;
#elif defined(COSMOML_TEST_BACKEND_thrust_tbb_float)
using tested = backend::thrust<float, exec::tbb>;
#elif defined(COSMOML_TEST_BACKEND_thrust_tbb_double)
using tested = backend::thrust<double, exec::tbb>;
#elif defined(COSMOML_TEST_BACKEND_thrust_cuda_float)
using tested = backend::thrust<float, exec::cuda>;
#elif defined(COSMOML_TEST_BACKEND_thrust_cuda_double)
using tested = backend::thrust<double, exec::cuda>;
#endif

// How far results of a sum of about `terms` products of numbers near one may be from exact, relative to the largest of them.
template <class S>
constexpr double tolerance(double terms = 100) {
  const double epsilon = sizeof(S) == 4 ? 1.2e-7 : 2.3e-16;
  double root = 1;
  while (root * root < terms) root += 1;
  return 8 * epsilon * root;
}
// How close a gradient of backend scalar S must be to central differences in double.
template <class S>
constexpr double gradient_tolerance = sizeof(S) == 4 ? 2e-5 : 1e-7;

}
