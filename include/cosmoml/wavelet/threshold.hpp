// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::wavelet {

// What becomes of a coefficient c at threshold v >= 0. Names as in PyWavelets' threshold.
enum class threshold_rule {
  soft,      // sign(c) max(|c| - v, 0)
  hard,      // c where |c| >= v, else 0
  garrote,   // c - v^2 / c where |c| > v, else 0 (Gao 1998)
  greater,   // c where c >= v, else 0
  less       // c where c <= v, else 0
};
template <class S>
S thresholded(S c, S v, threshold_rule rule) {
  const S size = std::abs(c);
  switch (rule) {
    case threshold_rule::soft: return size <= v ? S(0) : c > 0 ? c - v : c + v;
    case threshold_rule::hard: return size < v ? S(0) : c;
    case threshold_rule::garrote: return size <= v ? S(0) : c - v * v / c;
    case threshold_rule::greater: return c < v ? S(0) : c;
    case threshold_rule::less: return c > v ? S(0) : c;
  }
  return c;
}
template <class S>
void threshold(std::span<S> c, S v, threshold_rule rule = threshold_rule::soft) {
  const bool signed_value = rule == threshold_rule::greater || rule == threshold_rule::less;
  if (!(v >= 0) && !signed_value) throw invalid_argument("threshold of wavelet coefficients", text("the value ", v), "give a value that is not negative");
  for (S& one : c) one = thresholded(one, v, rule);
}
// Between soft and hard: 0 up to low, unchanged beyond high, a straight line between (Gao and Bruce 1997). PyWavelets' threshold_firm.
template <class S>
void threshold_firm(std::span<S> c, S low, S high) {
  if (!(low >= 0) || !(high >= low)) throw invalid_argument("firm threshold of wavelet coefficients", text("from ", low, " to ", high), "give two values with 0 <= low <= high");
  for (S& one : c) {
    const S size = std::abs(one);
    if (size <= low) one = 0;
    else if (size <= high) one = (one > 0 ? high : -high) * (size - low) / (high - low);
  }
}

// The standard deviation of normal noise from the finest details: median |d| / 0.6745 (Donoho and Johnstone 1994).
template <class S>
double noise_of(std::span<const S> details) {
  if (details.empty()) throw invalid_argument("noise from wavelet details", "no details", "give at least one");
  std::vector<double> size(details.size());
  for (std::size_t i = 0; i < size.size(); ++i) size[i] = std::abs(double(details[i]));
  const std::size_t half = size.size() / 2;
  std::nth_element(size.begin(), size.begin() + std::ptrdiff_t(half), size.end());
  double median = size[half];
  if (size.size() % 2 == 0) median = (median + *std::max_element(size.begin(), size.begin() + std::ptrdiff_t(half))) / 2;
  return median / 0.67448975019608171;
}
// noise sqrt(2 ln n): above the largest of n pure-noise coefficients with high probability (VisuShrink).
inline double universal_threshold(double noise, index_t n) { return noise * std::sqrt(2 * std::log(double(n))); }
// noise^2 / sqrt(E d^2 - noise^2) of one band: near the best soft threshold for Laplacian signals (Chang, Yu and Vetterli 2000). A band
// that holds no more than noise gets its largest |d|: nothing is left of it.
template <class S>
double bayes_threshold(std::span<const S> band, double noise) {
  double square = 0, most = 0;
  for (const S d : band) square += double(d) * double(d), most = std::max(most, std::abs(double(d)));
  const double signal = band.empty() ? 0 : square / double(band.size()) - noise * noise;
  return signal > 0 ? noise * noise / std::sqrt(signal) : most;
}

}
