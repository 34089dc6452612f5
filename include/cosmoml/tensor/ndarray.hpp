// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/tensor/ndview.hpp>

#include <vector>

namespace cosmoml::inline COSMOML_ABI {

// An n-dimensional row-major array in host memory that owns its elements: what files are read into and predictions come out as.
template <class T>
class ndarray {
public:
  using value_type = T;
  ndarray() = default;
  // Zeros: ndarray<float>(1000, 28, 28).
  template <std::integral... D>
    requires(sizeof...(D) >= 1)
  explicit ndarray(D... extent) : shape_{index_t(extent)...} {
    allocate();
  }
  explicit ndarray(std::vector<index_t> extents) : shape_(std::move(extents)) { allocate(); }
  ndarray(std::vector<index_t> extents, std::vector<T> elements) : shape_(std::move(extents)), elements_(std::move(elements)) {
    expect<shape_mismatch>(product() == index_t(elements_.size()), "ndarray(extents, elements)", "give as many elements as the extents multiply to",
                           elements_.size(), " elements for ", product(), " places");
  }

  int rank() const { return int(shape_.size()); }
  index_t dim(int axis) const { return shape_[std::size_t(axis)]; }
  const std::vector<index_t>& extents() const { return shape_; }
  index_t size() const { return index_t(elements_.size()); }
  index_t rows() const { return shape_.empty() ? 0 : shape_[0]; }
  index_t row_size() const { return rows() ? size() / rows() : 0; }

  T* data() { return elements_.data(); }
  const T* data() const { return elements_.data(); }
  T* row(index_t n) { return data() + n * row_size(); }
  const T* row(index_t n) const { return data() + n * row_size(); }
  T& operator[](index_t i) { return elements_[std::size_t(i)]; }
  const T& operator[](index_t i) const { return elements_[std::size_t(i)]; }
  auto begin() { return elements_.begin(); }
  auto end() { return elements_.end(); }
  auto begin() const { return elements_.begin(); }
  auto end() const { return elements_.end(); }

  ndview<const T> view() const { return view_of(data()); }
  ndview<T> view() { return view_of(data()); }

  // The same elements with other extents.
  ndarray reshaped(std::vector<index_t> extents) && { return ndarray(std::move(extents), std::move(elements_)); }

private:
  index_t product() const {
    index_t n = shape_.empty() ? 0 : 1;
    for (index_t d : shape_) n *= d;
    return n;
  }
  void allocate() {
    for (index_t d : shape_) expect<invalid_argument>(d >= 0, "ndarray(extents)", "give extents of zero or more", "extent ", d);
    expect<invalid_argument>(rank() <= ndview<T>::max_rank, "ndarray(extents)", "use at most six axes", rank(), " axes");
    elements_.assign(std::size_t(product()), T{});
  }
  template <class U>
  ndview<U> view_of(U* p) const {
    ndview<U> v;
    v.data = p;
    v.rank = rank();
    for (int a = 0; a < v.rank; ++a) v.dim[a] = shape_[std::size_t(a)];
    v.set_row_major();
    return v;
  }

  std::vector<index_t> shape_;
  std::vector<T> elements_;
};

template <class T>
struct host_adaptor<ndarray<T>> {
  static ndview<const T> view(const ndarray<T>& x) { return x.view(); }
  static ndview<T> view(ndarray<T>& x) { return x.view(); }
};

}
