// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/text.hpp>
#include <cosmoml/tensor/ndarray.hpp>
#include <cosmoml/wavelet/wavelet.hpp>

#include <span>

namespace cosmoml::inline COSMOML_ABI::wavelet {

namespace detail {
inline void check_stationary(index_t n, int levels) {
  if (levels < 1 || levels > 30 || n < 1 || n % (index_t(1) << levels) != 0)
    throw invalid_argument("a stationary wavelet transform", text(levels, " levels of a signal of ", n), "give at least one level and a length that 2 to the number of levels divides");
}
// Sample k + step (taps / 2 - t) of a periodic signal.
template <int Taps>
index_t stationary_place(index_t k, index_t step, int t, index_t n) {
  const index_t p = (k + step * (Taps / 2 - t)) % n;
  return p < 0 ? p + n : p;
}
}

// The stationary (undecimated, periodic) transform: shifting the signal shifts every band. (levels + 1, n): the last approximation, then
// the details from the coarsest to the finest. PyWavelets' swt with trim_approx=True. Cost: levels x n x taps.
template <Wavelet W, class S>
ndarray<S> stationary(std::span<const S> x, int levels) {
  const index_t n = index_t(x.size());
  detail::check_stationary(n, levels);
  const auto f = decomposition<W, S>();
  ndarray<S> out(levels + 1, n), coarse(n);
  for (index_t k = 0; k < n; ++k) out[k] = x[std::size_t(k)];
  for (int l = 1; l <= levels; ++l) {
    S* details = out.data() + (levels + 1 - l) * n;
    for (index_t k = 0; k < n; ++k) coarse[k] = out[k];
    for (index_t k = 0; k < n; ++k) {
      S a = 0, d = 0;
      for (int t = 0; t < W::taps; ++t) {
        const S v = coarse[detail::stationary_place<W::taps>(k, index_t(1) << (l - 1), t, n)];
        a += f.low[t] * v;
        d += f.high[t] * v;
      }
      out[k] = a;
      details[k] = d;
    }
  }
  return out;
}
// The mean of the signals that all decimated transforms in it stand for: the inverse where nothing was changed. PyWavelets' iswt.
template <Wavelet W, class S>
ndarray<S> from_stationary(const ndarray<S>& bands) {
  const int levels = int(bands.rows()) - 1;
  const index_t n = levels >= 1 ? bands.size() / bands.rows() : 0;
  detail::check_stationary(n, levels);
  const auto f = reconstruction<W, S>();
  ndarray<S> coarse(n), x(n);
  for (index_t k = 0; k < n; ++k) x[k] = bands[k];
  for (int l = levels; l >= 1; --l) {
    const S* details = bands.data() + (levels + 1 - l) * n;
    for (index_t k = 0; k < n; ++k) coarse[k] = x[k], x[k] = 0;
    for (index_t k = 0; k < n; ++k)
      for (int t = 0; t < W::taps; ++t)
        x[detail::stationary_place<W::taps>(k, index_t(1) << (l - 1), t, n)] += S(0.5) * (f.low[t] * coarse[k] + f.high[t] * details[k]);
  }
  return x;
}

}
