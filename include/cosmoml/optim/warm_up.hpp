// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/constant_rate.hpp>

namespace cosmoml::inline COSMOML_ABI::optim {

// Options of warm_up.
struct warm_up_options {
  index_t length = 5;
  double start = 1.0 / 3;   // the first rate, as a factor
  per every = per::step;
};

// A straight line from `start` to 1, then another schedule, whose time begins there: torch's SequentialLR of LinearLR and that.
//   optim::warm_up{{.length = 500}, optim::cosine_restarts{{.length = 20}}}
struct warm_up {
  warm_up_options options{};
  schedule then = constant_rate{};
  double operator()(const moment& m) const {
    const index_t t = m.count(options.every);
    if (t < options.length) return options.start + (1 - options.start) * double(t) / double(options.length);
    moment rest = m;
    rest.step -= options.every == per::step ? options.length : options.length * m.steps_per_epoch;
    const std::size_t gone = std::size_t(m.epoch() - rest.epoch());
    rest.losses = m.losses.subspan(gone < m.losses.size() ? gone : m.losses.size());
    return then ? then(rest) : 1;
  }
};

}
