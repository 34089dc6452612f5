// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

namespace cosmoml::inline COSMOML_ABI {

enum class interpolation { nearest, linear };

// Result o of an axis reads elements first and first + 1 with weights 1 - fraction and fraction: PyTorch's rule with
// align_corners = False, elements at the middle of their cells, the outermost repeated.
struct two_taps {
  int first;
  double fraction;
};
COSMOML_HD constexpr two_taps linear_taps(int o, int n, int factor) {
  const double at = (o + 0.5) / factor - 0.5;
  if (at <= 0) return {0, 0};
  const int first = int(at);
  return first + 1 < n ? two_taps{first, at - first} : two_taps{n - 1, 0};
}

}
