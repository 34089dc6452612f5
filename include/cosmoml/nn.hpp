// SPDX-License-Identifier: BSL-1.0
// Networks as types.
#pragma once
#include <cosmoml/nn/batch_norm.hpp>
#include <cosmoml/nn/composites.hpp>
#include <cosmoml/nn/conv.hpp>
#include <cosmoml/nn/conv_transpose.hpp>
#include <cosmoml/nn/cross_entropy.hpp>
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/nn/dropout.hpp>
#include <cosmoml/nn/flatten.hpp>
#include <cosmoml/nn/global_pool.hpp>
#include <cosmoml/nn/identity.hpp>
#include <cosmoml/nn/inputs.hpp>
#include <cosmoml/nn/layer_norm.hpp>
#include <cosmoml/nn/mean_squared_error.hpp>
#include <cosmoml/nn/model.hpp>
#include <cosmoml/nn/named.hpp>
#include <cosmoml/nn/on.hpp>
#include <cosmoml/nn/pad.hpp>
#include <cosmoml/nn/parallel.hpp>
#include <cosmoml/nn/pool.hpp>
#include <cosmoml/nn/relu.hpp>
#include <cosmoml/nn/residual.hpp>
#include <cosmoml/nn/slice.hpp>
#include <cosmoml/nn/spatial_pool.hpp>
#include <cosmoml/nn/upsample.hpp>
