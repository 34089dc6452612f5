// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/batches.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

// A shuffle for data that is read in pieces: chunks of neighbours in a random order, then the samples mixed within each `buffer` of them. So a
// buffer's samples come from few places of a file. With a buffer of all samples it is as good as any shuffle.
struct chunked_order {
  index_t chunk = 256, buffer = 8192;
  std::vector<int> operator()(index_t samples, key k) const {
    expect<invalid_argument>(chunk > 0 && buffer > 0, "train::chunked_order", "use chunks and buffers of one or more samples", "chunk ", chunk, ", buffer ", buffer);
    std::vector<int> rows;
    rows.reserve(std::size_t(samples));
    for (const int c : permutation((samples + chunk - 1) / chunk, k.fold(0)))
      for (index_t r = index_t(c) * chunk; r < samples && r < (index_t(c) + 1) * chunk; ++r) rows.push_back(int(r));
    std::vector<int> mixed(rows.size());
    for (index_t first = 0, number = 0; first < samples; first += buffer, ++number) {
      const index_t n = buffer < samples - first ? buffer : samples - first;
      const auto order = permutation(n, k.fold(1).fold(std::uint64_t(number)));
      for (index_t i = 0; i < n; ++i) mixed[std::size_t(first + i)] = rows[std::size_t(first + order[std::size_t(i)])];
    }
    return mixed;
  }
};

}
