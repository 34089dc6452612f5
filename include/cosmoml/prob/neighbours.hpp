// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::prob {

// Nearest neighbours among n points of d numbers in the maximum norm: a tree of medians, leaves of up to 16 points. Building costs n log n, a
// search about log n in few dimensions. Points are rows of a flat array (n, d).
class neighbours {
public:
  neighbours(std::vector<double> points, index_t d) : d_(d), points_(std::move(points)) {
    const index_t n = index_t(points_.size()) / d;
    order_.resize(std::size_t(n));
    std::iota(order_.begin(), order_.end(), index_t(0));
    build(0, n);
    std::vector<double> sorted(points_.size());
    place_.resize(std::size_t(n));
    for (index_t i = 0; i < n; ++i) {
      place_[std::size_t(order_[std::size_t(i)])] = i;
      for (index_t a = 0; a < d; ++a) sorted[std::size_t(i * d + a)] = points_[std::size_t(order_[std::size_t(i)] * d + a)];
    }
    points_ = std::move(sorted);
  }
  index_t size() const { return index_t(order_.size()); }

  // The distance of point i to its k-th nearest other point.
  double distance(index_t i, index_t k) const {
    std::vector<double> best(static_cast<std::size_t>(k), std::numeric_limits<double>::infinity());   // ascending
    const index_t self = place_[std::size_t(i)];
    nearest(0, at(self), self, best);
    return best.back();
  }
  // How many other points lie closer to point i than `radius`.
  index_t closer(index_t i, double radius) const {
    const index_t self = place_[std::size_t(i)];
    return within(0, at(self), radius) - (radius > 0);
  }

private:
  struct node {
    index_t first, last;
    int left = -1, right = -1;
    std::vector<double> low, high;
  };
  const double* at(index_t sorted) const { return points_.data() + sorted * d_; }

  int build(index_t first, index_t last) {
    const int me = int(nodes_.size());
    nodes_.push_back({first, last, -1, -1, std::vector<double>(static_cast<std::size_t>(d_), std::numeric_limits<double>::infinity()),
                      std::vector<double>(static_cast<std::size_t>(d_), -std::numeric_limits<double>::infinity())});
    index_t widest = 0;
    {
      node& n = nodes_.back();
      for (index_t i = first; i < last; ++i)
        for (index_t a = 0; a < d_; ++a) {
          const double v = at(order_[std::size_t(i)])[a];
          n.low[std::size_t(a)] = std::min(n.low[std::size_t(a)], v), n.high[std::size_t(a)] = std::max(n.high[std::size_t(a)], v);
        }
      for (index_t a = 1; a < d_; ++a)
        if (n.high[std::size_t(a)] - n.low[std::size_t(a)] > n.high[std::size_t(widest)] - n.low[std::size_t(widest)]) widest = a;
    }
    if (last - first <= 16) return me;
    const index_t middle = (first + last) / 2;
    std::nth_element(order_.begin() + first, order_.begin() + middle, order_.begin() + last,
                     [&](index_t x, index_t y) { return at(x)[widest] < at(y)[widest]; });
    const int l = build(first, middle), r = build(middle, last);
    nodes_[std::size_t(me)].left = l, nodes_[std::size_t(me)].right = r;
    return me;
  }
  double to_box(const node& n, const double* x) const {
    double far = 0;
    for (index_t a = 0; a < d_; ++a) far = std::max({far, n.low[std::size_t(a)] - x[a], x[a] - n.high[std::size_t(a)]});
    return far;
  }
  double between(const double* x, const double* y) const {
    double far = 0;
    for (index_t a = 0; a < d_; ++a) far = std::max(far, std::abs(x[a] - y[a]));
    return far;
  }
  void nearest(int me, const double* x, index_t self, std::vector<double>& best) const {
    const node& n = nodes_[std::size_t(me)];
    if (n.left < 0) {
      for (index_t i = n.first; i < n.last; ++i) {
        if (i == self) continue;
        const double r = between(x, at(i));
        if (!(r < best.back())) continue;
        std::size_t j = best.size() - 1;
        for (; j > 0 && best[j - 1] > r; --j) best[j] = best[j - 1];
        best[j] = r;
      }
      return;
    }
    const double l = to_box(nodes_[std::size_t(n.left)], x), r = to_box(nodes_[std::size_t(n.right)], x);
    const bool left_first = l <= r;
    if (std::min(l, r) < best.back()) nearest(left_first ? n.left : n.right, x, self, best);
    if (std::max(l, r) < best.back()) nearest(left_first ? n.right : n.left, x, self, best);
  }
  index_t within(int me, const double* x, double radius) const {
    const node& n = nodes_[std::size_t(me)];
    if (to_box(n, x) >= radius) return 0;
    double far = 0;   // the farthest corner: all inside?
    for (index_t a = 0; a < d_; ++a) far = std::max({far, x[a] - n.low[std::size_t(a)], n.high[std::size_t(a)] - x[a]});
    if (far < radius) return n.last - n.first;
    if (n.left >= 0) return within(n.left, x, radius) + within(n.right, x, radius);
    index_t count = 0;
    for (index_t i = n.first; i < n.last; ++i) count += between(x, at(i)) < radius;
    return count;
  }

  index_t d_;
  std::vector<double> points_;
  std::vector<index_t> order_, place_;
  std::vector<node> nodes_;
};

}
