// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <cmath>
#include <span>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::prob {

// Mean and covariance of rows that come one by one, in blocks, or from several threads and ranks: each keeps moments of its own, and they are
// merged. Deviations from the mean are summed, never squares of large numbers: {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16} has variance 30, exactly.
//
//   prob::moments all(3);
//   all.add(row);  all.add_rows(block);  all.merge(of_another_thread);   all.mean();  all.covariance();
//
// Weights count as copies of a row. The order of what is merged matters to rounding alone; the same order gives the same bits.
// Cost: d (d + 1) / 2 products a row; 1 + d + d (d + 1) / 2 numbers of memory. Errors: shape_mismatch; numerical_error for a row that is not
// finite (nothing is added then); invalid_argument.
// Source: Chan, Golub & LeVeque, Algorithms for computing the sample variance, Am. Stat. 37, 242 (1983).
class moments {
public:
  explicit moments(index_t columns) : columns_(columns), mean_(size_of(columns)), sums_(mean_.size() * (mean_.size() + 1) / 2), away_(mean_.size()) {}

  index_t columns() const { return columns_; }
  double weight() const { return weight_; }
  const std::vector<double>& mean() const { return mean_; }
  // Divided by weight - 1, as NumPy's cov, or with of_all by weight; (d, d).
  ndarray<double> covariance(bool of_all = false) const {
    ndarray<double> c(columns_, columns_);
    const double n = divisor(of_all, "prob::moments.covariance");
    std::size_t k = 0;
    for (index_t i = 0; i < columns_; ++i)
      for (index_t j = 0; j <= i; ++j) c[i * columns_ + j] = c[j * columns_ + i] = sums_[k++] / n;
    return c;
  }
  // Its diagonal.
  std::vector<double> variance(bool of_all = false) const {
    std::vector<double> v(mean_.size());
    const double n = divisor(of_all, "prob::moments.variance");
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = sums_[i * (i + 3) / 2] / n;
    return v;
  }

  void add(std::span<const double> row, double weight = 1) {
    expect<shape_mismatch>(index_t(row.size()) == columns_, "prob::moments.add", "give one number for each column", row.size(), " numbers for ", columns_, " columns");
    expect<invalid_argument>(weight >= 0 && std::isfinite(weight), "prob::moments.add", "give a finite weight, not below zero", "a weight of ", weight);
    expect_finite(row, "prob::moments.add", 0);
    if (weight > 0) take(row.data(), weight);
  }
  // The rows of a host array (n, d) of any strides, float or double; a vector of n numbers is n rows of one.
  template <HostArray X>
  void add_rows(const X& rows) {
    const auto v = as_ndview(rows);
    const char* asked = "prob::moments.add_rows";
    expect<shape_mismatch>(v.row_size() == columns_ || v.rows() == 0, asked, "give rows of as many numbers as there are columns", v.row_size(), " numbers a row for ", columns_, " columns");
    std::vector<double> row(mean_.size());
    moments block(columns_);   // nothing is added if a row is not finite, and a few rows are merged at once
    for (index_t r = 0; r < v.rows(); ++r) {
      for (index_t i = 0; i < columns_; ++i) row[std::size_t(i)] = double(v(r, i));
      expect_finite(row, asked, r);
      block.take(row.data(), 1);
    }
    merge(block);
  }
  // What the other saw counts as seen here.
  void merge(const moments& other) {
    expect<shape_mismatch>(other.columns_ == columns_, "prob::moments.merge", "merge moments of the same columns", other.columns_, " columns into ", columns_);
    if (other.weight_ == 0) return;
    const double all = weight_ + other.weight_, share = other.weight_ / all, both = weight_ * share;
    for (std::size_t i = 0; i < away_.size(); ++i) away_[i] = other.mean_[i] - mean_[i];
    std::size_t k = 0;
    for (std::size_t i = 0; i < away_.size(); ++i)
      for (std::size_t j = 0; j <= i; ++j, ++k) sums_[k] += other.sums_[k] + away_[i] * away_[j] * both;
    for (std::size_t i = 0; i < away_.size(); ++i) mean_[i] += away_[i] * share;
    weight_ = all;
  }

  // As plain numbers, to send to another rank: the weight, the means, the sums of products of deviations below and on the diagonal.
  std::vector<double> numbers() const {
    std::vector<double> n{weight_};
    n.insert(n.end(), mean_.begin(), mean_.end());
    n.insert(n.end(), sums_.begin(), sums_.end());
    return n;
  }
  static moments from_numbers(index_t columns, std::span<const double> numbers) {
    moments m(columns);
    expect<shape_mismatch>(numbers.size() == 1 + m.mean_.size() + m.sums_.size(), "prob::moments.from_numbers", "give what numbers() gave for as many columns", numbers.size(), " numbers for ",
                           columns, " columns");
    m.weight_ = numbers[0];
    for (std::size_t i = 0; i < m.mean_.size(); ++i) m.mean_[i] = numbers[1 + i];
    for (std::size_t i = 0; i < m.sums_.size(); ++i) m.sums_[i] = numbers[1 + m.mean_.size() + i];
    return m;
  }

private:
  static std::size_t size_of(index_t columns) {
    expect<invalid_argument>(columns > 0, "prob::moments", "give at least one column", columns, " columns");
    return std::size_t(columns);
  }
  double divisor(bool of_all, const char* asked) const {
    const double n = of_all ? weight_ : weight_ - 1;
    expect<invalid_argument>(n > 0, asked, "add more rows first", "a weight of ", weight_);
    return n;
  }
  static void expect_finite(std::span<const double> row, const char* asked, index_t number) {
    for (std::size_t i = 0; i < row.size(); ++i)
      expect<numerical_error>(std::isfinite(row[i]), asked, "leave such rows out, or fill them in", row[i], " in row ", number, ", column ", i);
  }
  void take(const double* row, double weight) {
    weight_ += weight;
    const double share = weight / weight_, both = weight * (1 - share);
    for (std::size_t i = 0; i < away_.size(); ++i) away_[i] = row[i] - mean_[i];
    std::size_t k = 0;
    for (std::size_t i = 0; i < away_.size(); ++i)
      for (std::size_t j = 0; j <= i; ++j) sums_[k++] += away_[i] * away_[j] * both;
    for (std::size_t i = 0; i < away_.size(); ++i) mean_[i] += away_[i] * share;
  }

  index_t columns_;
  double weight_ = 0;
  std::vector<double> mean_, sums_, away_;
};

}
