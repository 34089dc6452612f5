// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/sequential.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A broken network: its witness says what is wrong, and this accepts whatever follows and says nothing.
template <class Net, class B, mode M = mode::training, rewrites R = rewrites{}>
class model : judged<Net>::type {
  struct anything {
    template <class T>
    operator T() const;
    template <class I>
    anything operator[](I) const;
    index_t size() const;
    index_t rows() const;
  };

public:
  template <class... A>
  explicit model(A&&...) {}
  template <class... A>
  void load(A&&...) {}
  template <class... A>
  anything predict(A&&...) {
    return {};
  }
  template <class... A>
  anything forward(A&&...) {
    return {};
  }
  template <class... A>
  void backward(A&&...) {}
};

}
