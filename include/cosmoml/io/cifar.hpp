// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <algorithm>

namespace cosmoml::inline COSMOML_ABI::io {

// Images and their classes.
struct labelled_images {
  ndarray<unsigned char> images;   // (n, 3, 32, 32)
  std::vector<int> labels;         // 0 ... 9
};

// One file of CIFAR-10's binary version (data_batch_1.bin ...): for each image its label and 3072 bytes, red, green, blue planes. `path` is for
// messages. Throws io_error.
inline labelled_images parse_cifar10(const bytes& b, const std::string& path) {
  constexpr std::size_t image = 3072, record = image + 1;
  const std::string asked = "reading CIFAR-10 file " + path;
  if (b.empty() || b.size() % record != 0)
    throw io_error(asked, text(b.size(), " bytes, which is no multiple of 3073"), "give a file of the binary version, such as data_batch_1.bin; this one is truncated or of another kind");
  const std::size_t n = b.size() / record;
  labelled_images r{ndarray<unsigned char>(index_t(n), 3, 32, 32), std::vector<int>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    r.labels[i] = b[i * record];
    if (r.labels[i] > 9) throw io_error(asked, text("label ", r.labels[i], " at image ", i), "give a file of CIFAR-10's binary version");
    std::copy_n(b.data() + i * record + 1, image, r.images.row(index_t(i)));
  }
  return r;
}
inline labelled_images read_cifar10(const std::string& path) {
  return parse_cifar10(decompressed(read_file(path), path), path);
}

// Grey images in [0, 1] from colour ones (n, 3, h, w) of bytes: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as PIL and torchvision).
inline ndarray<float> grey(const ndarray<unsigned char>& colour) {
  expect<shape_mismatch>(colour.rank() == 4 && colour.dim(1) == 3, "io::grey", "give images (n, 3, h, w)", colour.rank(), " axes");
  ndarray<float> g(colour.rows(), colour.dim(2), colour.dim(3));
  const index_t plane = g.row_size();
  for (index_t n = 0; n < colour.rows(); ++n)
    for (index_t e = 0; e < plane; ++e) {
      const unsigned char* p = colour.row(n) + e;
      g.row(n)[e] = float((0.299 * p[0] + 0.587 * p[plane] + 0.114 * p[2 * plane]) / 255);
    }
  return g;
}

}
