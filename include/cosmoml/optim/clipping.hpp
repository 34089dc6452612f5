// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/error.hpp>

#include <cmath>
#include <span>

namespace cosmoml::inline COSMOML_ABI::optim {

// Limits of a gradient; zero: none. Elements first, then the norm of all.
struct clipping {
  double norm = 0;    // torch's clip_grad_norm_
  double value = 0;   // torch's clip_grad_value_
};

// [first, first + count) of the flat buffers.
struct stored_range {
  index_t first, count;
};

namespace detail {
template <class S>
struct clip_value {
  S* g;
  S limit;
  COSMOML_HD void operator()(index_t i) const { g[i] = g[i] < -limit ? -limit : g[i] > limit ? limit : g[i]; }
};
template <class S>
struct shrink {
  S* g;
  S factor;
  COSMOML_HD void operator()(index_t i) const { g[i] *= factor; }
};
}

// Clips a gradient in place and returns its norm before that of `limits.norm`, over these ranges (0 if no norm is asked for).
template <class B>
double clip_gradients(typename B::context& c, typename B::scalar* g, std::span<const stored_range> ranges, const clipping& limits) {
  using S = typename B::scalar;
  expect<invalid_argument>(limits.norm >= 0 && limits.value >= 0, "optim::clip_gradients", "give limits above zero, or zero for none", "norm ", limits.norm, ", value ", limits.value);
  if (limits.value > 0)
    for (const stored_range& r : ranges) B::for_each(c, r.count, detail::clip_value<S>{g + r.first, S(limits.value)});
  if (limits.norm == 0) return 0;
  double square = 0;
  for (const stored_range& r : ranges) square += B::dot(c, g + r.first, g + r.first, r.count);
  const double norm = std::sqrt(square), factor = limits.norm / (norm + 1e-6);
  if (factor < 1)
    for (const stored_range& r : ranges) B::for_each(c, r.count, detail::shrink<S>{g + r.first, S(factor)});
  return norm;
}

}
