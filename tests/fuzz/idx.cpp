#include "target.hpp"

#include <cosmoml/io/idx.hpp>

void read(const io::bytes& b) {
  const auto a = io::parse_idx(io::decompressed(b, "fuzz"), "fuzz");
  unsigned sum = 0;
  for (const unsigned char v : a) sum += v;
  must(sum <= 255u * unsigned(a.size()));
}
