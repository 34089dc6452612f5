// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/deepadversaries.hpp>

static const bool added = peers::add_network<cosmoml::papers::deepadversaries::convnet<100>, cosmoml::nn::cross_entropy>("convnet_100", 128, cosmoml::optim::adam{{.learning_rate = 1e-4}});
