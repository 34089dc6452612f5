// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>

#include <optional>

namespace cosmoml::inline COSMOML_ABI::train {

// A step that is called again and again on the same memory. Where the backend records (exec::cuda: a CUDA graph) the first call runs as it
// is, so that workspaces get their sizes, and later ones are one launch of what was recorded; its sum stays on the device until the step is
// done. Elsewhere it is a plain call.
//
// Every address and every number that the step hands to the backend is fixed with the recording: random numbers repeat, and what the host
// counts does not count. Give another `of` when something changed: model.memory_generation(), for one.
template <class B>
class captured_step {
public:
  // Runs `step`, which returns the last sum_of that it calls.
  template <class Step>
  double operator()(typename B::context& c, std::uint64_t of, Step&& step) {
    if constexpr (Records<B>) {
      if (!warm_ || *warm_ != of) {
        warm_ = of;
        recording_.reset();
        return step();
      }
      if (!recording_ || !recording_->valid(c)) recording_.emplace(c, step);
      return recording_->replay(c);
    } else return step();
  }
  // A recording is in use.
  bool replays() const {
    if constexpr (Records<B>) return recording_.has_value();
    else return false;
  }

private:
  template <class Backend>
  struct tape {
    struct type {};
  };
  template <Records Backend>
  struct tape<Backend> {
    using type = typename Backend::recording;
  };
  std::optional<std::uint64_t> warm_;
  std::optional<typename tape<B>::type> recording_;
};

}
