// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>

#include <functional>
#include <span>

namespace cosmoml::inline COSMOML_ABI::optim {

// What a schedule counts.
enum class per { epoch, step };

// Where a training stands: what a schedule may look at.
struct moment {
  index_t step = 0;                      // steps taken
  index_t steps_per_epoch = 1;
  std::span<const double> losses{};      // of the epochs done: validation where there is one, else training
  index_t epoch() const { return step / steps_per_epoch; }
  index_t count(per unit) const { return unit == per::epoch ? epoch() : step; }
};

// A learning rate over time: what the optimiser's learning_rate is multiplied by. A pure function of the moment, so a resumed training needs
// nothing else; any callable is one: [](const optim::moment& m) { return 1 / (1.0 + double(m.epoch())); }
using schedule = std::function<double(const moment&)>;

}
