// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/batches.hpp>

#include <functional>

namespace cosmoml::inline COSMOML_ABI::train {

// Which samples an epoch takes, in which order: a pure function of how many there are and of the epoch's key. The same number each epoch.
using epoch_order = std::function<std::vector<int>(index_t samples, key)>;

namespace detail {
// An order of a user's, held against the samples that there are.
inline std::vector<int> checked_order(const epoch_order& order, index_t samples, key k) {
  std::vector<int> rows = order(samples, k);
  expect<invalid_argument>(!rows.empty(), "train::fit, order", "name at least one sample", "an order of none");
  for (const int r : rows) expect<invalid_argument>(r >= 0 && index_t(r) < samples, "train::fit, order", "name samples that there are", "sample ", r, " of ", samples);
  return rows;
}
}

}
