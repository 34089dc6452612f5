// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/backend/concept.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::optim {

namespace detail {
template <class S>
struct scaled_sum {   // to = a + factor * b
  const S *a, *b;
  S* to;
  S factor;
  COSMOML_HD void operator()(index_t i) const { to[i] = a[i] + factor * b[i]; }
};
template <class S>
struct scaled {   // to = factor * from
  const S* from;
  S* to;
  S factor;
  COSMOML_HD void operator()(index_t i) const { to[i] = factor * from[i]; }
};
template <class S>
struct magnitude {
  const S* p;
  COSMOML_HD double operator()(index_t i) const { return std::abs(double(p[i])); }
};
// One where factor * |p| is above the limit, or not a number: their sum is zero where the largest element is within it.
template <class S>
struct above {
  const S* p;
  double factor, limit;
  COSMOML_HD double operator()(index_t i) const { return factor * std::abs(double(p[i])) <= limit ? 0 : 1; }
};
template <class S>
struct clamp {
  S* p;
  const S *lower, *upper;
  COSMOML_HD void operator()(index_t i) const { p[i] = p[i] < lower[i] ? lower[i] : p[i] > upper[i] ? upper[i] : p[i]; }
};
template <class S>
struct projected_gradient_above {   // |P(p - g) - p|
  const S *p, *g, *lower, *upper;
  double limit;
  COSMOML_HD double operator()(index_t i) const {
    double to = double(p[i]) - double(g[i]);
    to = to < double(lower[i]) ? double(lower[i]) : to > double(upper[i]) ? double(upper[i]) : to;
    return std::abs(to - double(p[i])) <= limit ? 0 : 1;
  }
};
// 1: moves as it likes; 0: at or near a bound that the gradient pushes it to.
template <class S>
struct free_parameter {
  const S *p, *g, *lower, *upper;
  S* free;
  COSMOML_HD void operator()(index_t i) const {
    const S room = S(1e-3) * (g[i] < 0 ? -g[i] : g[i]), most = room < S(1e-6) ? room : S(1e-6);
    free[i] = (p[i] <= lower[i] + most && g[i] > 0) || (p[i] >= upper[i] - most && g[i] < 0) ? S(0) : S(1);
  }
};
template <class S>
struct free_product {
  const S *free, *a, *b;
  COSMOML_HD double operator()(index_t i) const { return free[i] > 0 ? double(a[i]) * double(b[i]) : 0; }
};
template <class S>
struct bound_move {   // g (p - start) of the parameters that are not free
  const S *free, *g, *p, *start;
  COSMOML_HD double operator()(index_t i) const { return free[i] > 0 ? 0 : double(g[i]) * (double(p[i]) - double(start[i])); }
};
template <class S>
struct free_or_steepest {   // free ones as they are, the others down their own gradient
  const S *free, *g;
  S* d;
  S scale;
  COSMOML_HD void operator()(index_t i) const { d[i] = free[i] > 0 ? d[i] : -scale * g[i]; }
};
}

// What L-BFGS knows between iterations: the last moves and changes of the gradient, the direction, the last gradient. Vectors lie on the backend.
template <class B>
struct lbfgs_state {
  using S = typename B::scalar;
  using buffer = typename B::template buffer<S>;
  index_t size, iterations = 0, pairs = 0;
  double move = 0, scale = 1;
  buffer direction, previous, start, free{}, lower{}, upper{};
  buffer kept[4];
  std::vector<std::pair<buffer, buffer>> past;   // (change of the gradient, move), the oldest first
  std::vector<double> inverse;                   // 1 / (change . move)

  explicit lbfgs_state(index_t n) : size(n), direction(n), previous(n), start(n) {
    for (buffer& b : kept) b = buffer(n);
  }
  template <class V>
  void visit(V&& v) {
    v("iterations", iterations);
    v("pairs", pairs);
    v("move", move);
    v("scale", scale);
    v("direction", direction);
    v("previous", previous);
    past.resize(std::size_t(pairs));
    inverse.resize(std::size_t(pairs));
    for (std::size_t i = 0; i < past.size(); ++i) {
      const std::string number = std::to_string(i);
      v(("change" + number).c_str(), past[i].first);
      v(("move" + number).c_str(), past[i].second);
      v(("inverse" + number).c_str(), inverse[i]);
    }
  }

  void reserve(int history) {
    expect<invalid_argument>(history > 0, "optim::lbfgs", "keep at least one pair", "a history of ", history);
    history_ = history;
  }
  // From host memory, one number for all or one for each stored parameter.
  void set_bounds(typename B::context& c, const std::vector<double>& low, const std::vector<double>& high) {
    std::vector<S> l(static_cast<std::size_t>(size), S(-INFINITY)), h(static_cast<std::size_t>(size), S(INFINITY));
    for (const auto* from : {&low, &high}) {
      expect<shape_mismatch>(from->size() <= 1 || index_t(from->size()) == size, "optim::lbfgs, bounds", "give one bound for all parameters or one for each", from->size(), " bounds for ", size,
                             " parameters");
      for (std::size_t i = 0; !from->empty() && i < l.size(); ++i) (from == &low ? l : h)[i] = S((*from)[from->size() == 1 ? 0 : i]);
    }
    for (std::size_t i = 0; i < l.size(); ++i)
      expect<invalid_argument>(l[i] <= h[i], "optim::lbfgs, bounds", "give lower bounds below the upper ones", "bounds ", double(l[i]), " and ", double(h[i]), " of parameter ", i);
    lower = buffer(size), upper = buffer(size), free = buffer(size);
    B::from_host(c, static_cast<const S*>(l.data()), lower.data(), size);
    B::from_host(c, static_cast<const S*>(h.data()), upper.data(), size);
  }

  void project(typename B::context& c, S* p) { B::for_each(c, size, detail::clamp<S>{p, lower.data(), upper.data()}); }
  bool converged(typename B::context& c, const S* p, const S* g, double tolerance) {
    if (lower.size() > 0) return B::sum_of(c, size, detail::projected_gradient_above<S>{p, g, lower.data(), upper.data(), tolerance}) == 0;
    return B::sum_of(c, size, detail::above<S>{g, 1, tolerance}) == 0;
  }
  // Did the last move change no parameter by more than that?
  bool still(typename B::context& c, double tolerance) { return B::sum_of(c, size, detail::above<S>{direction.data(), std::abs(move), tolerance}) == 0; }
  bool shorter(typename B::context& c, double t, double tolerance) { return B::sum_of(c, size, detail::above<S>{direction.data(), t, tolerance}) == 0; }
  double first_length(typename B::context& c, const S* g) {
    const double sum = B::sum_of(c, size, detail::magnitude<S>{g});
    return sum > 1 ? 1 / sum : 1;
  }
  void go(typename B::context& c, S* p, double t) { B::for_each(c, size, detail::scaled_sum<S>{start.data(), direction.data(), p, S(t)}); }
  // The direction becomes the move that projection left of it.
  void set_moved(typename B::context& c, const S* p) {
    B::for_each(c, size, detail::scaled_sum<S>{p, start.data(), direction.data(), S(-1)});
    move = 1;
  }
  void forget() {
    pairs = 0;
    past.clear();
    inverse.clear();
    scale = 1;
  }
  // Takes the last move, and what it did to the gradient, into the history where they bend upwards.
  void remember(typename B::context& c, const S* g) {
    if (iterations > 0) {
      buffer y(size), s(size);
      B::for_each(c, size, detail::scaled_sum<S>{g, previous.data(), y.data(), S(-1)});
      B::for_each(c, size, detail::scaled<S>{direction.data(), s.data(), S(move)});
      const double bend = B::dot(c, y.data(), s.data(), size);
      if (bend > 1e-10) {
        if (pairs == history_) {
          past.erase(past.begin());
          inverse.erase(inverse.begin());
        }
        scale = bend / B::dot(c, y.data(), y.data(), size);
        past.emplace_back(std::move(y), std::move(s));
        inverse.push_back(1 / bend);
        pairs = index_t(past.size());
      }
    }
    B::copy(c, g, previous.data(), size);
  }
  // Minus the inverse Hessian, as far as the history knows it, times the gradient (Nocedal and Wright 2006, algorithm 7.4).
  void set_direction(typename B::context& c, const S* g) {
    two_loops(c, g, inverse, scale, [&](const S* a, const S* b) { return B::dot(c, a, b, size); });
  }
  // The same for the free parameters alone; the others go down their own gradient, to the bound.
  void set_free_direction(typename B::context& c, const S* g) {
    std::vector<double> bend(past.size());
    double own_scale = pairs > 0 ? scale : 1;
    auto product = [&](const S* a, const S* b) { return B::sum_of(c, size, detail::free_product<S>{free.data(), a, b}); };
    for (std::size_t i = 0; i < past.size(); ++i) {
      const double found = product(past[i].first.data(), past[i].second.data());
      bend[i] = found > 1e-14 ? 1 / found : 0;
      if (bend[i] > 0) own_scale = found / product(past[i].first.data(), past[i].first.data());
    }
    two_loops(c, g, bend, own_scale, product);
    B::for_each(c, size, detail::free_or_steepest<S>{free.data(), g, direction.data(), S(own_scale)});
  }
  void mark_free(typename B::context& c, const S* p, const S* g) { B::for_each(c, size, detail::free_parameter<S>{p, g, lower.data(), upper.data(), free.data()}); }
  double free_slope(typename B::context& c, const S* g) { return B::sum_of(c, size, detail::free_product<S>{free.data(), g, direction.data()}); }
  double free_norm(typename B::context& c, const S* g) { return B::sum_of(c, size, detail::free_product<S>{free.data(), g, g}); }
  double bound_change(typename B::context& c, const S* p, const S* g) { return B::sum_of(c, size, detail::bound_move<S>{free.data(), g, p, start.data()}); }

private:
  template <class Dot>
  void two_loops(typename B::context& c, const S* g, const std::vector<double>& one_over_bend, double first_scale, Dot&& product) {
    S* q = direction.data();
    std::vector<double> alpha(past.size());
    B::for_each(c, size, detail::scaled<S>{g, q, S(-1)});
    for (std::size_t i = past.size(); i-- > 0;)
      if (one_over_bend[i] > 0) {
        alpha[i] = product(past[i].second.data(), q) * one_over_bend[i];
        B::for_each(c, size, detail::scaled_sum<S>{q, past[i].first.data(), q, S(-alpha[i])});
      }
    B::for_each(c, size, detail::scaled<S>{q, q, S(first_scale)});
    for (std::size_t i = 0; i < past.size(); ++i)
      if (one_over_bend[i] > 0) {
        const double beta = product(past[i].first.data(), q) * one_over_bend[i];
        B::for_each(c, size, detail::scaled_sum<S>{q, past[i].second.data(), q, S(alpha[i] - beta)});
      }
  }
  index_t history_ = 10;
};

}
