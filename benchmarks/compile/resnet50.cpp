// SPDX-License-Identifier: BSL-1.0
// DeepAstroUDA's ResNet50 for 224 pixels, trained.
#include "step.hpp"

#include <cosmoml/papers/deepastrouda.hpp>

int main() {
  const cosmoml::ndarray<float> x(2, 3, 224, 224);
  const int labels[] = {0, 1};
  return step<cosmoml::papers::deepastrouda::resnet50<224>>(x, labels) > 0 ? 0 : 1;
}
