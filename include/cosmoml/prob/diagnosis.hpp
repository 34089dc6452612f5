// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/table.hpp>

#include <string>

namespace cosmoml::inline COSMOML_ABI::prob::detail {

// Does the density of sorted numbers end in an edge rather than a tail at its lower end? The outermost 2.5 % of rows of a tail spread several times
// as far as the next 2.5 %; at an edge both spread alike.
template <class At>
bool has_edge(index_t n, At at) {
  const index_t a = n / 40, b = n / 20;
  if (a < 10) return false;
  return at(a) - at(0) < 1.35 * (at(b) - at(a));
}

// What a user should know about the columns before believing a Gaussian mixture. Throws invalid_argument for a column of equal numbers.
template <class S>
void diagnose(const table<S>& data, std::vector<std::string>& warnings, const char* asked) {
  const index_t n = data.rows();
  std::vector<S> sorted(static_cast<std::size_t>(n));
  for (index_t c = 0; c < data.columns(); ++c) {
    expect<invalid_argument>(data.variance(c) > 0, asked, "drop the column: a constant tells nothing about anything", "column ", c, ", which holds ", data.shift(c), " in every row");
    std::copy_n(data.column(c), n, sorted.begin());
    std::sort(sorted.begin(), sorted.end());
    index_t distinct = 1;
    for (index_t i = 1; i < n; ++i) distinct += sorted[std::size_t(i)] != sorted[std::size_t(i - 1)];
    if (n >= 20 && distinct * 5 < n)
      warnings.push_back(text("column ", c, " has ", distinct, " different numbers in ", n, " rows; if they name classes, use estimate_categorical_mi"));
    else if (has_edge(n, [&](index_t i) { return double(sorted[std::size_t(i)]); }) || has_edge(n, [&](index_t i) { return -double(sorted[std::size_t(n - 1 - i)]); }))
      warnings.push_back(text("column ", c, " ends in a hard edge, which Gaussians smear; transform it to the real line first (log, logit): mutual information does not change"));
  }
}

}
