// SPDX-License-Identifier: BSL-1.0
// Every primitive through Thrust with an explicit policy. In a .cpp file define THRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP for
// the whole program (the target cosmoml::thrust does); exec::cuda exists where nvcc compiles.
#pragma once
#include <cosmoml/backend/portable.hpp>
#include <cosmoml/core/error.hpp>

#include <thrust/copy.h>
#include <thrust/fill.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/system/cpp/execution_policy.h>
#include <thrust/system/cpp/vector.h>
#include <thrust/transform_reduce.h>

#include <functional>
#include <new>
#if defined(__CUDACC__)
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/system/cuda/vector.h>
#endif

namespace cosmoml::inline COSMOML_ABI::exec {

// Thrust's systems: a policy and the vectors that live there.
struct cpp {
  static constexpr const char* name_float = "thrust<float, cpp>";
  static constexpr const char* name_double = "thrust<double, cpp>";
  template <class T>
  using vector = ::thrust::cpp::vector<T>;
  static auto policy() { return ::thrust::cpp::par; }
};
#if defined(__CUDACC__)
struct cuda {
  static constexpr const char* name_float = "thrust<float, cuda>";
  static constexpr const char* name_double = "thrust<double, cuda>";
  template <class T>
  using vector = ::thrust::cuda::vector<T>;
  static auto policy() { return ::thrust::cuda::par; }
};
#endif

// An executor on a system of Thrust. What Thrust throws arrives as backend_error.
template <class System>
struct on_thrust {
  template <class Call>
  static auto guarded(const char* what, Call call) {
    try {
      return call();
    } catch (const std::bad_alloc& e) {
      throw backend_error(what, e.what(), "use a smaller batch or a device with more free memory");
    } catch (const std::runtime_error& e) {
      throw backend_error(what, e.what(), "check that a device is present and its driver is as new as the toolkit");
    }
  }

  template <class T>
  class buffer {
  public:
    buffer() = default;
    explicit buffer(index_t n)
        : data_(guarded("allocating device memory", [n] { return typename System::template vector<T>(std::size_t(n), T{}); })) {}
    T* data() { return ::thrust::raw_pointer_cast(data_.data()); }
    const T* data() const { return ::thrust::raw_pointer_cast(data_.data()); }
    index_t size() const { return index_t(data_.size()); }

  private:
    typename System::template vector<T> data_;
  };
  struct context {
    template <class T>
    T* scratch(index_t n) {
      const index_t need = (n * index_t(sizeof(T)) + 7) / 8;
      if (workspace.size() < need) workspace = buffer<double>(need);
      return reinterpret_cast<T*>(workspace.data());
    }
    buffer<double> workspace{};
  };

  template <class F>
  static void for_each(context&, index_t n, F f) {
    guarded("thrust::for_each", [&] { ::thrust::for_each_n(System::policy(), ::thrust::counting_iterator<index_t>(0), n, f); });
  }
  template <class F>
  static double sum_of(context&, index_t n, F f) {
    return guarded("thrust::transform_reduce", [&] {
      const ::thrust::counting_iterator<index_t> first(0);
      return ::thrust::transform_reduce(System::policy(), first, first + n, f, 0.0, ::thrust::plus<double>());
    });
  }
  template <class T>
  static void fill(context&, T* p, index_t n, std::type_identity_t<T> v) {
    guarded("thrust::fill", [&] { ::thrust::fill_n(System::policy(), pointer(p), n, v); });
  }
  template <class T>
  static void copy(context&, const T* from, T* to, index_t n) {
    guarded("thrust::copy", [&] { ::thrust::copy_n(System::policy(), pointer(from), n, pointer(to)); });
  }
  template <class T>
  static void to_host(context&, const T* from, T* to, index_t n) {
    guarded("copying to the host", [&] { ::thrust::copy_n(pointer(from), n, to); });
  }
  template <class T>
  static void from_host(context&, const T* from, T* to, index_t n) {
    guarded("copying from the host", [&] { ::thrust::copy_n(from, n, pointer(to)); });
  }

private:
  template <class T>
  static auto pointer(T* p) {
    using value = std::remove_const_t<T>;
    return typename System::template vector<value>::pointer(const_cast<value*>(p));
  }
};

}

namespace cosmoml::inline COSMOML_ABI::backend {

// thrust<float, exec::cpp> on the host, thrust<float, exec::cuda> on a GPU.
template <class S, class System>
struct thrust : portable<S, exec::on_thrust<System>> {
  static constexpr const char* name = sizeof(S) == 4 ? System::name_float : System::name_double;
};

}
