// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/halo_formation.hpp>
#include <cosmoml/papers/halo_profiles.hpp>

using namespace cosmoml::papers;

static const bool added = [] {
  constexpr cosmoml::optim::adam adam{{.learning_rate = 1e-4}};
  using loss = cosmoml::nn::mean_squared_error;
  peers::add_network<halo_formation::small, loss>("halo3d_19", 64, adam);
  peers::add_network<halo_formation::medium, loss>("halo3d_37", 16, adam);
  peers::add_network<halo_formation::paper, loss>("halo3d_75", 2, adam);
  peers::add_network<halo_profiles::encoder<32, 3>, loss>("ive_encoder_32", 16, adam);
  return true;
}();
