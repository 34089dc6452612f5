// SPDX-License-Identifier: BSL-1.0
// Optimisers, schedules of the learning rate, and what else acts on parameters and gradients.
#pragma once
#include <cosmoml/optim/adam.hpp>
#include <cosmoml/optim/adamw.hpp>
#include <cosmoml/optim/averaging.hpp>
#include <cosmoml/optim/clipping.hpp>
#include <cosmoml/optim/constant_rate.hpp>
#include <cosmoml/optim/cosine_restarts.hpp>
#include <cosmoml/optim/exponential_decay.hpp>
#include <cosmoml/optim/lbfgs.hpp>
#include <cosmoml/optim/one_cycle.hpp>
#include <cosmoml/optim/parameter_group.hpp>
#include <cosmoml/optim/plateau.hpp>
#include <cosmoml/optim/rmsprop.hpp>
#include <cosmoml/optim/schedule.hpp>
#include <cosmoml/optim/sgd.hpp>
#include <cosmoml/optim/step_decay.hpp>
#include <cosmoml/optim/triangular.hpp>
#include <cosmoml/optim/warm_up.hpp>
