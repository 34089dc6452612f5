// SPDX-License-Identifier: BSL-1.0
// Square images with their classes, from files that people have.
#pragma once
#include <cosmoml/io/cifar.hpp>
#include <cosmoml/io/idx.hpp>
#include <cosmoml/train/samples.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

namespace examples {

struct labelled {
  cosmoml::ndarray<float> images;   // grey (n, side, side) or in three colours (n, 3, side, side), values in [0, 1]
  std::vector<int> labels;
  int side() const { return int(images.dim(images.rank() - 1)); }
  auto samples() const { return cosmoml::train::pair_up(images, labels); }
};

// The first of the two files that exists; MNIST's files are spread gzipped and plain.
inline std::string plain_or_gz(const std::string& path) { return std::filesystem::exists(path) ? path : path + ".gz"; }

// MNIST's two pairs of files: the training images, or, where a folder has only those, the 10,000 test images.
inline bool has_idx(const std::string& folder, const std::string& part) { return std::filesystem::exists(plain_or_gz(folder + "/" + part + "-images-idx3-ubyte")); }

// A folder with train-images-idx3-ubyte and train-labels-idx1-ubyte (or t10k-...), gzipped or plain.
inline labelled read_idx_folder(const std::string& folder) {
  const std::string part = folder + (has_idx(folder, "train") ? "/train" : "/t10k");
  const auto pixels = cosmoml::io::read_idx(plain_or_gz(part + "-images-idx3-ubyte"));
  const auto labels = cosmoml::io::read_idx(plain_or_gz(part + "-labels-idx1-ubyte"));
  cosmoml::expect<cosmoml::shape_mismatch>(pixels.rank() == 3 && labels.rank() == 1 && labels.rows() == pixels.rows(), "reading the images", "use the files of one data set",
                                           pixels.rows(), " images and ", labels.rows(), " labels");
  labelled r{cosmoml::ndarray<float>(pixels.extents()), std::vector<int>(labels.begin(), labels.end())};
  for (cosmoml::index_t i = 0; i < pixels.size(); ++i) r.images[i] = float(pixels[i]) / 255;
  return r;
}

enum class colours { grey, three };

// A folder with CIFAR-10's data_batch_1.bin ... data_batch_5.bin (those that are there), in colour or made grey.
inline labelled read_cifar_folder(const std::string& folder, colours wanted) {
  std::vector<float> all;
  std::vector<int> labels;
  for (int i = 1; i <= 5; ++i) {
    const std::string path = folder + "/data_batch_" + std::to_string(i) + ".bin";
    if (!std::filesystem::exists(path)) continue;
    const auto part = cosmoml::io::read_cifar10(path);
    if (wanted == colours::grey) {
      const auto pixels = cosmoml::io::grey(part.images);
      all.insert(all.end(), pixels.begin(), pixels.end());
    } else
      for (unsigned char p : part.images) all.push_back(float(p) / 255);
    labels.insert(labels.end(), part.labels.begin(), part.labels.end());
  }
  const auto n = cosmoml::index_t(labels.size());
  return {cosmoml::ndarray<float>(wanted == colours::grey ? std::vector<cosmoml::index_t>{n, 32, 32} : std::vector<cosmoml::index_t>{n, 3, 32, 32}, std::move(all)), std::move(labels)};
}

// Grey images repeated as red, green and blue.
inline labelled in_three_colours(const labelled& grey) {
  const cosmoml::index_t n = grey.images.rows(), side = grey.side(), plane = side * side;
  labelled r{cosmoml::ndarray<float>(n, 3, side, side), grey.labels};
  for (cosmoml::index_t i = 0; i < n; ++i)
    for (int c = 0; c < 3; ++c) std::copy_n(grey.images.row(i), plane, r.images.row(i) + c * plane);
  return r;
}

inline labelled read_images(const std::string& folder, colours wanted = colours::grey) {
  namespace fs = std::filesystem;
  if (fs::exists(folder + "/data_batch_1.bin")) return read_cifar_folder(folder, wanted);
  if (has_idx(folder, "train") || has_idx(folder, "t10k")) return wanted == colours::grey ? read_idx_folder(folder) : in_three_colours(read_idx_folder(folder));
  throw cosmoml::io_error("reading images in " + folder, fs::exists(folder) ? "no file of a known name" : "no such folder",
                          "install the package dataset-fashion-mnist, or give --data a folder with train-images-idx3-ubyte(.gz) and "
                          "train-labels-idx1-ubyte(.gz) or the t10k pair, or with CIFAR-10's data_batch_1.bin");
}

// Sizes of training, validation and test part: the paper's, or in its proportions where there are fewer images.
inline std::array<cosmoml::index_t, 3> part_sizes(cosmoml::index_t images, std::array<int, 3> wanted) {
  const cosmoml::index_t sum = wanted[0] + wanted[1] + wanted[2];
  cosmoml::expect<cosmoml::invalid_argument>(images >= 9, "splitting the images", "give at least nine", images, " images");
  if (images >= sum) return {wanted[0], wanted[1], wanted[2]};
  const cosmoml::index_t held_out = images * wanted[1] / sum;
  return {images - 2 * held_out, held_out, held_out};
}

}
