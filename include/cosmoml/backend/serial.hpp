// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/host_memory.hpp>

#include <cstring>
#include <type_traits>
#include <utility>

namespace cosmoml::inline COSMOML_ABI::exec {

// The executor of plain host code: aligned, zeroed memory and a loop.
struct serial {
  static constexpr bool in_host_memory = true;
  template <class T>
  class buffer {
    static_assert(std::is_trivially_copyable_v<T>, "cosmoml: buffers hold plain numbers");

  public:
    buffer() = default;
    explicit buffer(index_t n) : data_(allocate(n)), size_(n) {
      if (n > 0) std::memset(static_cast<void*>(data_), 0, std::size_t(n) * sizeof(T));
    }
    buffer(const buffer& other) : data_(allocate(other.size_)), size_(other.size_) {
      if (size_ > 0) std::memcpy(static_cast<void*>(data_), other.data_, std::size_t(size_) * sizeof(T));
    }
    buffer(buffer&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    buffer& operator=(buffer other) noexcept {
      std::swap(data_, other.data_);
      std::swap(size_, other.size_);
      return *this;
    }
    ~buffer() { host_memory::free(data_, std::size_t(size_) * sizeof(T)); }

    T* data() { return data_; }
    const T* data() const { return data_; }
    index_t size() const { return size_; }

  private:
    static T* allocate(index_t n) { return static_cast<T*>(host_memory::allocate(n > 0 ? std::size_t(n) * sizeof(T) : 0)); }
    T* data_ = nullptr;
    index_t size_ = 0;
  };

  // Workspace of the primitives: grows to what the hungriest of them asked for and is valid until the next request.
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
    for (index_t i = 0; i < n; ++i) f(i);
  }
  template <class F>
  static double sum_of(context&, index_t n, F f) {
    double s = 0;
    for (index_t i = 0; i < n; ++i) s += double(f(i));
    return s;
  }
  template <class T>
  static void fill(context&, T* p, index_t n, std::type_identity_t<T> v) {
    for (index_t i = 0; i < n; ++i) p[i] = v;
  }
  template <class T>
  static void copy(context&, const T* from, T* to, index_t n) {
    if (n > 0) std::memmove(to, from, std::size_t(n) * sizeof(T));
  }
  template <class T>
  static void to_host(context& c, const T* from, T* to, index_t n) {
    copy(c, from, to, n);
  }
  template <class T>
  static void from_host(context& c, const T* from, T* to, index_t n) {
    copy(c, from, to, n);
  }
};

}
