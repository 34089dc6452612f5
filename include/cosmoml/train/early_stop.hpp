// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/observer.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::train {

// Counts the epochs whose validation loss is above that of the epoch before, from epoch `from` on (the first epoch is number 0). The
// count is never reset; training ends when it reaches `rises`. The rule of WavPool's authors.
class stop_after_rises {
public:
  struct options {
    int from = 5, rises = 5;
  };
  explicit stop_after_rises(options o) : options_(o) {}

  template <class S>
  bool on_epoch(const epoch_report<S>& r) {
    if (r.epoch >= options_.from && r.validation_loss > last_) ++count_;
    last_ = r.validation_loss;
    return count_ >= options_.rises;
  }
  const char* reason() const { return "the validation loss rose too often"; }
  int count() const { return count_; }
  template <class V>
  void visit(V&& v) {
    v("last", last_);
    v("count", count_);
  }

private:
  options options_;
  double last_ = INFINITY;
  int count_ = 0;
};

}
