// SPDX-License-Identifier: BSL-1.0
// DeepAdversaries' ResNet18 for 100 pixels, trained.
#include "step.hpp"

#include <cosmoml/papers/deepadversaries.hpp>

int main() {
  const cosmoml::ndarray<float> x(2, 3, 100, 100);
  const int labels[] = {0, 1};
  return step<cosmoml::papers::deepadversaries::resnet18<100>>(x, labels) > 0 ? 0 : 1;
}
