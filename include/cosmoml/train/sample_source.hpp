// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/extents.hpp>

#include <concepts>

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

}
