// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/deepadversaries.hpp>

using namespace cosmoml;
using namespace cosmoml::papers;

using undropped = deepadversaries::resnet18<100, 64, 256, 3, nn::batch_norm<>, nn::dropout<nn::dropout_options{.rate = 0}>>;

static const bool added = peers::add_network<deepadversaries::resnet18<100>, nn::cross_entropy, undropped>("resnet18_100", 32, optim::adam{{.learning_rate = 1e-4}});
