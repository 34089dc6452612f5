// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using small = sequential<input<2>, dense<100>, relu, dense<100>, relu, dense<2>>;
using linear = sequential<input<28, 28>, flatten, dense<273>, dense<10>>;
constexpr optim::sgd sgd{{.learning_rate = 0.1}};
constexpr rewrites as_written{.reassociate = false};

const bool added = [] {
  peers::add_network<small, mean_squared_error>("mlp_2_100_100_2", 128, optim::adam{{.learning_rate = 1e-4}});
  peers::add_training<linear, cross_entropy, linear, backend::native<peers::scalar>, as_written>("mlp_784_273_10/train", "mlp_784_273_10", 640, sgd);
  peers::add_training<linear, cross_entropy>("mlp_784_273_10/train_reassociated", "mlp_784_273_10", 640, sgd);
  peers::add_prediction<linear, cross_entropy>("mlp_784_273_10", "mlp_784_273_10", 640);
  peers::add_one<linear, cross_entropy, backend::native<float>, as_written>("mlp_784_273_10/predict1_as_written", "mlp_784_273_10", 640);
  return true;
}();
}
