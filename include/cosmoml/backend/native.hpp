// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/host.hpp>
#include <cosmoml/backend/threads.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// The default on a CPU: own kernels, own layouts, no library.
template <class S>
struct native : host<S, exec::threads> {
  using abilities_of = native;
  static constexpr const char* name = sizeof(S) == 4 ? "native<float>" : "native<double>";
};

}
