// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/deepastrouda.hpp>

static const bool added = peers::add_network<cosmoml::papers::deepastrouda::resnet50<224>, cosmoml::nn::cross_entropy>("resnet50_224", 8, cosmoml::optim::adam{{.learning_rate = 1e-4}});
