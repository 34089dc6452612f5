// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace cosmoml::inline COSMOML_ABI {

// An n-dimensional array somewhere in host memory, extents and strides at run time: how users' data comes in. Owns nothing.
// Axis 0 counts samples; strides are in elements, so strided, Fortran-order and float64 arrays are read in place.
template <class T>
struct ndview {
  static constexpr int max_rank = 6;
  T* data = nullptr;
  int rank = 0;
  index_t dim[max_rank] = {}, stride[max_rank] = {};

  ndview() = default;
  // Row-major: ndview<const float>(p, 1000, 28, 28).
  template <std::integral... D>
    requires(sizeof...(D) >= 1 && sizeof...(D) <= max_rank)
  explicit ndview(T* p, D... extent) : data(p), rank(int(sizeof...(D))), dim{index_t(extent)...} {
    set_row_major();
  }
  template <class U>
    requires std::same_as<const U, T>
  ndview(const ndview<U>& other) : data(other.data), rank(other.rank) {
    for (int a = 0; a < rank; ++a) dim[a] = other.dim[a], stride[a] = other.stride[a];
  }

  void set_row_major() {
    index_t step = 1;
    for (int a = rank; a-- > 0; step *= dim[a]) stride[a] = step;
  }
  index_t size() const {
    index_t n = rank ? 1 : 0;
    for (int a = 0; a < rank; ++a) n *= dim[a];
    return n;
  }
  index_t rows() const { return rank ? dim[0] : 0; }
  index_t row_size() const {
    index_t n = 1;
    for (int a = 1; a < rank; ++a) n *= dim[a];
    return n;
  }
  // The distance between neighbouring elements of a row, in canonical order; 0 where it varies.
  index_t row_step() const {
    index_t first = 1, next = 0;
    bool known = false;
    for (int a = rank; a-- > 1;) {
      if (dim[a] == 1) continue;
      if (!known) first = next = stride[a];
      else if (stride[a] != next) return 0;
      known = true;
      next *= dim[a];
    }
    return first;
  }
  // Is each row one run of memory?
  bool rows_contiguous() const { return row_step() == 1; }
  // Element e of row n, e in canonical (row-major) order.
  T& operator()(index_t n, index_t e) const {
    index_t at = n * stride[0];
    for (int a = rank; a-- > 1; e /= dim[a]) at += e % dim[a] * stride[a];
    return data[at];
  }
  // Rows [first, first + count).
  ndview middle_rows(index_t first, index_t count) const {
    expect<shape_mismatch>(first >= 0 && count >= 0 && first + count <= rows(), "ndview::middle_rows",
                           "ask for rows that the array has", "rows ", first, " to ", first + count, " of ", rows());
    ndview part = *this;
    part.data += first * stride[0];
    part.dim[0] = count;
    return part;
  }
};

// How a type of another library becomes an ndview; specialised for std::span and std::vector here, for Eigen and xtensor in
// tensor/eigen.hpp and tensor/xtensor.hpp.
template <class X>
struct host_adaptor;

template <class T>
struct host_adaptor<ndview<T>> {
  static ndview<T> view(ndview<T> x) { return x; }
};
// Anything contiguous with data() and size() and no axes of its own: one axis.
template <class X>
  requires requires(const X& x) {
    { x.data() } -> std::convertible_to<const void*>;
    { x.size() } -> std::convertible_to<std::size_t>;
  } && (!requires(const X& x) { x.rows(); }) && (!requires(const X& x) { x.shape(); }) && (!requires(const X& x) { x.dims(); })
struct host_adaptor<X> {
  template <class Y>
  static auto view(Y&& x) {
    return ndview<std::remove_pointer_t<decltype(x.data())>>(x.data(), index_t(x.size()));
  }
};

// An array in host memory that an ndview can see: anything with a host_adaptor.
template <class X>
concept HostArray = requires(X&& x) { host_adaptor<std::remove_cvref_t<X>>::view(x); };

// A read-only ndview of any array that is known.
template <HostArray X>
auto as_ndview(const X& x) {
  using found = decltype(host_adaptor<X>::view(x));
  return ndview<std::add_const_t<std::remove_pointer_t<decltype(found::data)>>>(host_adaptor<X>::view(x));
}

// The same numbers with axis 0 counting samples of `sample` elements: a flat array of n * sample numbers is n rows, an array of
// several axes with `sample` elements in all is one.
template <class T>
void count_samples(ndview<T>& v, index_t sample, const char* asked) {
  if (v.rank == 1 && sample != 1) {
    expect<shape_mismatch>(sample > 0 && v.dim[0] % sample == 0, asked, "give whole samples, one after the other", v.dim[0],
                           " numbers where one sample takes ", sample);
    v.rank = 2;
    v.dim[1] = sample;
    v.stride[1] = v.stride[0];
    v.dim[0] /= sample;
    v.stride[0] *= sample;
    return;
  }
  if (v.row_size() != sample && v.size() == sample && v.rank < ndview<T>::max_rank) {   // one sample, without an axis that counts
    for (int a = v.rank++; a-- > 0;) v.dim[a + 1] = v.dim[a], v.stride[a + 1] = v.stride[a];
    v.dim[0] = 1;
    v.stride[0] = 0;
    return;
  }
  expect<shape_mismatch>(v.row_size() == sample, asked, "give one sample a row, with as many elements as the network's input",
                         v.row_size(), " elements a row where one sample takes ", sample);
}
template <HostArray X>
auto as_samples(const X& x, index_t sample, const char* asked) {
  auto v = as_ndview(x);
  count_samples(v, sample, asked);
  return v;
}
// An array of the caller to write rows into, of any strides, of float or double.
template <class X>
concept WritableArray = HostArray<X> && requires(X&& x) {
  requires std::is_same_v<decltype(host_adaptor<std::remove_cvref_t<X>>::view(x).data), float*> ||
               std::is_same_v<decltype(host_adaptor<std::remove_cvref_t<X>>::view(x).data), double*>;
};

}
