// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim/adam.hpp>

// One training step, as a user's own loop writes it.
template <class Net>
double step(const cosmoml::ndarray<float>& x, const int* labels) {
  using B = cosmoml::backend::native<float>;
  using model = cosmoml::nn::model<Net, B>;
  model net(cosmoml::key{1});
  const cosmoml::optim::adam adam{};
  cosmoml::optim::adam::state<B> state(model::stored_count);
  net.load(x);
  const auto y = net.forward();
  const double loss = cosmoml::nn::cross_entropy{}.template evaluate<B>(net.context(), y, net.output_gradient(), labels, static_cast<const float*>(nullptr), 1.0f / float(x.rows()));
  net.zero_gradients();
  net.backward();
  adam.template step<B>(net.context(), net.parameters().data(), net.gradients().data(), state, model::stored_count);
  return loss;
}
