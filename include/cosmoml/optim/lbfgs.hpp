// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/optim/lbfgs_state.hpp>
#include <cosmoml/optim/optimizer.hpp>
#include <cosmoml/optim/strong_wolfe.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of lbfgs.
struct lbfgs_options {
  double learning_rate = 1;            // the first guess of each line search
  int max_iterations = 20;             // of one step
  int max_evaluations = 25;            // of one step
  double gradient_tolerance = 1e-7;    // the largest element of the gradient (with bounds: of the projected one) at an optimum
  double change_tolerance = 1e-9;      // of parameters and loss
  int history = 100;                   // pairs of moves and changes of the gradient that are kept
  // Bounds of every parameter, from a list of one number for all or one each; empty: none.
  std::vector<double> lower{}, upper{};
};

// L-BFGS (Nocedal 1980; Liu and Nocedal 1989) with a line search for the strong Wolfe conditions: PyTorch's LBFGS with
// line_search_fn="strong_wolfe". One step is up to max_iterations iterations; it wants the loss of the same samples each
// time: full batches. With bounds: projected steps (Bertsekas 1982) of the free parameters, with a search along the projected path.
//
//   optim::lbfgs o{{.max_iterations = 100, .lower = {0}, .upper = {1}}};
//   o.step<B>(context, parameters, gradients, state, n, [&] { ...; return loss; });
//
// Cost: one evaluation an iteration is typical; memory: 2 history + 7 vectors of n. Returns the loss at the step's start. Errors: numerical_error where the
// loss is not finite at the start, invalid_argument for bounds that contradict one another.
struct lbfgs {
  using options_type = lbfgs_options;
  lbfgs_options options{};

  template <class B>
  using state = lbfgs_state<B>;

  template <class B, class Evaluate>
  double step(typename B::context& c, typename B::scalar* p, typename B::scalar* g, state<B>& s, index_t n, Evaluate&& evaluate) const {
    if (s.lower.size() == 0 && (!options.lower.empty() || !options.upper.empty())) s.set_bounds(c, options.lower, options.upper);
    const bool bounded = s.lower.size() > 0;
    s.reserve(options.history);
    if (bounded) s.project(c, p);
    double loss = evaluate();
    if (!std::isfinite(loss)) throw numerical_error("optim::lbfgs", text("a loss of ", loss, " at the start of a step"), "start where the loss is finite");
    const double first = loss;
    if (s.converged(c, p, g, options.gradient_tolerance)) return first;
    int evaluations = 1;
    for (int i = 1; i <= options.max_iterations; ++i) {
      const double before = loss;
      if (!(bounded ? iterate_bounded<B>(c, p, g, s, n, evaluate, loss, evaluations) : iterate<B>(c, p, g, s, n, evaluate, loss, evaluations))) break;
      if (evaluations >= options.max_evaluations || s.converged(c, p, g, options.gradient_tolerance) || s.still(c, options.change_tolerance) ||
          std::abs(loss - before) < options.change_tolerance)
        break;
    }
    return first;
  }

private:
  template <class B, class Evaluate>
  bool iterate(typename B::context& c, typename B::scalar* p, typename B::scalar* g, lbfgs_state<B>& s, index_t n, Evaluate& evaluate, double& loss, int& evaluations) const {
    using S = typename B::scalar;
    s.remember(c, g);
    s.set_direction(c, g);
    const double length = ++s.iterations == 1 ? s.first_length(c, g) * options.learning_rate : options.learning_rate;
    const double slope = B::dot(c, g, s.direction.data(), n);
    s.move = length;
    if (slope > -options.change_tolerance) return false;
    B::copy(c, static_cast<const S*>(p), s.start.data(), n);
    B::copy(c, static_cast<const S*>(g), s.kept[0].data(), n);
    int used = 0;
    const line_point at = strong_wolfe({0, loss, slope, 0}, length,
                                       [&](double t, int place) {
                                         s.go(c, p, t);
                                         const double value = evaluate();
                                         B::copy(c, static_cast<const S*>(g), s.kept[place].data(), n);
                                         return line_point{t, value, B::dot(c, g, s.direction.data(), n), place};
                                       },
                                       [&](double t) { return s.shorter(c, t, options.change_tolerance); },
                                       {.max_evaluations = options.max_evaluations - evaluations}, used);
    evaluations += used;
    s.go(c, p, at.t);
    B::copy(c, static_cast<const S*>(s.kept[at.place].data()), g, n);
    s.move = at.t;
    loss = at.value;
    return true;
  }

  template <class B, class Evaluate>
  bool iterate_bounded(typename B::context& c, typename B::scalar* p, typename B::scalar* g, lbfgs_state<B>& s, index_t n, Evaluate& evaluate, double& loss,
                       int& evaluations) const {
    using S = typename B::scalar;
    s.remember(c, g);
    B::copy(c, static_cast<const S*>(p), s.start.data(), n);
    s.mark_free(c, p, g);
    s.set_free_direction(c, g);
    double slope = s.free_slope(c, g);
    if (slope > -1e-14 * s.free_norm(c, g)) {   // the history says nothing about the parameters that are free now
      s.forget();
      s.set_free_direction(c, g);
      slope = s.free_slope(c, g);
    }
    double t = ++s.iterations == 1 || s.pairs == 0 ? s.first_length(c, g) * options.learning_rate : options.learning_rate;
    B::copy(c, static_cast<const S*>(g), s.kept[0].data(), n);
    for (; evaluations < options.max_evaluations; t *= 0.5) {
      s.go(c, p, t);
      s.project(c, p);
      const double value = evaluate();
      ++evaluations;
      const double wanted = t * slope + s.bound_change(c, p, s.kept[0].data());
      if (std::isfinite(value) && value <= loss + 1e-4 * wanted) {
        s.set_moved(c, p);
        loss = value;
        return true;
      }
      if (s.shorter(c, t, 1e-16)) break;
    }
    B::copy(c, static_cast<const S*>(s.start.data()), p, n);   // no step goes down
    B::copy(c, static_cast<const S*>(s.kept[0].data()), g, n);
    return false;
  }
};

}
