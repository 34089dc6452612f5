// SPDX-License-Identifier: BSL-1.0
// In a .cpp file define THRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP for the whole program (the target cosmoml::thrust does).
#pragma once
#include <cosmoml/backend/host.hpp>
#include <cosmoml/backend/serial.hpp>
#include <cosmoml/core/error.hpp>

#include <thrust/copy.h>
#include <thrust/fill.h>
#include <thrust/for_each.h>
#include <thrust/functional.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/system/cpp/execution_policy.h>
#include <thrust/transform_reduce.h>

#include <new>

namespace cosmoml::inline COSMOML_ABI::exec {

// A host system of Thrust is its policy, its name, and whether it has threads. cpp is here; omp, tbb and cuda are in thrust_omp.hpp,
// thrust_tbb.hpp and thrust_cuda.hpp.
struct cpp {
  static constexpr const char *name_float = "thrust<float, cpp>", *name_double = "thrust<double, cpp>";
  static constexpr bool threaded = false;
  static auto policy() { return ::thrust::cpp::par; }
};

// What Thrust throws arrives as backend_error.
template <class Call>
auto guard_thrust(const char* asked, Call call) {
  try {
    return call();
  } catch (const std::bad_alloc& e) {
    throw backend_error(asked, e.what(), "use a smaller batch or a device with more free memory");
  } catch (const std::runtime_error& e) {
    throw backend_error(asked, e.what(), "check that a device is present and its driver is as new as the toolkit");
  }
}

// Host memory, and Thrust's algorithms on a host system. Ranges too short for a second thread stay on Thrust's cpp system.
template <class System>
struct on_thrust : serial {
  template <class F>
  static void for_each(context&, index_t n, F f) {
    with_policy(n > kernels::sweep_worth, "thrust::for_each", [&](auto policy) { ::thrust::for_each_n(policy, ::thrust::counting_iterator<index_t>(0), n, f); });
  }
  template <class F>
  static double sum_of(context&, index_t n, F f) {
    return with_policy(n > 256, "thrust::transform_reduce", [&](auto policy) {
      const ::thrust::counting_iterator<index_t> first(0);
      return ::thrust::transform_reduce(policy, first, first + n, f, 0.0, ::thrust::plus<double>());
    });
  }
  template <class T>
  static void fill(context&, T* p, index_t n, std::type_identity_t<T> v) {
    with_policy(n > kernels::sweep_worth, "thrust::fill", [&](auto policy) { ::thrust::fill_n(policy, p, n, v); });
  }
  // The ranges may overlap only if they are the same.
  template <class T>
  static void copy(context&, const T* from, T* to, index_t n) {
    with_policy(n > kernels::sweep_worth, "thrust::copy", [&](auto policy) { ::thrust::copy_n(policy, from, n, to); });
  }
  template <class T>
  static void to_host(context& c, const T* from, T* to, index_t n) {
    copy(c, from, to, n);
  }
  template <class T>
  static void from_host(context& c, const T* from, T* to, index_t n) {
    copy(c, from, to, n);
  }

private:
  template <class Call>
  static auto with_policy([[maybe_unused]] bool worth, const char* asked, Call call) {
    return guard_thrust(asked, [&] {
      if constexpr (System::threaded)
        if (worth) return call(System::policy());
      return call(::thrust::cpp::par);
    });
  }
};

}

namespace cosmoml::inline COSMOML_ABI::backend {

// thrust<float, exec::cpp>, exec::omp or exec::tbb on the host: element-wise work, reductions, fills and copies by Thrust's algorithms
// with that policy, products, pooling and wavelets by the library's kernels (on OpenMP's threads where the program has them).
template <class S, class System>
struct thrust : host<S, exec::on_thrust<System>> {
  using abilities_of = thrust;
  static constexpr const char* name = sizeof(S) == 4 ? System::name_float : System::name_double;
};

}
