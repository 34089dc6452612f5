// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/npy_file.hpp>
#include <cosmoml/train/sample_source.hpp>

#include <optional>

namespace cosmoml::inline COSMOML_ABI::train {

// The files of npy_source.
struct npy_files {
  std::string inputs, targets, weights{};   // paths; weights may be missing
};

// Npy files of any size, row by row: inputs (n, ...), targets (n) or (n, ...), weights (n).
class npy_source {
public:
  explicit npy_source(const npy_files& f) : inputs_(f.inputs), targets_(f.targets) {
    if (!f.weights.empty()) weights_.emplace(f.weights);
    expect<shape_mismatch>(targets_.rows() == rows() && (!weights_ || (weights_->rows() == rows() && weights_->row_size() == 1)), "train::npy_source", "give files of as many rows, and one weight a row",
                           rows(), " inputs, ", targets_.rows(), " targets", weights_ ? text(", ", weights_->rows(), " weights") : "");
  }
  index_t rows() const { return inputs_.rows(); }
  extents input_shape() const {
    const auto& s = inputs_.shape();
    return s.size() == 1 ? extents(1) : detail::sample_shape(s.data() + 1, int(s.size()) - 1, "train::npy_source");
  }
  index_t target_size() const { return targets_.row_size(); }
  bool weighted() const { return weights_.has_value(); }
  template <class T>
  void read_inputs(index_t first, index_t count, T* to) const {
    inputs_.read_rows(first, count, to);
  }
  template <class T>
  void read_targets(index_t first, index_t count, T* to) const {
    if constexpr (std::is_same_v<T, int>) {
      std::vector<double> raw(std::size_t(count * target_size()));
      targets_.read_rows(first, count, raw.data());
      for (std::size_t i = 0; i < raw.size(); ++i) to[i] = detail::target_as<int>(raw[i], first + index_t(i) / target_size());
    } else targets_.read_rows(first, count, to);
  }
  void read_weights(index_t first, index_t count, double* to) const { weights_->read_rows(first, count, to); }

private:
  io::npy_file inputs_, targets_;
  std::optional<io::npy_file> weights_;
};

}
