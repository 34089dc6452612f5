// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/npy_file.hpp>
#include <cosmoml/train/samples.hpp>

#include <optional>

namespace cosmoml::inline COSMOML_ABI::train {

// Where a pipeline takes samples from. All members are const and may be called from another thread than the training's.
//   rows(), input_shape(), target_size(), weighted()
//   read_inputs(first, count, to), read_targets(first, count, to), read_weights(first, count, to)    rows one after the other
template <class T>
concept SampleSource = requires(const T& s, index_t n, float* x, double* d, int* i) {
  { s.rows() } -> std::same_as<index_t>;
  { s.input_shape() } -> std::same_as<extents>;
  { s.target_size() } -> std::same_as<index_t>;
  { s.weighted() } -> std::same_as<bool>;
  s.read_inputs(n, n, x);
  s.read_targets(n, n, d);
  s.read_targets(n, n, i);
  s.read_weights(n, n, d);
};

namespace detail {
template <class To, class From>
To target_as(From v, index_t row) {
  if constexpr (std::is_same_v<To, int> && !std::is_same_v<From, int>)
    if (!(v >= From(0) && v <= From(1 << 30) && v == From(int(v)))) throw invalid_argument("train::pipeline", text("label ", double(v), " in sample ", row), "number the classes from 0");
  return To(v);
}
inline extents sample_shape(const index_t* dim, int rank, const char* asked) {
  extents e;
  expect<shape_mismatch>(rank >= 1 && rank <= extents::max_rank, asked, "give one axis that counts samples and at most five of a sample", rank, " axes of a sample");
  e.rank = rank;
  for (int a = 0; a < rank; ++a) e.dim[a] = int(dim[a]);
  return e;
}
}

// Arrays of the user's, in place: memory_source(pair_up(images, labels)).
template <class X, class Y>
class memory_source {
public:
  explicit memory_source(const samples<X, Y>& s) : samples_(s) {}
  index_t rows() const { return samples_.rows(); }
  extents input_shape() const {
    const auto& x = samples_.inputs;
    return x.rank == 1 ? extents(1) : detail::sample_shape(x.dim + 1, x.rank - 1, "train::memory_source");
  }
  index_t target_size() const { return samples_.targets.row_size(); }
  bool weighted() const { return samples_.weights.rank > 0; }
  template <class T>
  void read_inputs(index_t first, index_t count, T* to) const {
    const index_t size = samples_.inputs.row_size();
    for (index_t n = 0; n < count; ++n)
      for (index_t e = 0; e < size; ++e) *to++ = T(samples_.inputs(first + n, e));
  }
  template <class T>
  void read_targets(index_t first, index_t count, T* to) const {
    for (index_t n = 0; n < count; ++n)
      for (index_t e = 0; e < target_size(); ++e) *to++ = detail::target_as<T>(samples_.targets(first + n, e), first + n);
  }
  void read_weights(index_t first, index_t count, double* to) const {
    for (index_t n = 0; n < count; ++n) *to++ = samples_.weights(first + n, 0);
  }

private:
  samples<X, Y> samples_;
};

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
