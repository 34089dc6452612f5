// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/augment/crop.hpp>
#include <cosmoml/train/augment/cube_symmetries.hpp>
#include <cosmoml/train/augment/flips.hpp>
#include <cosmoml/train/augment/noise.hpp>
#include <cosmoml/train/augment/quarter_turns.hpp>
#include <cosmoml/train/chunked_order.hpp>
#include <cosmoml/train/sample_source.hpp>

#include <tuple>

namespace cosmoml::inline COSMOML_ABI::train {

// Options of a pipeline.
struct pipeline_options {
  index_t buffer = 8192;   // samples that lie in memory and are mixed with one another; up to three buffers are held
  index_t chunk = 256;     // neighbours that are read together
  bool prefetch = true;    // a thread reads and augments the next buffer while the training uses this one
};

// Samples from a source, through augmentation policies in the order given: what fit takes instead of samples where data does not fit into memory
// or changes each time it is seen.
//   train::pipeline data(train::npy_source({.inputs = "x.npy", .targets = "y.npy"}), {}, augment::cube_symmetries{}, augment::noise{.deviation = 0.01});
//   train::fit(net, data, loss, adam, {.epochs = 5})
// The sample at place i of epoch e is augmented by a key of e and i: bits depend on no thread.
template <SampleSource Source, class... Policy>
class pipeline {
public:
  explicit pipeline(Source source, const pipeline_options& o = {}, Policy... policies) : source_(std::move(source)), options_(o), policies_(std::move(policies)...) {
    expect<invalid_argument>(source_.rows() > 0, "train::pipeline", "give at least one sample", "no data");
    expect<invalid_argument>(o.buffer > 0 && o.chunk > 0, "train::pipeline", "use buffers and chunks of one or more samples", "buffer ", o.buffer, ", chunk ", o.chunk);
  }
  const Source& source() const { return source_; }
  const pipeline_options& options() const { return options_; }

  template <class S>
  void change(augment::image<S>& x, key k) const {
    std::apply([&](const Policy&... p) {
      std::uint64_t number = 0;
      (p(x, k.fold(number++)), ...);
    }, policies_);
  }

private:
  Source source_;
  pipeline_options options_;
  std::tuple<Policy...> policies_;
};

}
