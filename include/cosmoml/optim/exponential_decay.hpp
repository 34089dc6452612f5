// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/schedule.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of exponential_decay.
struct exponential_decay_options {
  double factor = 0.95;
  per every = per::epoch;
};

// factor^t: torch's ExponentialLR.
struct exponential_decay {
  exponential_decay_options options{};
  double operator()(const moment& m) const { return std::pow(options.factor, double(m.count(options.every))); }
};

}
