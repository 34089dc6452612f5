// SPDX-License-Identifier: BSL-1.0
#include "widths.hpp"

int main() {
  const cosmoml::ndarray<float> x(1, 10);
  const int labels[] = {1};
  return step<perceptron_of_widths<32>>(x, labels) > 0 ? 0 : 1;
}
