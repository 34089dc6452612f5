// SPDX-License-Identifier: BSL-1.0
#pragma once
#include "training.hpp"

namespace examples {

// train_once for images 28 or 32 pixels wide, each network in a translation unit of its own.
trained train_convnet(const labelled& data, const training_plan& p, cosmoml::key k, cosmoml::train::progress_bar::observer& progress);
trained train_resnet18(const labelled& data, const training_plan& p, cosmoml::key k, cosmoml::train::progress_bar::observer& progress);

// The ConvNet of that width (8, the paper's, or 32) on images 28 pixels wide, with Winograd's convolutions or with direct sums alone.
trained train_convnet_with(bool winograd, int width, const labelled& data, const training_plan& p, cosmoml::key k, cosmoml::train::progress_bar::observer& progress);

}
