// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/tensor/ndarray.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train {

// The area under the ROC curve: the chance that a positive sample scores above a negative one, ties counting half.
// NaN if one kind is missing. Cost: a sort.
inline double roc_auc(std::span<const double> scores, std::span<const bool> positive) {
  expect<shape_mismatch>(scores.size() == positive.size(), "train::roc_auc", "give one score for each sample", scores.size(), " scores for ",
                         positive.size(), " samples");
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0, positives = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    double here = 0;
    while (end < order.size() && scores[order[end]] == scores[order[i]]) here += positive[order[end++]];
    rank_sum += here * (double(i + end + 1) / 2);   // the mean rank of equals, counted from 1
    positives += here;
    i = end;
  }
  const double negatives = double(scores.size()) - positives;
  return positives == 0 || negatives == 0 ? NAN : (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

// One class against the rest, from logits (n, classes) through softmax, mean over the classes that occur.
template <class S>
double macro_roc_auc(const ndarray<S>& logits, std::span<const int> labels) {
  const index_t n = logits.rows(), classes = logits.row_size();
  expect<shape_mismatch>(n == index_t(labels.size()), "train::macro_roc_auc", "give one label for each row of scores", n, " rows and ", labels.size(), " labels");
  std::vector<double> score(std::size_t(n), 0.0);
  const auto positive = std::make_unique<bool[]>(std::size_t(n));
  double sum = 0;
  int used = 0;
  for (index_t c = 0; c < classes; ++c) {
    for (index_t i = 0; i < n; ++i) {
      double top = double(logits.row(i)[0]), total = 0;
      for (index_t k = 1; k < classes; ++k) top = std::max(top, double(logits.row(i)[k]));
      for (index_t k = 0; k < classes; ++k) total += std::exp(double(logits.row(i)[k]) - top);
      score[std::size_t(i)] = std::exp(double(logits.row(i)[c]) - top) / total;
      positive[std::size_t(i)] = labels[std::size_t(i)] == int(c);
    }
    const double area = roc_auc(score, {positive.get(), std::size_t(n)});
    if (!std::isnan(area)) sum += area, ++used;
  }
  return used ? sum / used : NAN;
}

}
