// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI {

// Places for pieces inside one buffer, without the buffer: the same code first measures (base null) and then hands out pointers.
// Every piece begins at a multiple of 16 scalars.
template <class S>
class arena {
public:
  static constexpr index_t grain = 16;
  explicit arena(S* base = nullptr) : base_(base) {}

  S* take(index_t n) {
    S* p = base_ ? base_ + used_ : nullptr;
    used_ += round_up(n, grain);
    if (used_ > most_) most_ = used_;
    return p;
  }
  // What is taken after mark() may be given up by release(mark): pieces of different lifetimes share memory.
  index_t mark() const { return used_; }
  void release(index_t mark) { used_ = mark; }
  // Scalars that the buffer must hold.
  index_t size() const { return most_; }

private:
  S* base_;
  index_t used_ = 0, most_ = 0;
};

}
