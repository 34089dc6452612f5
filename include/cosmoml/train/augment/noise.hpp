// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/augment/image.hpp>

namespace cosmoml::inline COSMOML_ABI::train::augment {

// Adds normal noise of this standard deviation to every element.
struct noise {
  double deviation = 0.1;
  template <class S>
  void operator()(image<S>& x, key k) const {
    for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += S(deviation) * k.normal<S>(i);
  }
};

}
