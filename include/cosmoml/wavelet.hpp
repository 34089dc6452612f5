// SPDX-License-Identifier: BSL-1.0
// Wavelets, their transforms, as a layer and on signals of any length, and what is built on them.
#pragma once
#include <cosmoml/wavelet/biorthogonal.hpp>
#include <cosmoml/wavelet/coiflet.hpp>
#include <cosmoml/wavelet/daubechies.hpp>
#include <cosmoml/wavelet/multi_resolution_perceptron.hpp>
#include <cosmoml/wavelet/packets.hpp>
#include <cosmoml/wavelet/signal.hpp>
#include <cosmoml/wavelet/stationary.hpp>
#include <cosmoml/wavelet/symlet.hpp>
#include <cosmoml/wavelet/threshold.hpp>
#include <cosmoml/wavelet/transform.hpp>
#include <cosmoml/wavelet/wavelet.hpp>
