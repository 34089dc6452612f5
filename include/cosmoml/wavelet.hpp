// SPDX-License-Identifier: BSL-1.0
// Wavelets, their transform as a layer, and what is built on it.
#pragma once
#include <cosmoml/wavelet/daubechies.hpp>
#include <cosmoml/wavelet/multi_resolution_perceptron.hpp>
#include <cosmoml/wavelet/transform.hpp>
#include <cosmoml/wavelet/wavelet.hpp>
