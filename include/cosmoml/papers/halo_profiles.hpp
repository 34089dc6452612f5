// SPDX-License-Identifier: BSL-1.0
// Discovering the building blocks of dark matter halo density profiles: the interpretable variational encoder.
// Lucie-Smith, Peiris, Pontzen, Nord, Thiyagalingam, Piras 2022, arXiv 2203.08827. Channel numbers are ours: the paper's are not public.
#pragma once
#include <cosmoml/nn/composites.hpp>
#include <cosmoml/nn/gaussian_sample.hpp>
#include <cosmoml/nn/inputs.hpp>
#include <cosmoml/nn/on.hpp>
#include <cosmoml/nn/variational_loss.hpp>
#include <cosmoml/papers/halo_formation.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::papers::halo_profiles {

using namespace cosmoml::nn;
using halo_formation::block;
using halo_formation::leaky;

// region: network
// The density in a cube around a halo, log10(rho / mean + 1); means and log variances of the latents out.
template <int Latents>
using encoder_32 = sequential<block<16>, block<16>, block<32>, block<32, false>, block<32, false>, flatten, dense<2 * Latents>>;
template <int Side, int Latents, class Encoder = encoder_32<Latents>>
using encoder = sequential<input<1, Side, Side, Side>, named<"", Encoder>>;

// A sample is a cube and one radius, scaled; its target is the log density there.
template <int Side>
using data = inputs<named<"cube", input<1, Side, Side, Side>>, named<"radius", input<1>>>;

template <int Latents, int... Hidden>
using decoder = sequential<parallel<join::concatenate, on<slice<0, 2 * Latents>, gaussian_sample>, slice<2 * Latents, 1>>, sequential<dense<Hidden>, leaky>..., dense<1>>;

// Both, and what the loss wants beside the density: means and log variances.
template <int Side, int Latents, class Encoder = encoder_32<Latents>, class Decoder = decoder<Latents, 40, 40, 20>>
using network = sequential<data<Side>,
                           named<"", merge<join::concatenate, named<"encoder", sequential<from<data<Side>, "cube">, named<"", Encoder>>>, from<data<Side>, "radius">>>,
                           named<"", heads<named<"decoder", Decoder>, named<"latents", slice<0, 2 * Latents>>>>>;
// end region
// region: loss
// The authors take the mean over latents, so that their beta is `Latents` times one of the sum.
template <int Latents>
constexpr variational_loss<Latents> loss(double beta) {
  return {.beta = beta, .mean_over_latents = true};
}
// Their beta after epoch e, counted from 0: it rises smoothly from `first` by 0.0002.
inline double beta_after(int epoch, double first = 1e-4) { return first * (1 + 1 / (first / 0.0002 + std::exp(9 - epoch / 3.2))); }
// end region
static_assert(encoder<32, 3>::parameter_count == 88'886, "cosmoml: the encoder with three latents has its parameter count");
static_assert(network<32, 3>::parameter_count == 88'886 + 40 * 5 + 40 * 41 + 20 * 41 + 21, "cosmoml: the decoder takes three latents and a radius");

}
