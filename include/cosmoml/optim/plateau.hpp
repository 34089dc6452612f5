// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/schedule.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of plateau.
struct plateau_options {
  double factor = 0.1;       // each time the loss stops falling
  int patience = 10;         // how many epochs without a better loss are borne
  double threshold = 1e-4;   // better: below (1 - threshold) of the best
  int cooldown = 0;          // epochs after a reduction that do not count
  double lowest = 0;         // no rate below this factor
};

// The rate falls where the loss does not: torch's ReduceLROnPlateau, of the losses in the moment.
struct plateau {
  plateau_options options{};
  double operator()(const moment& m) const {
    double rate = 1, best = INFINITY;
    int bad = 0, cooling = 0;
    for (const double loss : m.losses) {
      const bool better = loss < best * (1 - options.threshold) || (best == INFINITY && loss < INFINITY);
      if (better) best = loss;
      bad = better ? 0 : bad + 1;
      if (cooling > 0) --cooling, bad = 0;
      if (bad > options.patience) {
        rate = std::fmax(rate * options.factor, options.lowest);
        cooling = options.cooldown;
        bad = 0;
      }
    }
    return rate;
  }
};

}
