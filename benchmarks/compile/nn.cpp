// SPDX-License-Identifier: BSL-1.0
#include <cosmoml/nn.hpp>

#include <cosmoml/backend/native.hpp>
