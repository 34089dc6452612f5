// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/wavelet/signal.hpp>

namespace cosmoml::inline COSMOML_ABI::wavelet {

// Wavelet packets of a signal: both halves of every level are split again. Row i of the result, (2^levels, m), is the node whose path
// is i in binary, 0 for the approximation and 1 for the detail, the first split most significant: PyWavelets' natural order.
// Cost: levels x n x taps.
template <Wavelet W, class S>
ndarray<S> packets(std::span<const S> x, int levels, extension mode = extension::symmetric) {
  if (levels < 0 || levels > wavelet_sizes::max_levels || x.empty())
    throw invalid_argument("wavelet packets", text(levels, " levels of a signal of ", x.size()), text("ask for 0 to ", wavelet_sizes::max_levels, " levels of at least one sample"));
  ndarray<S> nodes(1, index_t(x.size()));
  for (std::size_t i = 0; i < x.size(); ++i) nodes[index_t(i)] = x[i];
  for (int l = 0, n = int(x.size()); l < levels; ++l) {
    const index_t count = index_t(1) << l;
    const int m = coefficients_along(n, W::taps, mode);
    ndarray<S> next(2 * count, m);
    for (index_t i = 0; i < count; ++i)
      analyse_once<W, S>({nodes.data() + i * n, std::size_t(n)}, mode, {next.data() + 2 * i * m, std::size_t(m)}, {next.data() + (2 * i + 1) * m, std::size_t(m)});
    nodes = std::move(next);
    n = m;
  }
  return nodes;
}
// The signal of n samples whose packets these are.
template <Wavelet W, class S>
ndarray<S> from_packets(ndarray<S> nodes, index_t n, extension mode = extension::symmetric) {
  std::vector<int> sizes{int(n)};
  while ((index_t(1) << (sizes.size() - 1)) < nodes.rows()) sizes.push_back(coefficients_along(sizes.back(), W::taps, mode));
  if ((index_t(1) << (sizes.size() - 1)) != nodes.rows() || nodes.row_size() != sizes.back() || n < 1)
    throw shape_mismatch(text(W::name, ": a signal of ", n, " from its packets"), text(nodes.rows(), " nodes of ", nodes.row_size()),
                         "give what packets() made of so many samples with the same extension");
  for (std::size_t l = sizes.size() - 1; l > 0; --l) {
    const index_t count = index_t(1) << (l - 1), to = sizes[l - 1], m = sizes[l];
    ndarray<S> next(count, to);
    for (index_t i = 0; i < count; ++i)
      synthesise_once<W, S>({nodes.data() + 2 * i * m, std::size_t(m)}, {nodes.data() + (2 * i + 1) * m, std::size_t(m)}, mode, {next.data() + i * to, std::size_t(to)});
    nodes = std::move(next);
  }
  return nodes;
}
// The row of packets() that stands at place i when nodes are ordered by frequency: Gray's code, since every detail mirrors the band.
constexpr index_t packet_at_frequency(index_t i) { return i ^ (i >> 1); }

}
