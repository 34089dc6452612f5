// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/layout.hpp>
#include <cosmoml/core/matrix.hpp>

namespace cosmoml::inline COSMOML_ABI {

// A batch of samples in some layout: trivially copyable, owns nothing, usable on the device. A parameter is a batch of one.
template <class S, Layout L>
struct view {
  using scalar = S;
  using layout = L;
  using shape_type = typename L::shape_type;
  static constexpr extents shape = L::shape;
  static constexpr index_t sample_size = L::shape.size();
  static constexpr bool contiguous = sample_size == 1 || L::line(0, 1, sample_size) == 1;   // each sample one run of memory
  S* data = nullptr;
  index_t batch = 1;

  COSMOML_HD S& operator()(index_t n, index_t e) const { return data[L::offset(n, e)]; }
  COSMOML_HD index_t elements() const {
    constexpr index_t size = sample_size;
    return batch * size;
  }
  COSMOML_HD index_t storage() const { return L::size(batch); }

  // The samples [first, first + count).
  view samples(index_t first, index_t count) const { return {data + L::begin(first), count}; }

  // Canonical elements Begin, Begin + Step, ... of every sample, in place.
  template <class Shape, index_t Begin, index_t Step = 1>
  auto sub() const {
    return view<S, part<L, Shape, Begin, Step>>{data, batch};
  }

  // One row a sample; the matrix begins at element 0 of sample 0.
  auto as_matrix() const
    requires(L::shape.rank == 1)
  {
    constexpr index_t between_samples = L::begin(1) - L::begin(0), between_elements = L::line(0, 1, sample_size);
    static_assert(between_elements > 0, "cosmoml: the elements of this edge are not evenly spaced in memory; convert it before a product");
    return matrix<S, dynamic, sample_size, between_samples, between_elements, L::slack(0, 1, sample_size)>{data + L::offset(0, 0), batch};
  }
  // A matrix parameter (rows, columns).
  auto as_matrix() const
    requires(L::shape.rank == 2)
  {
    constexpr index_t rows = L::shape.dim[0], columns = L::shape.dim[1];
    constexpr index_t down = L::line(0, columns, rows), across = L::line(0, 1, columns);
    return matrix<S, rows, columns, down, across, (down == 1 ? L::slack(0, columns, rows) : L::slack(0, 1, columns))>{data};
  }
};

// What stands for a gradient that nobody asked for.
struct nothing {};
// Does somebody ask for this gradient?
template <class X>
concept Wanted = !std::same_as<X, nothing>;

}
