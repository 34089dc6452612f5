// SPDX-License-Identifier: BSL-1.0
#include "networks.hpp"

namespace examples {

trained train_convnet(const labelled& data, const training_plan& p, cosmoml::key k, cosmoml::train::progress_bar::observer& progress) {
  return data.side() == 32 ? train_once<convnet<32>>(data, p, k, progress) : train_once<convnet<28>>(data, p, k, progress);
}

}
