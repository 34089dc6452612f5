// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/cholesky.hpp>
#include <cosmoml/prob/mixture_kernel.hpp>
#include <cosmoml/prob/table.hpp>

namespace cosmoml::inline COSMOML_ABI::prob::detail {

// A mixture as the loops take it: roots of the covariances, and each component's constants in S.
template <class S>
struct whitening {
  index_t dimension = 0;
  std::vector<double> root;   // (K, d, d)
  std::vector<S> constants;   // (K, constants_of(d))

  // False and `failed` when a covariance is not positive definite.
  bool prepare(const mixture_parameters& p, index_t& failed) {
    const index_t k_all = p.components(), d = p.dimension;
    dimension = d;
    root.resize(std::size_t(k_all * d * d));
    constants.resize(std::size_t(k_all * constants_of(d)));
    std::vector<double> inverse(static_cast<std::size_t>(d * d));
    for (index_t k = 0; k < k_all; ++k) {
      double* l = root.data() + k * d * d;
      failed = k;
      if (!cholesky(d, p.covariance_of(k), l)) return false;
      invert_lower(d, l, inverse.data());
      S* c = constants.data() + k * constants_of(d);
      for (index_t i = 0; i < d; ++i) {
        double offset = 0;
        for (index_t j = 0; j <= i; ++j) {
          const double a = inverse[std::size_t(i * d + j)] * whitening_scale;
          c[row_of(i) + j] = S(a);
          offset -= a * p.mean_of(k)[j];
        }
        c[row_of(i) + i + 1] = S(offset);
        if (!std::isfinite(offset)) return false;
      }
      c[row_of(d)] = S((std::log(p.weight[std::size_t(k)]) - 0.5 * (log_determinant(d, l) + double(d) * 1.83787706640934548356)) * kernels::detail::log2_e);
    }
    failed = -1;
    return true;
  }
  index_t components() const { return dimension ? index_t(root.size()) / (dimension * dimension) : 0; }
};

// Memory of one thread.
template <class S>
struct pass_workspace {
  typename exec::serial::template buffer<S> memory;
  S *z = nullptr, *e = nullptr, *sums = nullptr, *tail = nullptr;
  int vectors = 0;

  void reserve(index_t components, index_t d) {
    constexpr index_t L = kernels::lanes<S>, cache = 24576 / index_t(sizeof(S));
    index_t block = std::clamp<index_t>(cache / (components * (d + 1) * L), 1, 16);
    if (sizeof(S) == 4)   // a product of `block` numbers up to K must stay below the largest float
      while (block > 1 && double(block) * std::log10(double(components)) > 37) --block;
    vectors = int(block);
    const index_t z_size = components * block * d * L, e_size = components * block * L, sums_size = components * statistics_of(d) * L;
    if (memory.size() < z_size + e_size + sums_size + L) memory = typename exec::serial::template buffer<S>(z_size + e_size + sums_size + L);
    z = memory.data();
    e = z + z_size;
    sums = e + e_size;
    tail = sums + sums_size;
  }
};

// One pass over rows [first, last), first a multiple of the lanes: returns the sum of weight * ln p. With `statistics` (K, statistics_of(d))
// also the moments for an M step; with `rows` ln p / ln 2 of each row, from rows[first]; both may be null.
template <class S>
double pass(const mixture_loops<S>& loops, const whitening<S>& w, const S* const* x, const S* weight, index_t first, index_t last, double* statistics,
            S* rows, pass_workspace<S>& work) {
  constexpr index_t L = kernels::lanes<S>;
  const index_t d = w.dimension, components = w.components(), per = statistics_of(d);
  work.reserve(components, d);
  if (statistics) std::fill_n(work.sums, components * per * L, S(0));
  double sum = 0;
  for (index_t o = first; o < last;) {
    index_t vectors = std::min<index_t>(work.vectors, (last - o) / L);
    const S* block_weight = weight ? weight + o : nullptr;
    if (vectors == 0) {   // the last rows, beside lanes that weigh nothing
      vectors = 1;
      for (index_t l = 0; l < L; ++l) work.tail[l] = o + l < last ? (weight ? weight[o + l] : S(1)) : S(0);
      block_weight = work.tail;
    }
    const density_block<S> block{x, o, int(vectors), d};
    for (index_t k = 0; k < components; ++k)
      loops.densities(block, w.constants.data() + k * constants_of(d), work.z + k * vectors * d * L, work.e + k * vectors * L);
    sum += (block_weight ? loops.weighted : loops.plain)(int(components), int(vectors), block_weight, work.e, rows ? rows + o : nullptr);
    if (statistics)
      for (index_t k = 0; k < components; ++k) loops.moments(int(vectors), d, work.e + k * vectors * L, work.z + k * vectors * d * L, work.sums + k * per * L);
    o += vectors * L;
  }
  if (statistics)
    for (index_t i = 0; i < components * per; ++i) {
      double s = 0;
      for (index_t l = 0; l < L; ++l) s += double(work.sums[i * L + l]);
      statistics[i] = s;
    }
  return sum * kernels::detail::ln_2;
}

}
