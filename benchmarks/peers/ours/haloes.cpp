// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

#include <cosmoml/papers/halo_formation.hpp>
#include <cosmoml/papers/halo_profiles.hpp>

using namespace cosmoml;
using namespace cosmoml::papers;

namespace {
// The decoder sees the latents' means, as it does in a prediction: no draws.
using undrawn = halo_profiles::network<32, 3, halo_profiles::encoder_32<3>,
                                       nn::sequential<nn::parallel<nn::join::concatenate, nn::slice<0, 3>, nn::slice<6, 1>>, nn::sequential<nn::dense<40>, halo_profiles::leaky>,
                                                      nn::sequential<nn::dense<40>, halo_profiles::leaky>, nn::sequential<nn::dense<20>, halo_profiles::leaky>, nn::dense<1>>>;
}

static const bool added = [] {
  constexpr optim::adam adam{{.learning_rate = 1e-4}};
  using loss = nn::mean_squared_error;
  peers::add_network<halo_formation::small, loss>("halo3d_19", 64, adam);
  peers::add_network<halo_formation::medium, loss>("halo3d_37", 16, adam);
  peers::add_network<halo_formation::paper, loss>("halo3d_75", 2, adam);
  peers::add_network<halo_profiles::encoder<32, 3>, loss>("ive_encoder_32", 16, adam);
  peers::add_network<halo_profiles::network<32, 3>, nn::variational_loss<3>, undrawn>("ive_32", 16, adam);
  return true;
}();
