// SPDX-License-Identifier: BSL-1.0
#pragma once
#include "experiment.hpp"

namespace examples {

// train_once for the paper's baselines, dense and convolutional. Defined for them in baselines.cpp, a translation unit of its own.
template <class Net>
run train_baseline(const std::string& name, const labelled& data, const cosmoml::papers::wavpool::settings& s, int epochs, cosmoml::key k,
                   cosmoml::train::progress_bar::observer& progress);

}
