// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/schedule.hpp>

namespace cosmoml::inline COSMOML_ABI::optim {

// The same rate for ever.
struct constant_rate {
  double factor = 1;
  double operator()(const moment&) const { return factor; }
};

}
