// SPDX-License-Identifier: BSL-1.0
// The kernels of backend::native.
#pragma once
#include <cosmoml/kernels/blocks.hpp>
#include <cosmoml/kernels/circular.hpp>
#include <cosmoml/kernels/direct.hpp>
#include <cosmoml/kernels/direct_weight.hpp>
#include <cosmoml/kernels/error_function.hpp>
#include <cosmoml/kernels/exponential.hpp>
#include <cosmoml/kernels/hyperbolic.hpp>
#include <cosmoml/kernels/lanes.hpp>
#include <cosmoml/kernels/logarithm.hpp>
#include <cosmoml/kernels/logistic.hpp>
#include <cosmoml/kernels/pool.hpp>
#include <cosmoml/kernels/product.hpp>
#include <cosmoml/kernels/relayout.hpp>
#include <cosmoml/kernels/wavelet.hpp>
