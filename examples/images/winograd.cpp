// SPDX-License-Identifier: BSL-1.0
#include "networks.hpp"

namespace examples {

template <int Width>
trained with(bool winograd, const labelled& data, const training_plan& p, cosmoml::key k, cosmoml::train::progress_bar::observer& progress) {
  constexpr cosmoml::rewrites direct{.winograd = false};
  return winograd ? train_once<convnet<28, Width>>(data, p, k, progress) : train_once<convnet<28, Width>, direct>(data, p, k, progress);
}

trained train_convnet_with(bool winograd, int width, const labelled& data, const training_plan& p, cosmoml::key k, cosmoml::train::progress_bar::observer& progress) {
  return width == 8 ? with<8>(winograd, data, p, k, progress) : with<32>(winograd, data, p, k, progress);
}

}
