// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/batches.hpp>

#include <algorithm>

namespace cosmoml::inline COSMOML_ABI::train {

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

}
