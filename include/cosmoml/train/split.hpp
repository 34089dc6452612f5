// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/batches.hpp>
#include <cosmoml/train/samples.hpp>

#include <algorithm>
#include <map>
#include <span>

namespace cosmoml::inline COSMOML_ABI::train {

// Rows to train on, and rows to judge by. Two types: what may be learnt from (a scaler, for one) takes the first alone.
struct training_rows {
  std::vector<int> rows;
};
// Rows to judge by. What learns does not take them.
struct held_out_rows {
  std::vector<int> rows;
};
// Rows to train on, rows to judge by.
struct split_rows {
  training_rows training;
  held_out_rows held_out;
};

namespace detail {
inline std::vector<split_rows> splits_of(const std::vector<int>& fold, int folds) {
  std::vector<split_rows> all(static_cast<std::size_t>(folds));
  for (std::size_t i = 0; i < fold.size(); ++i)
    for (int f = 0; f < folds; ++f) (fold[i] == f ? all[std::size_t(f)].held_out.rows : all[std::size_t(f)].training.rows).push_back(int(i));
  return all;
}
inline void check_folds(int folds, index_t things, const char* what) {
  expect<invalid_argument>(folds >= 2 && index_t(folds) <= things, "train::k_fold", "use two or more folds, and as many things to share out", folds, " folds of ", things, what);
}
}

// Every sample is held out once, in one of `folds` parts whose sizes differ by one at most.
inline std::vector<split_rows> k_fold(index_t samples, int folds, key k) {
  detail::check_folds(folds, samples, " samples");
  const auto order = permutation(samples, k);
  std::vector<int> fold(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) fold[std::size_t(order[i])] = int(i % std::size_t(folds));
  return detail::splits_of(fold, folds);
}
// The same, each fold with each class in its share.
inline std::vector<split_rows> stratified_k_fold(std::span<const int> classes, int folds, key k) {
  detail::check_folds(folds, index_t(classes.size()), " samples");
  auto order = permutation(index_t(classes.size()), k);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return classes[std::size_t(a)] < classes[std::size_t(b)]; });
  std::vector<int> fold(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) fold[std::size_t(order[i])] = int(i % std::size_t(folds));
  return detail::splits_of(fold, folds);
}
// Groups stay together: samples of one simulation box, one galaxy, one night are never on both sides. The largest group goes first, each to the
// fold that is smallest so far.
inline std::vector<split_rows> group_k_fold(std::span<const int> groups, int folds, key k) {
  std::map<int, std::size_t> size;
  for (const int g : groups) ++size[g];
  detail::check_folds(folds, index_t(size.size()), " groups");
  std::vector<std::pair<int, std::size_t>> all(size.begin(), size.end()), mixed;
  for (const int i : permutation(index_t(all.size()), k)) mixed.push_back(all[std::size_t(i)]);
  std::stable_sort(mixed.begin(), mixed.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::size_t> filled(std::size_t(folds), 0);
  std::map<int, int> fold_of;
  for (const auto& [group, count] : mixed) {
    const std::size_t f = std::size_t(std::min_element(filled.begin(), filled.end()) - filled.begin());
    fold_of[group] = int(f);
    filled[f] += count;
  }
  std::vector<int> fold;
  for (const int g : groups) fold.push_back(fold_of[g]);
  return detail::splits_of(fold, folds);
}
// A share of the samples, rounded, is held out.
inline split_rows hold_out(index_t samples, double share, key k) {
  const index_t held = index_t(share * double(samples) + 0.5);
  expect<invalid_argument>(held > 0 && held < samples, "train::hold_out", "use a share that leaves samples on both sides", "a share of ", share, " of ", samples, " samples");
  const auto order = permutation(samples, k);
  std::vector<int> fold(order.size(), 1);
  for (index_t i = 0; i < held; ++i) fold[std::size_t(order[std::size_t(i)])] = 0;
  return std::move(detail::splits_of(fold, 2)[0]);
}
// A share of the groups, rounded, is held out, whole.
inline split_rows hold_out_groups(std::span<const int> groups, double share, key k) {
  std::map<int, int> fold_of;
  for (const int g : groups) fold_of[g] = 1;
  const index_t count = index_t(fold_of.size()), held = index_t(share * double(count) + 0.5);
  expect<invalid_argument>(held > 0 && held < count, "train::hold_out_groups", "use a share that leaves groups on both sides", "a share of ", share, " of ", count, " groups");
  const auto order = permutation(count, k);
  std::vector<bool> out(order.size());
  for (index_t i = 0; i < held; ++i) out[std::size_t(order[std::size_t(i)])] = true;
  std::size_t number = 0;
  for (auto& [group, fold] : fold_of) fold = out[number++] ? 0 : 1;
  std::vector<int> fold;
  for (const int g : groups) fold.push_back(fold_of[g]);
  return std::move(detail::splits_of(fold, 2)[0]);
}

// Rows of an array, in their order, as an array of their own.
template <HostArray X>
auto take_rows(const X& from, const std::vector<int>& rows) {
  const auto v = as_ndview(from);
  using T = std::remove_const_t<std::remove_pointer_t<decltype(v.data)>>;
  std::vector<index_t> extents(v.dim, v.dim + v.rank);
  if (extents.empty()) extents.push_back(0);
  extents[0] = index_t(rows.size());
  ndarray<T> out(std::move(extents));
  const index_t size = v.row_size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    expect<invalid_argument>(rows[i] >= 0 && index_t(rows[i]) < v.rows(), "train::take_rows", "name rows that the array has", "row ", rows[i], " of ", v.rows());
    for (index_t e = 0; e < size; ++e) out[index_t(i) * size + e] = v(index_t(rows[i]), e);
  }
  return out;
}
template <HostArray X>
auto take_rows(const X& from, const training_rows& t) {
  return take_rows(from, t.rows);
}
template <HostArray X>
auto take_rows(const X& from, const held_out_rows& h) {
  return take_rows(from, h.rows);
}

}
