// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/sample_source.hpp>
#include <cosmoml/train/samples.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

// Arrays of the user's, in place: memory_source(pair_up(images, labels)).
template <class X, class Y>
class memory_source {
public:
  explicit memory_source(const samples<X, Y>& s) : samples_(s) {}
  index_t rows() const { return samples_.rows(); }
  extents input_shape() const {
    const auto& x = samples_.inputs;
    return x.rank == 1 ? extents(1) : detail::sample_shape(x.dim + 1, x.rank - 1, "train::memory_source");
  }
  index_t target_size() const { return samples_.targets.row_size(); }
  bool weighted() const { return samples_.weights.rank > 0; }
  template <class T>
  void read_inputs(index_t first, index_t count, T* to) const {
    const index_t size = samples_.inputs.row_size();
    for (index_t n = 0; n < count; ++n)
      for (index_t e = 0; e < size; ++e) *to++ = T(samples_.inputs(first + n, e));
  }
  template <class T>
  void read_targets(index_t first, index_t count, T* to) const {
    for (index_t n = 0; n < count; ++n)
      for (index_t e = 0; e < target_size(); ++e) *to++ = detail::target_as<T>(samples_.targets(first + n, e), first + n);
  }
  void read_weights(index_t first, index_t count, double* to) const {
    for (index_t n = 0; n < count; ++n) *to++ = samples_.weights(first + n, 0);
  }

private:
  samples<X, Y> samples_;
};

}
