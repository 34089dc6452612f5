// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/serial.hpp>
#include <cosmoml/kernels/lanes.hpp>
#include <cosmoml/prob/parameters.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <algorithm>
#include <limits>

namespace cosmoml::inline COSMOML_ABI::prob {

// Rows (n, d) as columns that vectors run along: aligned, padded to whole vectors. Each column is moved to mean zero and divided by the power
// of two nearest its spread: no rounding is added, float keeps its digits far from the origin, and one number regularises all columns
// alike. Optional weights (n), zero or more.
template <class S>
class table {
public:
  // Rows of finite numbers: (n, d), or (n,) for one column. Throws invalid_argument or numerical_error naming the row and column.
  template <HostArray X>
  explicit table(const X& x, const char* asked = "prob::table") {
    const auto v = as_ndview(x);
    expect<shape_mismatch>(v.rank == 1 || v.rank == 2, asked, "give (rows, columns), or (rows) for one column", v.rank, " axes");
    allocate(v.rows(), v.rank == 2 ? v.dim[1] : 1);
    expect<invalid_argument>(rows_ > 0 && columns_ > 0, asked, "give at least one row and one column", rows_, " rows of ", columns_, " columns");
    for (index_t c = 0; c < columns_; ++c) {
      const auto* from = v.data + (v.rank == 2 ? c * v.stride[1] : 0);
      const index_t step = v.stride[0];
      fill_column(c, [from, step](index_t n) { return double(from[n * step]); }, asked);
    }
  }
  // Columns given one by one; read(c, n) is row n of column c.
  template <class Read>
  table(index_t rows, index_t columns, Read read, const char* asked) {
    allocate(rows, columns);
    expect<invalid_argument>(rows > 0 && columns > 0, asked, "give at least one row and one column", rows, " rows of ", columns, " columns");
    for (index_t c = 0; c < columns; ++c) fill_column(c, [&](index_t n) { return double(read(c, n)); }, asked);
  }

  index_t rows() const { return rows_; }
  index_t columns() const { return columns_; }
  const S* column(index_t c) const { return data_.data() + c * stride_; }
  const std::vector<const S*>& pointers() const { return pointers_; }
  const S* weights() const { return weighted_ ? weights_.data() : nullptr; }
  double total_weight() const { return total_; }
  double shift(index_t c) const { return shift_[std::size_t(c)]; }
  double scale(index_t c) const { return scale_[std::size_t(c)]; }
  // Variance of a column over all rows (weights play no part), in its scaled units: between 1/4 and 4, 0 for a column of equal numbers.
  double variance(index_t c) const { return variance_[std::size_t(c)]; }
  // The logarithm of the volume that one scaled unit stands for: ln p(x) = ln p(scaled) - log_volume().
  double log_volume() const {
    double s = 0;
    for (double v : scale_) s += std::log(v);
    return s;
  }
  // A number of a column in the user's units.
  double value(index_t n, index_t c) const { return double(column(c)[n]) * scale(c) + shift(c); }

  // Weights (n), zero or more; throws on others.
  template <HostArray W>
  void set_weights(const W& w, const char* asked = "prob::table::set_weights") {
    const auto v = as_ndview(w);
    expect<shape_mismatch>(v.size() == rows_, asked, "give one weight for each row", v.size(), " weights for ", rows_, " rows");
    weights_ = typename exec::serial::buffer<S>(stride_);
    total_ = 0;
    for (index_t n = 0; n < rows_; ++n) {
      const double value = double(v(n, 0));
      expect<invalid_argument>(std::isfinite(value) && value >= 0, asked, "use finite weights of zero or more", "weight ", value, " of row ", n);
      weights_.data()[n] = S(value);
      total_ += double(S(value));
    }
    expect<invalid_argument>(total_ > 0, asked, "give some row a positive weight", "weights that are all zero");
    weighted_ = true;
  }

  // Some rows, in this table's units, weights included.
  table rows(const std::vector<index_t>& which) const {
    table t(*this, index_t(which.size()));
    for (index_t c = 0; c < columns_; ++c)
      for (index_t n = 0; n < t.rows_; ++n) t.data_.data()[c * t.stride_ + n] = column(c)[which[std::size_t(n)]];
    if (weighted_) {
      t.start_weights();
      for (index_t n = 0; n < t.rows_; ++n) t.push_weight(n, weights_.data()[which[std::size_t(n)]]);
    } else t.total_ = double(t.rows_);
    return t;
  }
  // Each row as often as `times` says, as weights of the rows that occur at all: what a bootstrap replica is. Exact, and a third less work
  // than copies. Where no row occurs twice, as in the folds of a cross-validation, no weights are needed.
  table multiplied(const std::vector<int>& times) const {
    index_t kept = 0;
    int most = 0;
    for (int m : times) kept += m > 0, most = std::max(most, m);
    table t(*this, kept);
    if (most <= 1 && !weighted_) {
      for (index_t c = 0; c < columns_; ++c) {
        S* to = t.data_.data() + c * t.stride_;
        for (index_t n = 0; n < rows_; ++n)
          if (times[std::size_t(n)]) *to++ = column(c)[n];
      }
      return t;
    }
    t.start_weights();
    for (index_t n = 0, to = 0; n < rows_; ++n)
      if (const int m = times[std::size_t(n)]; m > 0) {
        for (index_t c = 0; c < columns_; ++c) t.data_.data()[c * t.stride_ + to] = column(c)[n];
        t.push_weight(to++, weighted_ ? S(m) * weights_.data()[n] : S(m));
      }
    return t;
  }
  // One column of each of two tables of as many rows, without weights.
  table(const table& a, index_t i, const table& b, index_t j) {
    allocate(a.rows_, 2);
    const table* from[] = {&a, &b};
    const index_t column_of[] = {i, j};
    for (std::size_t c = 0; c < 2; ++c) {
      std::copy_n(from[c]->column(column_of[c]), stride_, data_.data() + index_t(c) * stride_);
      shift_[c] = from[c]->shift(column_of[c]), scale_[c] = from[c]->scale(column_of[c]), variance_[c] = from[c]->variance(column_of[c]);
    }
  }

  // Parameters from the user's units to this table's, and back.
  mixture_parameters to_scaled(mixture_parameters p) const { return moved(std::move(p), true); }
  mixture_parameters to_user(mixture_parameters p) const { return moved(std::move(p), false); }

private:
  table() = default;
  table(const table& like, index_t rows) {
    allocate(rows, like.columns_);
    shift_ = like.shift_, scale_ = like.scale_, variance_ = like.variance_;
  }
  void allocate(index_t rows, index_t columns) {
    rows_ = rows, columns_ = columns, total_ = double(rows);
    stride_ = round_up(std::max<index_t>(rows, 1), 64 / index_t(sizeof(S)));
    data_ = typename exec::serial::buffer<S>(stride_ * columns);
    shift_.resize(std::size_t(columns)), scale_.resize(std::size_t(columns)), variance_.resize(std::size_t(columns));
    pointers_.resize(std::size_t(columns));
    for (index_t c = 0; c < columns; ++c) pointers_[std::size_t(c)] = data_.data() + c * stride_;
  }
  void start_weights() {
    weights_ = typename exec::serial::buffer<S>(stride_);
    weighted_ = true;
    total_ = 0;
  }
  void push_weight(index_t n, S w) {
    weights_.data()[n] = w;
    total_ += double(w);
  }
  // f(0) + ... + f(rows - 1) in eight sums, which vectors and pipelines like.
  template <class F>
  double sum_of_rows(F f) const {
    double s[8] = {};
    index_t n = 0;
    for (; n + 8 <= rows_; n += 8)
      for (index_t i = 0; i < 8; ++i) s[i] += f(n + i);
    for (; n < rows_; ++n) s[n % 8] += f(n);
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
  }
  template <class Read>
  void fill_column(index_t c, Read read, const char* asked) {
    const double zero = sum_of_rows([&](index_t n) { const double v = read(n); return v - v; });   // NaN if any row is not finite
    for (index_t n = 0; zero != 0 && n < rows_; ++n)
      if (const double v = read(n); !std::isfinite(v)) throw numerical_error(asked, text(v, " in row ", n, ", column ", c), "remove rows that are not finite, or give missing columns to deconvolve");
    double largest = 0;
    for (index_t n = 0; n < rows_; ++n) {
      const double v = std::abs(read(n));
      largest = v > largest ? v : largest;
    }
    expect<numerical_error>(largest < 1e150, asked, "scale the column to numbers whose squares are finite", "numbers up to ", largest, " in column ", c);
    double mean = sum_of_rows(read) / double(rows_);
    mean += sum_of_rows([&](index_t n) { return read(n) - mean; }) / double(rows_);   // a constant column must come out as one
    const double spread = std::sqrt(sum_of_rows([&](index_t n) { const double v = read(n) - mean; return v * v; }) / double(rows_));
    const bool constant = !(spread > 1e-14 * largest);
    const double unit = constant ? 1 : std::ldexp(1.0, int(std::lround(std::log2(spread)))), inverse = 1 / unit;
    shift_[std::size_t(c)] = mean, scale_[std::size_t(c)] = unit;
    variance_[std::size_t(c)] = constant ? 0 : spread * spread / (unit * unit);
    S* to = data_.data() + c * stride_;
    for (index_t n = 0; n < rows_; ++n) to[n] = S((read(n) - mean) * inverse);
  }
  mixture_parameters moved(mixture_parameters p, bool inward) const {
    const index_t d = columns_;
    for (index_t k = 0; k < p.components(); ++k)
      for (index_t i = 0; i < d; ++i) {
        double& m = p.mean_of(k)[i];
        m = inward ? (m - shift(i)) / scale(i) : m * scale(i) + shift(i);
        for (index_t j = 0; j < d; ++j) {
          double& v = p.covariance_of(k)[i * d + j];
          v = inward ? v / (scale(i) * scale(j)) : v * (scale(i) * scale(j));
        }
      }
    return p;
  }

public:
  // Copies own their columns; the pointers follow.
  table(const table& o)
      : rows_(o.rows_), columns_(o.columns_), stride_(o.stride_), data_(o.data_), weights_(o.weights_), weighted_(o.weighted_), total_(o.total_),
        shift_(o.shift_), scale_(o.scale_), variance_(o.variance_), pointers_(o.pointers_) {
    for (index_t c = 0; c < columns_; ++c) pointers_[std::size_t(c)] = data_.data() + c * stride_;
  }
  table(table&&) noexcept = default;
  table& operator=(table o) noexcept {
    std::swap(rows_, o.rows_), std::swap(columns_, o.columns_), std::swap(stride_, o.stride_), std::swap(weighted_, o.weighted_), std::swap(total_, o.total_);
    std::swap(data_, o.data_), std::swap(weights_, o.weights_), shift_.swap(o.shift_), scale_.swap(o.scale_), variance_.swap(o.variance_), pointers_.swap(o.pointers_);
    return *this;
  }

private:
  index_t rows_ = 0, columns_ = 0, stride_ = 0;
  typename exec::serial::buffer<S> data_, weights_;
  bool weighted_ = false;
  double total_ = 0;
  std::vector<double> shift_, scale_, variance_;
  std::vector<const S*> pointers_;
};

}
