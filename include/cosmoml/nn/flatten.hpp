// SPDX-License-Identifier: BSL-1.0
// flatten is reshape's special case.
#pragma once
#include <cosmoml/nn/reshape.hpp>
