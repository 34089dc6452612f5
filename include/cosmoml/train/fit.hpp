// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/loss.hpp>
#include <cosmoml/nn/model.hpp>
#include <cosmoml/train/loop.hpp>
#include <cosmoml/train/resident_feed.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

namespace detail {
template <class Opt, class B>
concept Trains = Optimizer<Opt, B> || SearchesLines<Opt, B>;
// Is this a loss of the model's output? If not, one sentence says so, and fit has nothing else to add.
template <class Model, class LossType>
constexpr bool takes_loss() {
  using output = typename Model::output_view;
  if constexpr (requires { LossType::takes(output::shape); }) return LossType::takes(output::shape);
  else {
    constexpr bool is_loss = nn::Loss<LossType, typename Model::backend, output>;
    static_assert(is_loss, "cosmoml: fit takes a loss such as nn::cross_entropy{}; see nn/loss.hpp");
    return is_loss;
  }
}
inline void check_fit(const fit_options& o) {
  expect<invalid_argument>(o.epochs > 0, "train::fit", "train for at least one epoch", o.epochs, " epochs");
  expect<invalid_argument>(o.accumulate > 0, "train::fit", "make a step from one or more batches", "accumulate ", o.accumulate);
}
}

// Trains a model: batches of `training` through the loss, backward and the optimiser, epoch after epoch; after each, the loss and the
// outputs on `validation`. Observers are told, and may end it. Data crosses to the backend once.
// Errors: invalid_argument (no data, labels that are no class), shape_mismatch, numerical_error (data not finite; or a loss that is not,
// with the batch and the layer: the model then has the parameters of the last epoch that ended well, or of the last keep_good_every).
template <class Net, class B, rewrites R, class X, class Y, class LossType, class Opt, class X2, class Y2, class... Observer>
  requires(detail::Trains<Opt, B> && nn::SoundNetwork<Net>)
fit_report fit(nn::model<Net, B, mode::training, R>& net, const samples<X, Y>& training, const samples<X2, Y2>& validation,
               const LossType& loss, const Opt& optimizer, const fit_options& options, Observer&&... observers) {
  using model = nn::model<Net, B, mode::training, R>;
  if constexpr (detail::takes_loss<model, LossType>()) {
    detail::check_fit(options);
    detail::resident_feed<model, LossType> feed(net, training, options);
    return detail::run(net, feed, validation, loss, optimizer, options, observers...);
  } else {
    if constexpr (requires { LossType::takes(extents{}); }) (void)typename LossType::template mistake<typename model::output_view::shape_type>{};
    return {};
  }
}

// A wrong network has said what is wrong with it.
template <class Net, class B, rewrites R, class X, class Y, class LossType, class Opt, class X2, class Y2, class... Observer>
  requires(!nn::SoundNetwork<Net>)
fit_report fit(nn::model<Net, B, mode::training, R>&, const samples<X, Y>&, const samples<X2, Y2>&, const LossType&, const Opt&, const fit_options&, Observer&&...) {
  return {};
}

// Without a validation set.
template <class Net, class B, rewrites R, class X, class Y, class LossType, class Opt, class... Observer>
  requires detail::Trains<Opt, B>
fit_report fit(nn::model<Net, B, mode::training, R>& net, const samples<X, Y>& training, const LossType& loss, const Opt& optimizer,
               const fit_options& options = {}, Observer&&... observers) {
  return fit(net, training, samples<X, Y>{}, loss, optimizer, options, observers...);
}

}
