// What a fuzz target is made of: bytes that end in an array or in an error of the library. Anything else is a finding.
#pragma once
#include <cosmoml/io/file.hpp>

#include <cstdlib>

using namespace cosmoml;

void read(const io::bytes& b);

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    read(io::bytes(data, data + size));
  } catch (const error&) {
  }
  return 0;
}

inline void must(bool holds) {
  if (!holds) std::abort();
}
// Equal, bit for bit where they are numbers.
template <class A>
void must_equal(const A& a, const A& b) {
  must(a.extents() == b.extents());
  for (index_t i = 0; i < a.size(); ++i) must(a[i] == b[i] || (a[i] != a[i] && b[i] != b[i]));
}
