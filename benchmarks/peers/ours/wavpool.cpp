// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/wavpool.hpp>

static const bool added = peers::add_network<cosmoml::papers::wavpool::tuned_28, cosmoml::nn::cross_entropy>("wavpool_fashion", 640, cosmoml::optim::sgd{{.learning_rate = 0.1}});
