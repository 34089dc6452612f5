// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/key.hpp>

namespace cosmoml::inline COSMOML_ABI {

enum class mode { training, inference };

// The rewrites that a plan may make, each with its switch. Results are the same to rounding with any of them off.
struct rewrites {
  bool fuse = true;   // dense, bias and activation in one call of the backend
};

namespace plan {

// What one pass through a network knows: the backend and its context, training or inference, the rewrites allowed, the key of this
// layer's random numbers, and memory that is free until the call returns.
template <class B, mode M, rewrites R>
struct pass {
  using backend = B;
  using scalar = typename B::scalar;
  static constexpr bool training = M == mode::training;
  static constexpr rewrites allowed = R;
  typename B::context& context;
  scalar* workspace = nullptr;
  key randomness{};
};

}
}
