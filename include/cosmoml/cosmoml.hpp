// SPDX-License-Identifier: BSL-1.0
// Everything that needs no other library (gzip files need zlib), for a first hour. Afterwards include what you use: it compiles faster.
#pragma once
#include <cosmoml/backend.hpp>
#include <cosmoml/core.hpp>
#include <cosmoml/io.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/nn/check_layer.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/papers/wavpool.hpp>
#include <cosmoml/tensor.hpp>
#include <cosmoml/train.hpp>
#include <cosmoml/version.hpp>
#include <cosmoml/wavelet.hpp>
