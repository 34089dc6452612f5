#include <cosmoml/train/confusion.hpp>
#include <cosmoml/train/early_stop.hpp>
#include <cosmoml/train/roc_auc.hpp>
#include <cosmoml/core/key.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

// scikit-learn 1.9 on the same labels: accuracy_score, f1_score(average="macro"), roc_auc_score(one-hot, average="macro", multi_class="ovr")
TEST_CASE("train/confusion: accuracy, macro F1 and the area from hard labels equal scikit-learn's") {
  const std::vector<int> labels{0, 0, 0, 1, 1, 2, 2, 2, 2, 1}, called{0, 0, 1, 1, 2, 2, 2, 0, 2, 1};
  const train::confusion c(labels, called, 3);
  CHECK(c.accuracy() == doctest::Approx(0.7));
  CHECK(c.count(2, 0) == 1);
  CHECK(c.macro_f1() == doctest::Approx(0.6944444444444443));
  CHECK(c.roc_auc_of_hard_labels() == doctest::Approx(0.7718253968253969));
  CHECK_THROWS_AS(train::confusion(labels, std::vector<int>{1}, 3), shape_mismatch);
  CHECK_THROWS_AS(train::confusion(labels, called, 2), invalid_argument);
}

TEST_CASE("train/roc_auc: equals the share of ordered pairs, ties counting half") {
  const key k{3};
  const int n = 61;
  std::vector<double> score(n);
  bool positive[n];
  for (int i = 0; i < n; ++i) {
    score[std::size_t(i)] = double(k.below(15, std::uint64_t(i)));   // many ties
    positive[i] = k.fold(1).below(3, std::uint64_t(i)) == 0;
  }
  double pairs = 0, ordered = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      if (positive[i] && !positive[j]) {
        ++pairs;
        ordered += score[std::size_t(i)] > score[std::size_t(j)] ? 1 : score[std::size_t(i)] == score[std::size_t(j)] ? 0.5 : 0;
      }
  CHECK(train::roc_auc(score, {positive, std::size_t(n)}) == doctest::Approx(ordered / pairs));
  for (bool& p : positive) p = true;
  CHECK(std::isnan(train::roc_auc(score, {positive, std::size_t(n)})));
}

TEST_CASE("train/roc_auc: the macro mean uses scores, not hard labels") {
  ndarray<float> logits({4, 2}, {2, 1, 3, 1, 1, 2, 1.4f, 1.5f});
  const std::vector<int> labels{0, 0, 1, 0};
  CHECK(train::macro_roc_auc(logits, labels) == doctest::Approx(1.0));
  CHECK(train::confusion(labels, train::most_likely(logits), 2).roc_auc_of_hard_labels() == doctest::Approx((2.0 / 3 + 1) / 2));
}

TEST_CASE("train/early_stop: rises count from the chosen epoch, are never reset, and the fifth ends it") {
  train::stop_after_rises stop({.from = 2, .rises = 2});
  const ndarray<float> none;
  const double losses[] = {1, 2, 1.5, 1.6, 1.0, 1.1};   // rises at epochs 1 (too early), 3 and 5
  int ended = -1;
  for (int e = 0; e < 6 && ended < 0; ++e)
    if (stop.on_epoch(train::epoch_report<float>{e, 6, 0, losses[e], none, 0})) ended = e;
  CHECK(ended == 5);
}
