// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/kernels/wavelet.hpp>
#include <cosmoml/tensor/ndarray.hpp>
#include <cosmoml/wavelet/wavelet.hpp>

#include <span>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::wavelet {

// One level of a signal of any length n: both halves have coefficients_along(n, W::taps, mode) numbers. PyWavelets' dwt.
template <Wavelet W, class S>
void analyse_once(std::span<const S> x, extension mode, std::span<S> low, std::span<S> high) {
  const int n = int(x.size()), m = coefficients_along(n, W::taps, mode);
  if (n < 1 || int(low.size()) != m || int(high.size()) != m)
    throw shape_mismatch(text(W::name, ": one level of a signal of ", n), text("halves of ", low.size(), " and ", high.size()), text("give two halves of ", m));
  const auto f = decomposition<W, S>();
  kernels::analyse_line(kernels::wavelet_axis<S, W::taps>{n, m, filter_shift(W::taps, mode), mode, f}, x.data(), 0, m, low.data(), high.data());
}
// And back: the inverse of analyse_once. PyWavelets' idwt, cut to x.
template <Wavelet W, class S>
void synthesise_once(std::span<const S> low, std::span<const S> high, extension mode, std::span<S> x) {
  const int n = int(x.size()), m = coefficients_along(n, W::taps, mode);
  if (n < 1 || int(low.size()) != m || int(high.size()) != m)
    throw shape_mismatch(text(W::name, ": a signal of ", n, " from its halves"), text("halves of ", low.size(), " and ", high.size()), text("give two halves of ", m));
  const auto f = reconstruction<W, S>();
  kernels::synthesise_line<false>(kernels::wavelet_axis<S, W::taps>{n, m, filter_shift(W::taps, mode), mode, f}, low.data(), high.data(), x.data());
}

}
