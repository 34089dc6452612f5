// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/tensor/ndarray.hpp>

#include <span>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train {

// The class of the largest output of each row; the first of equals. scores (n, classes).
template <class S>
std::vector<int> most_likely(const ndarray<S>& scores) {
  std::vector<int> winner(std::size_t(scores.rows()));
  for (index_t n = 0; n < scores.rows(); ++n) {
    int best = 0;
    for (int c = 1; c < int(scores.row_size()); ++c)
      if (scores.row(n)[c] > scores.row(n)[best]) best = c;
    winner[std::size_t(n)] = best;
  }
  return winner;
}

// How often class `label` was called `predicted`, and the scores that follow from these counts alone.
class confusion {
public:
  confusion(std::span<const int> labels, std::span<const int> predicted, int classes) : counts_(classes, classes) {
    expect<shape_mismatch>(labels.size() == predicted.size(), "train::confusion", "give one prediction for each label", labels.size(), " labels and ",
                           predicted.size(), " predictions");
    for (std::size_t i = 0; i < labels.size(); ++i) {
      expect<invalid_argument>(labels[i] >= 0 && labels[i] < classes && predicted[i] >= 0 && predicted[i] < classes, "train::confusion",
                               "number the classes from 0", "label ", labels[i], " and prediction ", predicted[i], " of ", classes, " classes");
      ++counts_[index_t(labels[i]) * classes + predicted[i]];
    }
    total_ = index_t(labels.size());
  }
  int classes() const { return int(counts_.rows()); }
  index_t count(int label, int predicted) const { return counts_[index_t(label) * classes() + predicted]; }

  // The share of right predictions; NaN without samples.
  double accuracy() const {
    index_t right = 0;
    for (int c = 0; c < classes(); ++c) right += count(c, c);
    return double(right) / double(total_);
  }
  // The mean over classes of 2 TP / (2 TP + FP + FN); a class that neither occurs nor is predicted counts 0, as in scikit-learn.
  double macro_f1() const {
    double sum = 0;
    for (int c = 0; c < classes(); ++c) {
      const double denominator = double(labelled(c) + called(c));
      sum += denominator > 0 ? 2 * double(count(c, c)) / denominator : 0;
    }
    return sum / classes();
  }
  // The area under the ROC curve of a predictor that only names a class, one class against the rest, mean over classes: half of
  // sensitivity plus specificity. This is what WavPool's authors report; roc_auc uses the scores and is the one to prefer.
  // Classes without a sample, or with all of them, are left out.
  double roc_auc_of_hard_labels() const {
    double sum = 0;
    int used = 0;
    for (int c = 0; c < classes(); ++c) {
      const index_t positive = labelled(c), negative = total_ - positive;
      if (positive == 0 || negative == 0) continue;
      const double sensitivity = double(count(c, c)) / double(positive), false_positive = double(called(c) - count(c, c)) / double(negative);
      sum += (sensitivity + 1 - false_positive) / 2;
      ++used;
    }
    return sum / used;
  }

private:
  index_t labelled(int c) const {
    index_t n = 0;
    for (int p = 0; p < classes(); ++p) n += count(c, p);
    return n;
  }
  index_t called(int c) const {
    index_t n = 0;
    for (int l = 0; l < classes(); ++l) n += count(l, c);
    return n;
  }
  ndarray<index_t> counts_;
  index_t total_ = 0;
};

}
