// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/deepsz.hpp>

static const bool added = peers::add_network<cosmoml::papers::deepsz::network<32>, cosmoml::nn::cross_entropy>("deepsz_32", 64, cosmoml::optim::adam{{.learning_rate = 1e-4}});
