// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>
#include <cosmoml/prob/parallel.hpp>
#include <cosmoml/prob/table.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

enum class k_means_start { plus_plus, random };   // Arthur and Vassilvitskii 2007, greedy; or rows at random

// Options of k_means.
struct k_means_options {
  index_t clusters = 2;
  k_means_start start = k_means_start::plus_plus;
  int starts = 1;            // the one of least inertia is kept
  int max_iter = 300;
  double tolerance = 0;      // ends when centres move by less, squared, in units of the mean variance
  key randomness{};
  int threads = 0;
};

// What k_means found.
struct k_means_result {
  ndarray<double> centers;   // (K, d), the user's units
  std::vector<int> labels;   // (n)
  double inertia = 0;        // sum of weight times squared distance
  int iterations = 0;
  bool converged = false;
};

namespace detail {

// Lloyd's algorithm on a table, distances in the user's units or (scaled) in units of each column's spread.
template <class S>
class lloyd {
public:
  lloyd(const table<S>& data, bool scaled, int threads) : data_(data), d_(data.columns()), threads_(threads_for(threads)) {
    for (index_t c = 0; c < d_; ++c) metric_.push_back(scaled ? 1 : data.scale(c) * data.scale(c));
    chunk_ = chunk_rows(data.rows());
    chunks_ = (data.rows() + chunk_ - 1) / chunk_;
    label.resize(std::size_t(round_up(data.rows(), kernels::lanes<S>)));
    distance.resize(label.size());
  }
  std::vector<double> center;   // (K, d), the table's units
  std::vector<int> label;
  std::vector<S> distance;      // squared, to the row's centre
  double inertia = 0;
  int iterations = 0;
  bool converged = false;

  void seed(index_t k, k_means_start how, key r) {
    const index_t n = data_.rows();
    center.clear();
    if (how == k_means_start::random) {
      std::vector<index_t> taken;
      for (std::uint64_t i = 0; index_t(taken.size()) < k; ++i) {
        const index_t row = index_t(r.below(std::uint64_t(n), i));
        if (std::find(taken.begin(), taken.end(), row) == taken.end()) taken.push_back(row), add(row);
      }
      return;
    }
    // each next centre is a row drawn by its squared distance to those there are; of a few tries the one that helps most is taken
    std::vector<S> nearest(static_cast<std::size_t>(n), std::numeric_limits<S>::infinity()), trial(nearest), best(nearest);
    std::uint64_t drawn = 0;
    add(index_t(r.below(std::uint64_t(n), drawn++)));
    double total = closer(0, nearest, nearest);
    const int tries = 2 + int(std::log(double(k)));
    while (index_t(center.size()) < k * d_) {
      double least = std::numeric_limits<double>::infinity();
      index_t chosen = 0;
      for (int t = 0; t < tries; ++t) {
        double left = r.fold(1).uniform(drawn++) * total;
        index_t row = 0;
        while (row + 1 < n && left >= weighted(nearest, row)) left -= weighted(nearest, row++);
        add(row);
        const double sum = closer(index_t(center.size()) / d_ - 1, nearest, trial);
        center.resize(center.size() - std::size_t(d_));
        if (sum < least) least = sum, chosen = row, best.swap(trial);
      }
      add(chosen);
      nearest = best;
      total = least;
    }
  }

  void run(int most, double tolerance) {
    const index_t k = index_t(center.size()) / d_, n = data_.rows(), size = k * (d_ + 1);
    double scale = 0;
    for (index_t c = 0; c < d_; ++c) scale += data_.variance(c) * metric_[std::size_t(c)] / double(d_);
    std::vector<double> partial(static_cast<std::size_t>(chunks_ * size)), sums(static_cast<std::size_t>(size)), inertias(static_cast<std::size_t>(chunks_));
    std::vector<index_t> changed(static_cast<std::size_t>(chunks_));
    converged = false;
    for (iterations = 0; iterations <= most && !converged; ++iterations) {   // the last turn only labels
      parallel_for(chunks_, threads_, [&](index_t c, int) {
        const index_t first = c * chunk_, last = std::min(n, first + chunk_);
        changed[std::size_t(c)] = assign(first, last);
        double* to = partial.data() + c * size;
        std::fill_n(to, size, 0.0);
        double total = 0;
        for (index_t i = first; i < last; ++i) {
          const double w = weight(i);
          double* at = to + label[std::size_t(i)] * (d_ + 1);
          at[0] += w;
          for (index_t a = 0; a < d_; ++a) at[1 + a] += w * double(data_.column(a)[i]);
          total += w * double(distance[std::size_t(i)]);
        }
        inertias[std::size_t(c)] = total;
      });
      inertia = 0;
      index_t moved = 0;
      std::fill(sums.begin(), sums.end(), 0.0);
      for (index_t c = 0; c < chunks_; ++c) {
        inertia += inertias[std::size_t(c)], moved += changed[std::size_t(c)];
        for (index_t i = 0; i < size; ++i) sums[std::size_t(i)] += partial[std::size_t(c * size + i)];
      }
      if (moved == 0 && iterations > 0) {
        converged = true;
        break;
      }
      if (iterations == most) break;
      double step = 0;
      for (index_t j = 0; j < k; ++j) {
        const double w = sums[std::size_t(j * (d_ + 1))];
        index_t far = 0;
        if (!(w > 0)) {   // an empty cluster moves to the row that lies worst
          for (index_t i = 1; i < n; ++i)
            if (weighted(distance, i) > weighted(distance, far)) far = i;
          distance[std::size_t(far)] = 0;
        }
        for (index_t a = 0; a < d_; ++a) {
          double& to = center[std::size_t(j * d_ + a)];
          const double next = w > 0 ? sums[std::size_t(j * (d_ + 1) + 1 + a)] / w : double(data_.column(a)[far]);
          step += (next - to) * (next - to) * metric_[std::size_t(a)];
          to = next;
        }
      }
      converged = step < tolerance * scale;
    }
  }

private:
  double weight(index_t i) const { return data_.weights() ? double(data_.weights()[i]) : 1.0; }
  double weighted(const std::vector<S>& squares, index_t i) const { return weight(i) * double(squares[std::size_t(i)]); }
  void add(index_t row) {
    for (index_t c = 0; c < d_; ++c) center.push_back(double(data_.column(c)[row]));
  }
  // to[i] = the smaller of from[i] and the squared distance to centre j; returns their weighted sum.
  double closer(index_t j, const std::vector<S>& from, std::vector<S>& to) const {
    double total = 0;
    for (index_t i = 0; i < data_.rows(); ++i) {
      S s = 0;
      for (index_t a = 0; a < d_; ++a) {
        const S t = data_.column(a)[i] - S(center[std::size_t(j * d_ + a)]);
        s += S(metric_[std::size_t(a)]) * t * t;
      }
      const S value = s < from[std::size_t(i)] ? s : from[std::size_t(i)];
      to[std::size_t(i)] = value;
      total += weight(i) * double(value);
    }
    return total;
  }
  index_t assign(index_t first, index_t last) {
    constexpr index_t L = kernels::lanes<S>;
    using kernels::vec;
    const index_t k = index_t(center.size()) / d_;
    index_t changed = 0;
    for (index_t o = first; o < last; o += L) {
      vec<S> least = kernels::broadcast(std::numeric_limits<S>::infinity()), which{};
      for (index_t j = 0; j < k; ++j) {
        vec<S> s{};
        for (index_t a = 0; a < d_; ++a) {
          const vec<S> t = kernels::load(data_.column(a) + o) - S(center[std::size_t(j * d_ + a)]);
          s += S(metric_[std::size_t(a)]) * t * t;
        }
        const auto near = s < least;
        which = near ? kernels::broadcast(S(j)) : which;
        least = near ? s : least;
      }
      const index_t here = std::min(L, last - o);
      for (index_t l = 0; l < here; ++l) {
        changed += label[std::size_t(o + l)] != int(which[l]);
        label[std::size_t(o + l)] = int(which[l]);
        distance[std::size_t(o + l)] = least[l];
      }
    }
    return changed;
  }

  const table<S>& data_;
  index_t d_, chunk_, chunks_;
  int threads_;
  std::vector<double> metric_;
};

}

// Clusters rows (n, d) by Lloyd's algorithm, distances in the user's units. With `centers` (K, d) it starts from those. An empty cluster is
// moved to the row farthest from its centre. Cost n K d an iteration. Errors: invalid_argument, shape_mismatch, numerical_error.
template <class S>
k_means_result k_means(const table<S>& data, const k_means_options& options, const ndarray<double>& centers = {}) {
  const char* asked = "prob::k_means";
  const index_t k = centers.size() ? centers.rows() : options.clusters, d = data.columns();
  expect<invalid_argument>(k > 0 && k <= data.rows(), asked, "ask for between one cluster and as many as there are rows", k, " clusters of ", data.rows(), " rows");
  expect<invalid_argument>(options.starts > 0 && options.max_iter > 0, asked, "ask for at least one start and one iteration", options.starts, " starts, ", options.max_iter, " iterations");
  expect<shape_mismatch>(!centers.size() || centers.row_size() == d, asked, "give centres of as many dimensions as the data", centers.row_size(), " dimensions for ", d, " columns");
  k_means_result best;
  best.inertia = std::numeric_limits<double>::infinity();
  for (int s = 0; s < (centers.size() ? 1 : options.starts); ++s) {
    detail::lloyd<S> l(data, false, options.threads);
    if (centers.size())
      for (index_t i = 0; i < k * d; ++i) l.center.push_back((centers[i] - data.shift(i % d)) / data.scale(i % d));
    else l.seed(k, options.start, options.randomness.fold(std::uint64_t(s)));
    l.run(options.max_iter, options.tolerance);
    if (!(l.inertia < best.inertia)) continue;
    l.label.resize(std::size_t(data.rows()));
    best = {ndarray<double>(k, d), l.label, l.inertia, l.iterations, l.converged};
    for (index_t i = 0; i < k * d; ++i) best.centers[i] = l.center[std::size_t(i)] * data.scale(i % d) + data.shift(i % d);
  }
  return best;
}
template <HostArray X>
k_means_result k_means(const X& x, const k_means_options& options) {
  return k_means(table<double>(x, "prob::k_means"), options);
}

}
