// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/deepadversaries.hpp>

static const bool added = peers::add_network<cosmoml::papers::deepadversaries::resnet18<100>, cosmoml::nn::cross_entropy>("resnet18_100", 32, cosmoml::optim::adam{{.learning_rate = 1e-4}});
