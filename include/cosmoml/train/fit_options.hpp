// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>
#include <cosmoml/optim/averaging.hpp>
#include <cosmoml/optim/clipping.hpp>
#include <cosmoml/optim/parameter_group.hpp>
#include <cosmoml/optim/schedule.hpp>
#include <cosmoml/train/epoch_order.hpp>

#include <string>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train {

// Options of fit, each with a working default.
struct fit_options {
  int epochs = 10;
  index_t batch_size = 64;
  bool shuffle = true;      // a new order each epoch; false: the order given
  epoch_order order{};      // or any other: weighted_order, stratified_order
  key randomness{};         // of the order and of layers that draw
  // Shuffled full batches without weights are recorded once and replayed where the backend can (exec::cuda: a CUDA graph). Not where layers
  // draw random numbers, which a recording would repeat in each step, nor with accumulation, groups or clipping, nor a schedule of the
  // momentum or of an optimiser that fixes its rate (sgd, rmsprop): steps are then taken one by one.
  bool record = false;
  optim::schedule schedule{};                       // of the learning rate: optim::cosine_restarts{{.length = 20}}, optim::warm_up ...
  optim::schedule momentum{};                       // of the momentum, or of the first beta: optim::one_cycle_momentum{{.length = 2000}}
  index_t accumulate = 1;                           // batches whose samples make one step, weighed as one large batch
  optim::clipping clip{};                           // of the gradient: {.norm = 1}
  optim::averaging average{};                       // {.kind = optim::averaging::exponential}: the mean is validated, and the model has it at the end
  std::vector<optim::parameter_group> groups{};     // {{.fields = "encoder", .frozen = true}}
  index_t keep_good_every = 0;                      // steps between copies of finite parameters, for runs that diverge; 0: one each epoch
};

// An epoch of the history.
struct epoch_row {
  int epoch;
  double loss, validation_loss;   // NaN without a validation set
  double seconds;                 // since the fit began
  double learning_rate = 0;       // of the last step; 0 where the optimiser has none
};
// What a fit did.
struct fit_report {
  std::vector<epoch_row> history;
  index_t steps = 0;
  double seconds = 0;
  bool stopped_early = false;
  std::string reason = "all epochs done";
  bool resumed = false;   // it went on from a checkpoint
};

}
