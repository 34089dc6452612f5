// SPDX-License-Identifier: BSL-1.0
// Eigen's matrices and maps as host arrays, in place and in either storage order; and back.
#pragma once
#include <cosmoml/tensor/ndarray.hpp>

#include <Eigen/Core>

namespace cosmoml::inline COSMOML_ABI {

// Rows are samples, also of a column-major matrix; a column vector is one axis.
template <class X>
  requires std::is_base_of_v<Eigen::DenseBase<X>, X> && requires(const X& x) {
    x.data();
    x.outerStride();
  }
struct host_adaptor<X> {
  template <class Y>
  static auto view(Y&& x) {
    ndview<std::remove_pointer_t<decltype(x.data())>> v;
    v.data = x.data();
    v.rank = X::ColsAtCompileTime == 1 ? 1 : 2;
    v.dim[0] = x.rows();
    v.dim[1] = x.cols();
    v.stride[0] = X::IsRowMajor ? x.outerStride() : x.innerStride();
    v.stride[1] = X::IsRowMajor ? x.innerStride() : x.outerStride();
    return v;
  }
};

// A map onto an array of one or two axes (more axes: rows by all the rest), row-major.
template <class T>
auto to_eigen(ndarray<T>& x) {
  return Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(x.data(), x.rows(), x.row_size());
}
template <class T>
auto to_eigen(const ndarray<T>& x) {
  return Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(x.data(), x.rows(), x.row_size());
}

}
