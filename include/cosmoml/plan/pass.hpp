// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/key.hpp>
#include <cosmoml/core/text.hpp>

#include <string_view>

namespace cosmoml::inline COSMOML_ABI {

enum class mode { training, inference };

// The rewrites that a plan may make, each with its switch. Results are the same to rounding with any of them off.
struct rewrites {
  bool fuse = true;          // dense or conv, bias and activation in one call of the backend
  bool skip_dead = true;     // what nobody reads, because a pooling drops it, is not computed
  bool batch_vectors = true; // in training, where channels are few, vectors run over the samples: batches of at least as many as a vector has lanes
  bool winograd = true;      // convolutions from fewer products than a direct sum has, where channels are many; the rounding is larger, up to ten times in the networks of the papers
  bool reassociate = true;   // two dense layers with nothing between them are one while that is less work
  bool share = true;         // what only changes its shape shares its memory
  bool in_place = true;      // an activation overwrites what it was given where nobody else reads that
  bool reuse = true;         // gradients, on the way back, take the memory of activations that are dead by then: one backward for each forward
  index_t reuse_from = 1 << 20;   // bytes that a list keeps from which on that is done, if it saves a sixteenth: rims must be cleared on the way forward; 0: always
  bool recompute = true;     // where that is done, normalised maps and functions of them are computed again rather than kept, and what nobody reads is not kept
  bool tile = true;          // a batch that leaves the cache goes forward and back in pieces that stay in it
  bool choose = true;        // a last dense layer computes only the outputs that forward_chosen asks for
};

namespace plan {

// Where the parameters and statistics of a layer begin that several places share (nn/shared.hpp), in the model's flat buffers.
struct shared_place {
  std::string_view name;
  index_t parameters = 0, statistics = 0;
};
// All of these, and the buffers.
template <class S, bool Training>
struct shared_memory {
  const shared_place* places = nullptr;   // the last one has no name
  const S* parameters = nullptr;
  S* gradients = nullptr;
  std::conditional_t<Training, S*, const S*> statistics = nullptr;

  const shared_place& place(std::string_view name) const {
    const shared_place* at = places;
    while (!at->name.empty() && at->name != name) ++at;
    if (at->name.empty())
      throw invalid_argument("a pass through a network", text("the shared layer ", name, " inside a composite that does not list it"), "give the composite shared_uses, as nn/layer.hpp says");
    return *at;
  }
};

// What a step moves: its output lies in another kind of storage than its input; it works on a copy.
struct moves {
  bool relays = false, copies = false;
};
// A list inside a network, for people: how its input and its output are stored, how deep it lies.
struct nested {
  std::string_view before, after;
  int depth = 0;
};

// Stands for a box as large as the edge itself.
struct everything {};
// Stands for one element of each sample, number pass.chosen[n]: the edge is a view of one element a sample.
struct chosen {};

// What one pass through a layer knows: the backend and its context, training or inference, the rewrites allowed, the leading box of
// the layer's output that anybody reads (`everything`, `chosen`, or a shape), the key of its random numbers, memory that is free until
// the call returns, whether its state still holds what was prepared from these parameters, and the statistics that training passes write. State and workspace are laid out for
// `room` samples, so that pieces of any smaller size find things in the same places. Where a batch goes in pieces, sample n of this one
// is number first_sample + n of the batch: what random numbers are counted by. A layer may write what it likes where nobody reads, as
// long as it is finite.
template <class B, mode M, rewrites R, class Live = everything>
struct pass {
  using live = Live;
  using backend = B;
  using scalar = typename B::scalar;
  static constexpr bool training = M == mode::training;
  static constexpr rewrites allowed = R;
  typename B::context& context;
  scalar* workspace = nullptr;
  key randomness{};
  bool prepared = false;
  std::conditional_t<training, scalar*, const scalar*> statistics = nullptr;   // of the first layer inside
  int domain = 0;                                                              // whose statistics a layer that keeps several uses
  index_t first_sample = 0, room = 0;
  const int* which = nullptr;   // with Live = chosen
  const shared_memory<scalar, training>* in_common = nullptr;   // of networks that share layers
  bool adjoins = false;         // the workspace begins where the state ends
  bool dirty = false;           // the state is not as the last forward left it, nor zeros

  // For a layer inside of this one.
  template <class Box>
  using reading = pass<B, M, R, Box>;
  template <class Box>
  reading<Box> inside(scalar* memory, int number) const {
    return {context, memory, randomness.fold(std::uint64_t(number)), prepared, statistics, domain, first_sample, room, which, in_common, false, dirty};
  }
};

}
}
