#include "target.hpp"

#include <cosmoml/io/npy.hpp>

void read(const io::bytes& b) {
  try {
    io::parse_npy<signed char>(b, "fuzz");
    io::parse_npy<unsigned short>(b, "fuzz");
    io::parse_npy<long long>(b, "fuzz");
  } catch (const error&) {
  }
  const auto a = io::parse_npy<double>(b, "fuzz");
  must_equal(io::parse_npy<double>(io::npy_bytes(a), "again"), a);
}
