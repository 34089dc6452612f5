// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/key.hpp>

#include <span>
#include <utility>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train {

// The numbers 0 ... n - 1 in an order that the key decides (Fisher and Yates).
inline std::vector<int> permutation(index_t n, key k) {
  std::vector<int> order(static_cast<std::size_t>(n));
  for (index_t i = 0; i < n; ++i) order[std::size_t(i)] = int(i);
  for (index_t i = n - 1; i > 0; --i) std::swap(order[std::size_t(i)], order[std::size_t(k.below(std::uint64_t(i) + 1, std::uint64_t(i)))]);
  return order;
}

// The batches of one epoch: [first, first + count) of the order, the last one shorter if sizes do not divide.
class batches {
public:
  batches(index_t samples, index_t batch_size) : samples_(samples), size_(batch_size) {
    expect<invalid_argument>(samples > 0, "train::batches", "give at least one sample", samples, " samples");
    expect<invalid_argument>(batch_size > 0, "train::batches", "use batches of one or more samples", "batch size ", batch_size);
  }
  index_t count() const { return (samples_ + size_ - 1) / size_; }
  index_t first(index_t batch) const { return batch * size_; }
  index_t size(index_t batch) const { return samples_ - first(batch) < size_ ? samples_ - first(batch) : size_; }

private:
  index_t samples_, size_;
};

}
