#include "target.hpp"

#include <cosmoml/io/cifar.hpp>

void read(const io::bytes& b) {
  const auto r = io::parse_cifar10(io::decompressed(b, "fuzz"), "fuzz");
  must(r.images.rows() == index_t(r.labels.size()));
  for (const float g : io::grey(r.images)) must(g >= 0 && g <= 1);
}
