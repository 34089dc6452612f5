// SPDX-License-Identifier: BSL-1.0
// Optimisers.
#pragma once
#include <cosmoml/optim/adam.hpp>
#include <cosmoml/optim/sgd.hpp>
