#include "target.hpp"

#include <cosmoml/io/safetensors.hpp>

void read(const io::bytes& b) {
  const auto file = io::parse_safetensors(b, "fuzz");
  const auto again = io::parse_safetensors(io::safetensors_bytes(file), "again");
  must(again.metadata == file.metadata && again.data == file.data && again.tensors.size() == file.tensors.size());
  volatile double sink = 0;
  for (const auto& t : file.tensors) {
    const auto* other = again.find(t.name);
    must(other && other->type == t.type && other->shape == t.shape && other->begin == t.begin && other->end == t.end);
    for (index_t i = 0; i < t.size(); ++i) sink = file.element(t, i);
  }
}
