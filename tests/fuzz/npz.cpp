#include "target.hpp"

#include <cosmoml/io/npz.hpp>

void read(const io::bytes& b) {
  const auto z = io::npz::parse(b, "fuzz");
  for (const std::uint64_t zip64_from : {std::uint64_t(0xffffffffu), std::uint64_t(0)}) must(io::npz::parse(z.packed(zip64_from), "again").names() == z.names());
  for (const std::string& name : z.names()) try {
      z.get<float>(name);
    } catch (const error&) {
    }
}
