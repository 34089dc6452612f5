// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/deepcmb.hpp>

static const bool added = peers::add_network<cosmoml::papers::deepcmb::resunet<128>, cosmoml::nn::mean_squared_error>("resunet_128", 4, cosmoml::optim::adam{{.learning_rate = 1e-4}});
