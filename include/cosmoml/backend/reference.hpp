// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/portable.hpp>
#include <cosmoml/backend/serial.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// The judge of all others: plain loops, canonical order, no abilities.
template <class S>
struct reference : portable<S, exec::serial> {
  static constexpr const char* name = sizeof(S) == 4 ? "reference<float>" : "reference<double>";
};

}
