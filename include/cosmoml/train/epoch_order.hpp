// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/batches.hpp>

#include <algorithm>
#include <functional>

namespace cosmoml::inline COSMOML_ABI::train {

// Which samples an epoch takes, in which order: a pure function of how many there are and of the epoch's key. The same number each epoch.
using epoch_order = std::function<std::vector<int>(index_t samples, key)>;

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

// Every sample once, classes spread evenly: each run of samples, so each batch, holds of each class its share, to within two.
struct stratified_order {
  std::vector<int> classes;   // of each sample: any whole numbers
  std::vector<int> operator()(index_t samples, key k) const {
    expect<shape_mismatch>(index_t(classes.size()) == samples, "train::stratified_order", "give the class of each sample", classes.size(), " classes for ", samples, " samples");
    std::vector<int> by_class = permutation(samples, k.fold(0));
    std::stable_sort(by_class.begin(), by_class.end(), [this](int a, int b) { return classes[std::size_t(a)] < classes[std::size_t(b)]; });
    std::vector<std::pair<double, int>> place(by_class.size());
    std::uint64_t number = 0;
    for (std::size_t first = 0; first < by_class.size(); ++number) {
      std::size_t last = first;
      while (last < by_class.size() && classes[std::size_t(by_class[last])] == classes[std::size_t(by_class[first])]) ++last;
      for (std::size_t i = first; i < last; ++i) place[i] = {(double(i - first) + k.fold(1).uniform(number)) / double(last - first), by_class[i]};
      first = last;
    }
    std::sort(place.begin(), place.end());
    for (std::size_t i = 0; i < place.size(); ++i) by_class[i] = place[i].second;
    return by_class;
  }
};

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
