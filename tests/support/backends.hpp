// The backend that this program is compiled for; tests/CMakeLists.txt compiles each typed test once for each.
#pragma once
#include <doctest/doctest.h>

#if defined(COSMOML_TEST_BACKEND_thrust_cpp_float) || defined(COSMOML_TEST_BACKEND_thrust_cpp_double)
#include <cosmoml/backend/thrust.hpp>
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
#elif defined(COSMOML_TEST_BACKEND_thrust_cpp_float)
using tested = backend::thrust<float, exec::cpp>;
#elif defined(COSMOML_TEST_BACKEND_thrust_cpp_double)
using tested = backend::thrust<double, exec::cpp>;
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
