// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/tensor/ndarray.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

struct checkpoint;   // train/checkpoint.hpp: an argument of fit beside the observers

// What an observer hears of a fit.
struct progress {
  int epoch, epochs;            // from 0; how many there will be at most
  index_t batch, batches;       // of this epoch; batch is the number of those done
  index_t samples;              // in an epoch
  double loss;                  // mean over this epoch so far
  double seconds;               // since the fit began
};
// What an observer hears after an epoch.
template <class S>
struct epoch_report {
  int epoch, epochs;
  double loss;                           // mean over the epoch's training batches
  double validation_loss;                // NaN without a validation set
  const ndarray<S>& validation_output;   // (n, output...): predictions after the epoch; empty without a validation set
  double seconds;
};

// An observer has any of these members; fit calls those it finds. The library prints nothing by itself.
//   void on_batch(const progress&)
//   void on_epoch(const epoch_report<S>&)     or bool: true ends the training
//   bool stop_requested() const               asked after each step: true ends the training there, to be resumed (train/stop_on_signal.hpp)
//   const char* reason()                      why, for the report
//   void visit(v)                             v("name", number) for each number that it remembers: kept in checkpoints
template <class O>
concept HearsBatches = requires(O& o, const progress& p) { o.on_batch(p); };
// Is told after each epoch.
template <class O, class S>
concept HearsEpochs = requires(O& o, const epoch_report<S>& r) { o.on_epoch(r); };
// May end the training then.
template <class O, class S>
concept EndsTraining = requires(O& o, const epoch_report<S>& r) {
  { o.on_epoch(r) } -> std::same_as<bool>;
};
// Is asked after each step.
template <class O>
concept RequestsStop = requires(const O& o) {
  { o.stop_requested() } -> std::same_as<bool>;
};
namespace detail {
struct any_number {
  template <class T>
  void operator()(const char*, T&) const {}
};
}
// Has numbers for checkpoints.
template <class O>
concept Remembers = requires(O& o) { o.visit(detail::any_number{}); };

}
