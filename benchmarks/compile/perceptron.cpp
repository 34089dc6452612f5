// SPDX-License-Identifier: BSL-1.0
// The 2-100-100-2 perceptron, trained.
#include "step.hpp"

using namespace cosmoml::nn;
using net = sequential<input<2>, dense<100>, relu, dense<100>, relu, dense<2>>;

int main() {
  const cosmoml::ndarray<float> x(2, 2);
  const int labels[] = {0, 1};
  return step<net>(x, labels) > 0 ? 0 : 1;
}
