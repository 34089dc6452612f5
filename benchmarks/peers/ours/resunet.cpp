// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/deepcmb.hpp>

using namespace cosmoml;
using namespace cosmoml::papers;

using undropped = deepcmb::resunet<128, 64, deepcmb::norm, nn::dropout<nn::dropout_options{.rate = 0}>>;

static const bool added = peers::add_network<deepcmb::resunet<128>, nn::mean_squared_error, undropped>("resunet_128", 4, optim::adam{{.learning_rate = 1e-4}});
