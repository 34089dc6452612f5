// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cmath>

namespace tests {

// The larger of two errors, where one that is not a number is larger than any: std::max would lose it.
inline double worse(double a, double b) { return b <= a ? a : std::isnan(b) ? HUGE_VAL : b; }

}
