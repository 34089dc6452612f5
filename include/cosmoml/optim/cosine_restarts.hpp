// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/schedule.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of cosine_restarts.
struct cosine_restarts_options {
  index_t length = 10;    // of the first descent
  index_t growth = 1;     // each descent is so many times as long as the one before
  double lowest = 0;      // where a descent would end, as a factor
  per every = per::epoch;
};

// Half a cosine from 1 to `lowest`, again and again (Loshchilov and Hutter 2017): torch's CosineAnnealingWarmRestarts.
struct cosine_restarts {
  cosine_restarts_options options{};
  double operator()(const moment& m) const {
    expect<invalid_argument>(options.length > 0 && options.growth > 0, "optim::cosine_restarts", "use a length and a growth of one or more", "length ", options.length, ", growth ", options.growth);
    index_t t = m.count(options.every), length = options.length;
    if (options.growth == 1) t %= length;
    else
      for (; t >= length; length *= options.growth) t -= length;
    return options.lowest + (1 - options.lowest) * (1 + std::cos(3.14159265358979323846 * double(t) / double(length))) / 2;
  }
};

}
