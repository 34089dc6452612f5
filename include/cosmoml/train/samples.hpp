// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/tensor/ndarray.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

// Inputs (n, ...) with what belongs to them: n class numbers, or targets (n, ...); and a weight each, if they are not all alike.
// Views of the user's arrays, which must outlive them.
template <class X, class Y>
struct samples {
  ndview<const X> inputs;
  ndview<const Y> targets;
  ndview<const double> weights;   // rank 0: all one

  index_t rows() const { return inputs.rows(); }
  // Samples [first, first + count), for splits in file order.
  samples middle_rows(index_t first, index_t count) const {
    return {inputs.middle_rows(first, count), targets.middle_rows(first, count), weights.rank ? weights.middle_rows(first, count) : weights};
  }
};

// pair_up(images, labels): any two host arrays with as many rows.
template <HostArray X, HostArray Y>
auto pair_up(const X& inputs, const Y& targets) {
  const auto x = as_ndview(inputs);
  const auto y = as_ndview(targets);
  expect<shape_mismatch>(x.rows() == y.rows(), "train::pair_up", "give one target for each input", x.rows(), " inputs and ", y.rows(), " targets");
  return samples<std::remove_const_t<std::remove_pointer_t<decltype(x.data)>>, std::remove_const_t<std::remove_pointer_t<decltype(y.data)>>>{x, y, {}};
}

}
