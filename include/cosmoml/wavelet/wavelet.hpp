// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/ops/wavelet.hpp>

#include <array>
#include <concepts>

namespace cosmoml::inline COSMOML_ABI::wavelet {

using cosmoml::extension;
using cosmoml::wavelet_sizes;

// What a wavelet is: two pairs of filters, in the order in which they are applied, c[k] = sum_t f[t] x[2 k + shift - t].
//   W::taps, W::name                                 length of all four filters; PyWavelets' name
//   W::low, W::high                                  decomposition (PyWavelets' dec_lo, dec_hi)
//   W::reconstruction_low, W::reconstruction_high    PyWavelets' rec_lo, rec_hi, reversed
// Law (tests/laws/wavelets.cpp): synthesis of the analysis is the signal, for every length, to rounding.
template <class W>
concept Wavelet = requires {
  { W::name } -> std::convertible_to<const char*>;
  { W::taps } -> std::convertible_to<int>;
  { W::low[0] } -> std::convertible_to<double>;
  { W::high_at(0) } -> std::convertible_to<double>;
  { W::reconstruction_low_at(0) } -> std::convertible_to<double>;
  { W::reconstruction_high_at(0) } -> std::convertible_to<double>;
};

// Derived from by wavelets whose low-pass filter determines the rest: the high-pass is its quadrature mirror, reconstruction is the
// transpose of decomposition.
template <class W, int Taps>
struct orthonormal {
  static constexpr int taps = Taps;
  static constexpr double high_at(int t) { return (t % 2 ? 1 : -1) * W::low[std::size_t(Taps - 1 - t)]; }
  static constexpr double reconstruction_low_at(int t) { return W::low[std::size_t(t)]; }
  static constexpr double reconstruction_high_at(int t) { return high_at(t); }
};

// Derived from by wavelets of which decomposition and reconstruction have a low-pass filter each, W::low and W::dual_low (PyWavelets'
// dec_lo and rec_lo): each high-pass is the quadrature mirror of the other side's low-pass.
template <class W, int Taps>
struct dual {
  static constexpr int taps = Taps;
  static constexpr double high_at(int t) { return (t % 2 ? 1 : -1) * W::dual_low[std::size_t(t)]; }
  static constexpr double reconstruction_low_at(int t) { return W::dual_low[std::size_t(Taps - 1 - t)]; }
  static constexpr double reconstruction_high_at(int t) { return (t % 2 ? 1 : -1) * W::low[std::size_t(Taps - 1 - t)]; }
};
// The same with the two sides of Other exchanged.
template <class W, class Other>
struct reversed_dual : dual<W, Other::taps> {
  static constexpr std::array<double, std::size_t(Other::taps)> backwards(std::array<double, std::size_t(Other::taps)> a) {
    for (std::size_t i = 0, j = a.size() - 1; i < j; ++i, --j) {
      const double kept = a[i];
      a[i] = a[j];
      a[j] = kept;
    }
    return a;
  }
  static constexpr auto low = backwards(Other::dual_low), dual_low = backwards(Other::low);
};

// The filters as an operation takes them.
template <class W, class S>
constexpr filter_pair<S, W::taps> decomposition() {
  filter_pair<S, W::taps> f{};
  for (int t = 0; t < W::taps; ++t) f.low[t] = S(W::low[std::size_t(t)]), f.high[t] = S(W::high_at(t));
  return f;
}
template <class W, class S>
constexpr filter_pair<S, W::taps> reconstruction() {
  filter_pair<S, W::taps> f{};
  for (int t = 0; t < W::taps; ++t) f.low[t] = S(W::reconstruction_low_at(t)), f.high[t] = S(W::reconstruction_high_at(t));
  return f;
}

// The most levels at which the coarsest coefficients still see the signal and not only its extension: floor(log2(n / (taps - 1))),
// as PyWavelets counts.
constexpr int max_level(int n, int taps) {
  int level = 0;
  while (n >= (taps - 1) * 2) n /= 2, ++level;
  return level;
}

}
