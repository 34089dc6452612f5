// SPDX-License-Identifier: BSL-1.0
// xtensor's containers and adaptors as host arrays, in place; and back. Newer releases moved the headers into folders.
#pragma once
#include <cosmoml/tensor/ndarray.hpp>

#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>
#endif

namespace cosmoml::inline COSMOML_ABI {

template <class X>
  requires requires(const X& x) {
    x.storage();
    x.strides();
    x.shape();
    x.data();
  }
struct host_adaptor<X> {
  template <class Y>
  static auto view(Y&& x) {
    using T = std::remove_pointer_t<decltype(x.data())>;
    expect<invalid_argument>(int(x.dimension()) <= ndview<T>::max_rank, "reading an xtensor", "use at most six axes", x.dimension(), " axes");
    ndview<T> v;
    v.data = x.data();
    v.rank = int(x.dimension());
    for (int a = 0; a < v.rank; ++a) {
      v.dim[a] = index_t(x.shape()[std::size_t(a)]);
      v.stride[a] = index_t(x.strides()[std::size_t(a)]);   // 0 on axes of length one, which no index ever moves along
    }
    return v;
  }
};

// A copy of the array as xt::xtensor of the same rank.
template <std::size_t Rank, class T>
xt::xtensor<T, Rank> to_xtensor(const ndarray<T>& x) {
  expect<shape_mismatch>(x.rank() == int(Rank), "to_xtensor", "ask for as many axes as the array has", x.rank(), " axes");
  std::array<std::size_t, Rank> shape{};
  for (std::size_t a = 0; a < Rank; ++a) shape[a] = std::size_t(x.dim(int(a)));
  xt::xtensor<T, Rank> y(shape);
  std::copy(x.begin(), x.end(), y.begin());
  return y;
}

}
