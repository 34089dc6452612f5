// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/digamma.hpp>
#include <cosmoml/prob/gmm_mi.hpp>
#include <cosmoml/prob/neighbours.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// Estimators of mutual information to hold beside estimate_mi: the same fit and estimate, the same result. Their errors, if asked for, are those of
// a delete-half jackknife: the scatter over random halves of the rows, since these estimators take no repeated rows.
struct peer_params {
  int n_halves = 0;            // below 2: no error bar
  unit base = unit::nat;
  key randomness{42};
  int threads = 0;
};

namespace detail {

// What the three share: columns in groups, halves, units. Estimator::value(table, dx) is the estimate for some rows (nat).
template <class Estimator>
class peer {
public:
  template <HostArray X>
  void fit(const X& x) {
    set(table<double>(x, Estimator::name), 1);
  }
  template <HostArray X, HostArray Y>
  void fit(const X& x, const Y& y) {
    const auto a = as_ndview(x);
    const auto b = as_ndview(y);
    expect<shape_mismatch>(a.rows() == b.rows() && a.rank <= 2 && b.rank <= 2, Estimator::name, "give as many rows of y as of x", a.rows(), " and ", b.rows(), " rows");
    const index_t dx = a.row_size(), dy = b.row_size();
    set(table<double>(a.rows(), dx + dy, [&](index_t c, index_t n) { return c < dx ? double(a(n, c)) : double(b(n, c - dx)); }, Estimator::name), dx);
  }
  mi_estimate estimate(const peer_params& options = {}) const {
    expect<invalid_argument>(!data_.empty(), Estimator::name, "call fit first", "no data");
    const Estimator& self = static_cast<const Estimator&>(*this);
    const double scale = options.base == unit::bit ? 1.44269504088896340736 : 1;
    const int threads = threads_for(options.threads);
    mi_estimate e;
    e.mean = e.full = self.value(data_[0], dx_, threads) * scale;
    const index_t n = data_[0].rows(), halves = std::max(options.n_halves, 0);
    e.values.assign(std::size_t(halves), NAN);
    parallel_for(halves, threads, [&](index_t h, int) {
      const std::vector<int> half = fold_of_rows(n, 2, options.randomness.fold(std::uint64_t(h)));
      std::vector<index_t> rows;
      for (index_t i = 0; i < n; ++i)
        if (half[std::size_t(i)] == 0) rows.push_back(i);
      e.values[std::size_t(h)] = self.value(data_[0].rows(rows), dx_, 1) * scale;
    });
    if (halves > 1) {
      const moments_of_replicas m(e.values, std::vector<double>(e.values.size()));
      e.sd = m.sd, e.replicas = m.good;
    }
    return e;
  }

private:
  void set(table<double> data, index_t dx) {
    expect<shape_mismatch>(data.columns() > dx, Estimator::name, "give at least two columns", data.columns(), " columns");
    expect<invalid_argument>(data.rows() > 8, Estimator::name, "give more rows", data.rows(), " rows");
    for (index_t c = 0; c < data.columns(); ++c)
      expect<invalid_argument>(data.variance(c) > 0, Estimator::name, "drop the column: a constant tells nothing about anything", "column ", c, ", which holds ", data.shift(c), " in every row");
    data_.clear();
    data_.push_back(std::move(data));
    dx_ = dx;
  }
  std::vector<table<double>> data_;
  index_t dx_ = 1;
};

}

// Kraskov, Stoegbauer and Grassberger's first estimator (2004, eq. 8): psi(k) + psi(N) - <psi(nx + 1) + psi(ny + 1)>, distances in the maximum norm
// of the columns as they are given, or divided by their spread. Cost n log n.
class ksg_mi : public detail::peer<ksg_mi> {
public:
  static constexpr const char* name = "prob::ksg_mi";
  explicit ksg_mi(int k = 3, bool standardise = false) : k_(k), standardise_(standardise) { expect<invalid_argument>(k > 0, name, "look at one neighbour or more", k, " neighbours"); }

  double value(const table<double>& data, index_t dx, int threads) const {
    const index_t n = data.rows(), d = data.columns();
    auto points = [&](index_t first, index_t last) {
      std::vector<double> p(static_cast<std::size_t>(n * (last - first)));
      for (index_t c = first; c < last; ++c) {
        const double unit = standardise_ ? 1 / std::sqrt(data.variance(c)) : data.scale(c);
        for (index_t i = 0; i < n; ++i) p[std::size_t(i * (last - first) + c - first)] = data.column(c)[i] * unit;
      }
      return p;
    };
    const neighbours joint(points(0, d), d), x(points(0, dx), dx), y(points(dx, d), d - dx);
    const index_t piece = 256, pieces = (n + piece - 1) / piece;
    std::vector<double> sums(static_cast<std::size_t>(pieces));
    parallel_for(pieces, threads, [&](index_t p, int) {
      for (index_t i = p * piece; i < std::min(n, (p + 1) * piece); ++i) {
        const double r = joint.distance(i, k_);
        sums[std::size_t(p)] += digamma(double(x.closer(i, r) + 1)) + digamma(double(y.closer(i, r) + 1));
      }
    });
    double sum = 0;
    for (double s : sums) sum += s;
    return digamma(k_) + digamma(double(n)) - sum / double(n);
  }

private:
  int k_;
  bool standardise_;
};

// Kernel density: the mean over rows of ln p(x, y) - ln p(x) - ln p(y), each density a sum of Gaussian balls on the rows, `bandwidth` times the
// spread of each column wide (0: n^(-1/(d + 4)), Scott's rule), the row's own ball left out. Cost n^2 exponentials.
class kde_mi : public detail::peer<kde_mi> {
public:
  static constexpr const char* name = "prob::kde_mi";
  explicit kde_mi(double bandwidth = 0, bool leave_one_out = true) : bandwidth_(bandwidth), leave_out_(leave_one_out) {
    expect<invalid_argument>(bandwidth >= 0, name, "use a bandwidth above zero, or zero for Scott's rule", "bandwidth ", bandwidth);
  }

  double value(const table<double>& data, index_t dx, int threads) const {
    using kernels::vec;
    constexpr index_t L = kernels::lanes<double>;
    const index_t n = data.rows(), d = data.columns(), piece = 64, pieces = (n + piece - 1) / piece;
    const double width = bandwidth_ > 0 ? bandwidth_ : std::pow(double(n), -1 / (double(d) + 4));
    std::vector<double> inverse;
    for (index_t c = 0; c < d; ++c) inverse.push_back(detail::whitening_scale / (width * std::sqrt(data.variance(c) * double(n) / double(n - 1))));
    std::vector<double> sums(static_cast<std::size_t>(pieces));
    parallel_for(pieces, threads, [&](index_t p, int) {
      for (index_t i = p * piece; i < std::min(n, (p + 1) * piece); ++i) {
        vec<double> joint{}, x{}, y{};
        for (index_t j = 0; j < n; j += L) {
          vec<double> a{}, b{};
          for (index_t c = 0; c < d; ++c) {
            const vec<double> t = (kernels::load(data.column(c) + j) - data.column(c)[i]) * inverse[std::size_t(c)];
            if (c < dx) a -= t * t;
            else b -= t * t;
          }
          vec<double> ea = kernels::exp2_normal(a), eb = kernels::exp2_normal(b);
          if (j + L > n || (leave_out_ && i >= j && i < j + L))
            for (index_t l = 0; l < L; ++l)
              if (j + l >= n || (leave_out_ && j + l == i)) ea[l] = 0, eb[l] = 0;
          joint += ea * eb;
          x += ea;
          y += eb;
        }
        const double others = double(leave_out_ ? n - 1 : n);
        const double j = std::max(kernels::sum_of_lanes<double>(joint), 1e-300), px = kernels::sum_of_lanes<double>(x), py = kernels::sum_of_lanes<double>(y);
        sums[std::size_t(p)] += std::log(j * others / (std::max(px, 1e-300) * std::max(py, 1e-300)));
      }
    });
    double sum = 0;
    for (double s : sums) sum += s;
    return sum / double(n);
  }

private:
  double bandwidth_;
  bool leave_out_;
};

// Counts in boxes: `bins` a column (0: the cube root of the number of rows), of equal width or of equal counts; Miller and Madow's correction for
// empty boxes on request. Cost n log n.
class histogram_mi : public detail::peer<histogram_mi> {
public:
  static constexpr const char* name = "prob::histogram_mi";
  explicit histogram_mi(int bins = 0, bool equal_counts = false, bool miller_madow = true) : bins_(bins), equal_(equal_counts), corrected_(miller_madow) {
    expect<invalid_argument>(bins >= 0 && bins <= 4096, name, "use between 1 and 4096 bins, or 0 for the cube root of the rows", bins, " bins");
  }

  double value(const table<double>& data, index_t dx, int) const {
    const index_t n = data.rows(), d = data.columns();
    const index_t bins = bins_ ? bins_ : std::max<index_t>(2, index_t(std::cbrt(double(n))));
    std::vector<std::uint64_t> cell(static_cast<std::size_t>(2 * n));   // of x, of y
    std::vector<index_t> order(static_cast<std::size_t>(n));
    for (index_t c = 0; c < d; ++c) {
      std::uint64_t* to = cell.data() + (c < dx ? 0 : n);
      const double* v = data.column(c);
      const auto [low, high] = std::minmax_element(v, v + n);
      if (equal_) {
        std::iota(order.begin(), order.end(), index_t(0));
        std::stable_sort(order.begin(), order.end(), [v](index_t a, index_t b) { return v[a] < v[b]; });
      }
      for (index_t i = 0; i < n; ++i) {
        const index_t row = equal_ ? order[std::size_t(i)] : i;
        const index_t bin = equal_ ? i * bins / n : std::min<index_t>(bins - 1, index_t((v[i] - *low) / (*high - *low) * double(bins)));
        to[row] = to[row] * std::uint64_t(bins) + std::uint64_t(bin);
      }
    }
    auto entropy = [&](std::vector<std::pair<std::uint64_t, std::uint64_t>> keys) {
      std::sort(keys.begin(), keys.end());
      double h = 0;
      index_t boxes = 0;
      for (std::size_t i = 0; i < keys.size();) {
        std::size_t j = i;
        while (j < keys.size() && keys[j] == keys[i]) ++j;
        const double p = double(j - i) / double(n);
        h -= p * std::log(p);
        ++boxes;
        i = j;
      }
      return h + (corrected_ ? double(boxes - 1) / (2 * double(n)) : 0);
    };
    std::vector<std::pair<std::uint64_t, std::uint64_t>> x, y, both;
    for (index_t i = 0; i < n; ++i) {
      const std::uint64_t a = cell[std::size_t(i)], b = cell[std::size_t(n + i)];
      x.push_back({a, 0}), y.push_back({b, 0}), both.push_back({a, b});
    }
    return entropy(std::move(x)) + entropy(std::move(y)) - entropy(std::move(both));
  }

private:
  int bins_;
  bool equal_, corrected_;
};

}
