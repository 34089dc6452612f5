// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/batches.hpp>

#include <algorithm>

namespace cosmoml::inline COSMOML_ABI::train {

// Draws samples with replacement, each with a chance that is proportional to its weight: torch's WeightedRandomSampler. The loss does not weigh
// them again.
struct weighted_order {
  std::vector<double> weights;
  index_t draws = 0;   // an epoch; 0: as many as there are samples
  std::vector<int> operator()(index_t samples, key k) const {
    expect<shape_mismatch>(index_t(weights.size()) == samples, "train::weighted_order", "give one weight for each sample", weights.size(), " weights for ", samples, " samples");
    std::vector<double> up_to(weights.size());
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      expect<invalid_argument>(weights[i] >= 0 && weights[i] <= 1e300, "train::weighted_order", "use finite weights of zero or more", "weight ", weights[i], " of sample ", i);
      up_to[i] = sum += weights[i];
    }
    expect<invalid_argument>(sum > 0, "train::weighted_order", "give some sample a weight above zero", "weights that are all zero");
    std::vector<int> order(std::size_t(draws ? draws : samples));
    for (std::size_t i = 0; i < order.size(); ++i) {
      std::size_t at = std::size_t(std::upper_bound(up_to.begin(), up_to.end(), sum * k.uniform(i)) - up_to.begin());
      while (at == up_to.size() || weights[at] == 0) --at;   // rounding up to the very end
      order[i] = int(at);
    }
    return order;
  }
};

}
