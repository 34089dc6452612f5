// SPDX-License-Identifier: BSL-1.0
// Optimisers.
#pragma once
#include <cosmoml/optim/adam.hpp>
#include <cosmoml/optim/adamw.hpp>
#include <cosmoml/optim/lbfgs.hpp>
#include <cosmoml/optim/rmsprop.hpp>
#include <cosmoml/optim/sgd.hpp>
