// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/schedule.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of triangular.
struct triangular_options {
  index_t up = 2000, down = 0;   // how long the rate rises and falls; down 0: as long as it rises
  double lowest = 0.1;           // as a factor of the highest (which is the optimiser's)
  double shrink = 1;             // the height of each triangle, relative to the one before (triangular2: 0.5)
  double decay = 1;              // and of each step relative to the one before (exp_range)
  per every = per::step;
};

// Up and down in straight lines (Smith 2017): torch's CyclicLR.
struct triangular {
  triangular_options options{};
  double operator()(const moment& m) const {
    expect<invalid_argument>(options.up > 0 && options.down >= 0, "optim::triangular", "use a rise of one or more", "up ", options.up, ", down ", options.down);
    const index_t t = m.count(options.every), down = options.down ? options.down : options.up, length = options.up + down, within = t % length;
    const double height = within <= options.up ? double(within) / double(options.up) : double(length - within) / double(down);
    return options.lowest + (1 - options.lowest) * height * std::pow(options.shrink, double(t / length)) * std::pow(options.decay, double(t));
  }
};

}
