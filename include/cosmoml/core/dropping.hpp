// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>

namespace cosmoml::inline COSMOML_ABI {

// Which numbers of a key's stream a batch takes, and what becomes of them: number j of the stream is kept unless its upper 24 bits, as a
// fraction, are below `rate`.
struct dropping {
  key randomness;
  double rate;
  index_t first;   // number of the first element (or channel) of the batch

  COSMOML_HD bool keeps(std::uint32_t word) const { return !(float(word >> 8) * 0x1p-24f < float(rate)); }
  // What makes up for the zeros.
  COSMOML_HD double scale() const { return 1 / (1 - rate); }
};

}
