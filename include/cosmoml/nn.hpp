// SPDX-License-Identifier: BSL-1.0
// Networks as types.
#pragma once
#include <cosmoml/nn/cross_entropy.hpp>
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/nn/flatten.hpp>
#include <cosmoml/nn/mean_squared_error.hpp>
#include <cosmoml/nn/model.hpp>
#include <cosmoml/nn/named.hpp>
#include <cosmoml/nn/on.hpp>
#include <cosmoml/nn/parallel.hpp>
#include <cosmoml/nn/pool.hpp>
#include <cosmoml/nn/relu.hpp>
#include <cosmoml/nn/slice.hpp>
