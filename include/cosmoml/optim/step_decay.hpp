// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/schedule.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of step_decay.
struct step_decay_options {
  index_t length = 30;   // how long each rate holds
  double factor = 0.1;   // from one to the next
  per every = per::epoch;
};

// factor^floor(t / length): torch's StepLR. step_decay{{.length = 30, .factor = 0.1}}.
struct step_decay {
  step_decay_options options{};
  double operator()(const moment& m) const {
    expect<invalid_argument>(options.length > 0, "optim::step_decay", "use a length of one or more", "length ", options.length);
    return std::pow(options.factor, double(m.count(options.every) / options.length));
  }
};

}
