// SPDX-License-Identifier: BSL-1.0
#pragma once
#include "../support/confusion_figure.hpp"
#include "experiment.hpp"

namespace examples {

// Validation accuracy and loss against the epoch: mean over the seeds that still train, and the band of their extremes.
void draw_curves(output_folder& out, const std::vector<run>& runs, int models, int seeds);

// The first image and what WavPool's dense layers see of it: the Haar bands of all levels in their usual places.
void draw_bands(output_folder& out, const labelled& data);

}
