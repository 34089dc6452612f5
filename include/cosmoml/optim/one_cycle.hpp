// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/schedule.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of one_cycle.
struct one_cycle_options {
  index_t length = 0;          // of the whole cycle: all steps of the training
  double rising = 0.3;         // the share of it that rises
  double start = 1.0 / 25;     // the first rate, as a factor of the highest (which is the optimiser's)
  double end = 1.0 / 25e4;     // the last one
  bool linear = false;         // straight lines instead of half cosines
  per every = per::step;
};

namespace detail {
// `start` to `top` within the share of the cycle that rises, then on to `end`.
template <class Options>
double along_cycle(const char* who, const Options& o, const moment& m, double start, double top, double end) {
  const double last = double(o.length) - 1, turn = o.rising * double(o.length) - 1;
  expect<invalid_argument>(o.length > 1 && turn > 0 && turn < last, who, "set .length to the number of steps, and .rising so that both phases have some", "length ", o.length, ", rising ",
                           o.rising);
  const double t = std::fmin(double(m.count(o.every)), last);
  const auto between = [&](double from, double to, double share) {
    return o.linear ? from + (to - from) * share : to + (from - to) / 2 * (1 + std::cos(3.14159265358979323846 * share));
  };
  return t <= turn ? between(start, top, t / turn) : between(top, end, (t - turn) / (last - turn));
}
}

// From `start` up to 1 and down to `end` (Smith and Topin 2018): torch's OneCycleLR in two phases. The momentum goes the other way with
// one_cycle_momentum.
struct one_cycle {
  one_cycle_options options{};
  double operator()(const moment& m) const { return detail::along_cycle("optim::one_cycle", options, m, options.start, 1, options.end); }
};

// Options of one_cycle_momentum.
struct one_cycle_momentum_options {
  index_t length = 0;              // as the one_cycle beside it has it, and so for the others
  double rising = 0.3;
  double lowest = 0.85 / 0.95;     // where the rate is highest, as a factor of the optimiser's momentum
  bool linear = false;
  per every = per::step;
};

// From 1 down to `lowest` while the rate rises, and back to 1: what OneCycleLR does to the momentum, or to the first beta. A schedule for
// fit_options::momentum.
struct one_cycle_momentum {
  one_cycle_momentum_options options{};
  double operator()(const moment& m) const { return detail::along_cycle("optim::one_cycle_momentum", options, m, 1, options.lowest, 1); }
};

}
