// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// What a loss is: a sum over the batch of weight[n] * l(y[n], target[n]), and what it is divided by.
//
//   typename L::template target<B>             of one element: class numbers are int, real targets the backend's scalar
//   static constexpr index_t targets(extents y)    target elements a sample; also what the mean divides by
//   static constexpr bool takes(extents y);    optional: of which outputs it is a loss; then with
//   template <class Given> using mistake       the witness whose sentence says why not (nn/witness.hpp)
//   L::evaluate<B>(context, y, dy, target, weight, scale)    the sum; dy (unless `nothing`) receives scale times its gradient
//
// Laws (tests/laws/losses.cpp): the gradient passes the public checker; a weight of 2 equals the sample given twice; every element of
// dy is assigned.
template <class L, class B, class Y>
concept Loss = requires(const L& loss, typename B::context& c, Y y, const typename L::template target<B>* t, const typename B::scalar* w, typename B::scalar s) {
  { L::targets(Y::shape) } -> std::convertible_to<index_t>;
  { loss.template evaluate<B>(c, y, y, t, w, s) } -> std::same_as<double>;
  { loss.template evaluate<B>(c, y, nothing{}, t, w, s) } -> std::same_as<double>;
};

}
