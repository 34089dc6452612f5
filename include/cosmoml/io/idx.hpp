// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/tensor/ndarray.hpp>

namespace cosmoml::inline COSMOML_ABI::io {

// An array of unsigned bytes in LeCun's idx format, as MNIST and Fashion-MNIST come, gzip or plain. Two zero bytes, type 0x08, the
// number of axes, big-endian extents, elements. `path` is for messages. Throws io_error if the file is missing, of another kind, or of another size than it says.
inline ndarray<unsigned char> parse_idx(const bytes& b, const std::string& path) {
  const std::string asked = "reading idx file " + path;
  if (b.size() < 4 || b[0] != 0 || b[1] != 0) throw io_error(asked, "it does not begin with two zero bytes", "give an idx file, such as train-images-idx3-ubyte.gz");
  if (b[2] != 0x08) throw io_error(asked, text("elements of type ", int(b[2])), "give a file of unsigned bytes (type 8)");
  const int rank = b[3];
  if (rank < 1 || rank > ndview<unsigned char>::max_rank) throw io_error(asked, text(rank, " axes"), "give a file with one to six axes");
  const std::size_t header = 4 + 4 * std::size_t(rank);
  if (b.size() < header) throw io_error(asked, text("it ends after ", b.size(), " bytes, inside its header"), "fetch the file again; this copy is truncated");
  std::vector<index_t> extents;
  for (int a = 0; a < rank; ++a) {
    const unsigned char* p = b.data() + 4 + 4 * a;
    extents.push_back(index_t(p[0]) << 24 | index_t(p[1]) << 16 | index_t(p[2]) << 8 | index_t(p[3]));
  }
  if (detail::elements_within(extents, b.size() - header) != b.size() - header)
    throw io_error(asked, text(b.size() - header, " bytes of elements where the header says ", detail::product_text(extents)), "fetch the file again; this copy is truncated or damaged");
  return ndarray<unsigned char>(std::move(extents), std::vector<unsigned char>(b.begin() + std::ptrdiff_t(header), b.end()));
}
inline ndarray<unsigned char> read_idx(const std::string& path) {
  return parse_idx(decompressed(read_file(path), path), path);
}

}
