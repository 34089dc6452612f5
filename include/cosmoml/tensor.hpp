// SPDX-License-Identifier: BSL-1.0
// Tensors on backends and arrays on the host. The adaptors tensor/eigen.hpp and tensor/xtensor.hpp are included by those who use them.
#pragma once
#include <cosmoml/tensor/arena.hpp>
#include <cosmoml/tensor/ndarray.hpp>
#include <cosmoml/tensor/ndview.hpp>
#include <cosmoml/tensor/tensor.hpp>
