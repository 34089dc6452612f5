// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

#include <cstddef>

namespace cosmoml::inline COSMOML_ABI {

// Sizes, offsets and counts of elements. Signed, so that differences are what they look like.
using index_t = std::ptrdiff_t;

COSMOML_HD constexpr index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }
COSMOML_HD constexpr index_t larger(index_t a, index_t b) { return a > b ? a : b; }

// The shape of one sample as a value: what constexpr code computes with. `shape<...>` is the same as a type.
struct extents {
  static constexpr int max_rank = 5;
  int rank = 0;
  int dim[max_rank] = {};

  constexpr extents() = default;
  template <class... D>
    requires(sizeof...(D) < max_rank)
  constexpr extents(int first, D... rest)
      : rank(1 + int(sizeof...(D))), dim{first, rest...} {}

  // The shape of what cannot be. Every layer passes it on, so that one mistake stays one error.
  static constexpr extents broken() {
    extents e;
    e.rank = -1;
    return e;
  }
  COSMOML_HD constexpr bool is_broken() const { return rank < 0; }

  COSMOML_HD constexpr int operator[](int axis) const { return dim[axis]; }
  COSMOML_HD constexpr index_t size() const {
    index_t n = 1;
    for (int a = 0; a < rank; ++a) n *= dim[a];
    return n;
  }
  // Elements that follow one step along `axis`.
  COSMOML_HD constexpr index_t stride(int axis) const {
    index_t n = 1;
    for (int a = axis + 1; a < rank; ++a) n *= dim[a];
    return n;
  }
  constexpr bool operator==(const extents&) const = default;
};

}
