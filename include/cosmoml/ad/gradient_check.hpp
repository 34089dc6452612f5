// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/key.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace cosmoml::inline COSMOML_ABI::ad {

// How gradient_check takes its differences.
struct gradient_check_options {
  double step = 1e-5;      // of the central differences, times max(1, |x|)
  index_t entries = 0;     // how many entries to try, chosen by the key; 0: all of them
  key choice{};
};

// What a check found: the largest |analytic - numeric|, over the largest |numeric| seen (or 1e-3, if all are smaller).
struct gradient_report {
  double worst = 0;
  index_t entry = -1;      // where, with both values
  double analytic = 0, numeric = 0;
  index_t tried = 0;
  std::string where;       // filled by callers who know names

  bool within(double tolerance) const { return tried > 0 && worst <= tolerance; }
  // "worst 1.2e-9 at 0.weight[17]: 0.31 here, 0.31 by differences"
  std::string describe() const {
    return text("worst relative error ", worst, " of ", tried, " entries, at ", where, "[", entry, "]: ", analytic, " here, ", numeric, " by differences");
  }
};

// The public gradient checker: holds `gradient`, an analytic gradient of the scalar function `value` at x, against central differences.
// value() is called after entries of x were changed in place; x is restored. Cost: two calls an entry.
template <class Value>
gradient_report check_gradient(Value&& value, std::span<double> x, std::span<const double> gradient, gradient_check_options options = {}) {
  expect<shape_mismatch>(x.size() == gradient.size(), "check_gradient", "give one gradient entry for each number", gradient.size(),
                         " entries for ", x.size(), " numbers");
  gradient_report r;
  const index_t n = index_t(x.size()), tries = options.entries && options.entries < n ? options.entries : n;
  double largest = 0, error = 0;
  for (index_t t = 0; t < tries; ++t) {
    const index_t i = tries == n ? t : index_t(options.choice.below(std::uint64_t(n), std::uint64_t(t)));
    double& at = x[std::size_t(i)];
    const double keep = at, h = options.step * std::max(1.0, std::abs(keep));
    at = keep + h;
    const double up = value();
    at = keep - h;
    const double down = value();
    at = keep;
    const double numeric = (up - down) / (2 * h), analytic = gradient[std::size_t(i)], off = std::abs(numeric - analytic);
    largest = std::max(largest, std::abs(numeric));
    if (r.entry < 0 || (!std::isnan(error) && !(off <= error))) {   // NaN is the worst there is
      error = off;
      r.entry = i;
      r.analytic = analytic;
      r.numeric = numeric;
    }
    ++r.tried;
  }
  r.worst = error / std::max(largest, 1e-3);
  return r;
}

}
