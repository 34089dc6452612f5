// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/wavpool.hpp>

using namespace cosmoml;
using namespace cosmoml::papers;

static const bool added = [] {
  constexpr optim::sgd sgd{{.learning_rate = 0.1}};
  peers::add_network<wavpool::tuned_28, nn::cross_entropy>("wavpool_fashion", 640, sgd);
  peers::add_network<wavpool::cnn_fashion, nn::cross_entropy>("wavpool_cnn_fashion", 64, sgd);
  return true;
}();
