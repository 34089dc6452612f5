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

// From `start` up to 1 and down to `end` (Smith and Topin 2018): torch's OneCycleLR in two phases, without its cycle of the momentum.
struct one_cycle {
  one_cycle_options options{};
  double operator()(const moment& m) const {
    const double last = double(options.length) - 1, top = options.rising * double(options.length) - 1;
    expect<invalid_argument>(options.length > 1 && top > 0 && top < last, "optim::one_cycle", "set .length to the number of steps, and .rising so that both phases have some", "length ",
                             options.length, ", rising ", options.rising);
    const double t = std::fmin(double(m.count(options.every)), last);
    return t <= top ? between(options.start, 1, t / top) : between(1, options.end, (t - top) / (last - top));
  }

private:
  double between(double from, double to, double share) const {
    return options.linear ? from + (to - from) * share : to + (from - to) / 2 * (1 + std::cos(3.14159265358979323846 * share));
  }
};

}
