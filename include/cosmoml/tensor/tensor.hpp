// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/tensor/ndarray.hpp>

namespace cosmoml::inline COSMOML_ABI {

// A batch of samples of one static shape that lives on a backend, in the backend's own layout (or one that is named).
template <Backend B, class Shape, Layout L = typename B::template layout<Shape, 0>>
class tensor {
public:
  using scalar = typename B::scalar;
  using layout = L;
  static constexpr extents shape = Shape::value;

  tensor() = default;
  explicit tensor(index_t batch) : buffer_(L::size(batch)), batch_(batch) {}
  // From host memory, one sample a row; the one conversion between users' data and a backend.
  template <HostArray X>
  tensor(typename B::context& c, const X& samples) {
    assign(c, samples);
  }

  template <HostArray X>
  void assign(typename B::context& c, const X& samples) {
    const auto from = as_samples(samples, shape.size(), "tensor: copying samples to the backend");
    resize(from.rows());
    ndarray<scalar> host(L::size(batch_));
    const bool plain = from.rows_contiguous();
    for (index_t n = 0; n < batch_; ++n)
      for (index_t e = 0; e < shape.size(); ++e)
        host[L::offset(n, e)] = scalar(plain ? from.data[n * from.stride[0] + e] : from(n, e));
    B::from_host(c, static_cast<const scalar*>(host.data()), buffer_.data(), L::size(batch_));
  }
  // To host memory: (batch, shape...).
  ndarray<scalar> to_host(typename B::context& c) const {
    ndarray<scalar> host(L::size(batch_)), out(extents_with(batch_));
    B::to_host(c, buffer_.data(), host.data(), L::size(batch_));
    for (index_t n = 0; n < batch_; ++n)
      for (index_t e = 0; e < shape.size(); ++e) out[n * shape.size() + e] = host[L::offset(n, e)];
    return out;
  }

  // Room for `batch` samples; memory only grows, and what was in it is lost when it does.
  void resize(index_t batch) {
    if (L::size(batch) > buffer_.size()) buffer_ = buffer(L::size(batch));
    batch_ = batch;
  }
  index_t batch() const { return batch_; }
  auto view() { return cosmoml::view<scalar, L>{buffer_.data(), batch_}; }
  auto view() const { return cosmoml::view<const scalar, L>{buffer_.data(), batch_}; }

  static std::vector<index_t> extents_with(index_t batch) {
    std::vector<index_t> e{batch};
    for (int a = 0; a < shape.rank; ++a) e.push_back(shape[a]);
    return e;
  }

private:
  using buffer = typename B::template buffer<scalar>;
  buffer buffer_;
  index_t batch_ = 0;
};

}
