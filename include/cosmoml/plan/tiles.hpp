// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/pass.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// How a batch is walked. Where what a batch keeps from forward to backward leaves the cache, it goes forward and back in tiles of
// `samples`; `groups` of consecutive tiles have memory and gradients of their own and may run at the same time. Both numbers depend on
// the network and the batch alone, so the bits do not depend on threads. A backend is walked so if it has
//   cache_bytes                  what a tile should stay within
//   at_once(n, threads, f)       f(i, thread) for i < n, on as many threads or fewer
//   most_at_once()               threads there are
struct tiling {
  index_t samples, groups;
};

template <class Pass>
concept Tiles = Pass::allowed.tile && requires { Pass::backend::cache_bytes; };

// Each tile reads the parameters twice and updates their gradients, each group more has gradients to clear and to add: a tile must hold
// as much as they do, all groups a quarter of the batch.
template <class Pass, class Chain, class X, class Y>
tiling training_tiles(index_t batch, index_t parameters) {
  if constexpr (Tiles<Pass> && !Chain::behaviour.mixes_samples) {
    constexpr index_t probe = 64, in_cache = Pass::backend::cache_bytes / index_t(sizeof(typename Pass::scalar));
    const index_t one = (Chain::template state_size<X, Y>(probe) + Chain::template workspace_size<X, Y>(probe)) / probe + 1;
    const index_t samples = larger(16, in_cache / one / 16 * 16);
    if (samples < batch && batch * one > 4 * in_cache && samples * one >= parameters) {
      index_t groups = 1;
      while (groups < 16 && 2 * groups * samples <= batch && 16 * groups * parameters <= batch * one) groups *= 2;
      return {samples, groups};
    }
  }
  return {batch, 1};
}
// In inference no sample depends on another; pieces share nothing but the parameters, and each thread has memory of its own.
template <class Pass, class Chain, class X, class Y>
index_t prediction_tile(index_t batch) {
  if constexpr (Tiles<Pass>) {
    constexpr index_t probe = 64, in_cache = Pass::backend::cache_bytes / index_t(sizeof(typename Pass::scalar));
    const index_t one = Chain::template workspace_size<X, Y>(probe) / probe + 1, samples = larger(16, in_cache / one / 16 * 16);
    if (samples < batch && batch * one > 2 * in_cache) return samples;
  }
  return batch;
}

}
