// SPDX-License-Identifier: BSL-1.0
// Deep learning insights into cosmological structure formation: halo masses from the initial density field.
// Lucie-Smith, Peiris, Pontzen, Nord, Thiyagalingam 2020, arXiv 2011.10577.
#pragma once
#include <cosmoml/nn/conv.hpp>
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/nn/flatten.hpp>
#include <cosmoml/nn/leaky_relu.hpp>
#include <cosmoml/nn/sequential.hpp>
#include <cosmoml/nn/spatial_pool.hpp>

#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::papers::halo_formation {

using namespace cosmoml::nn;

// region: network
using leaky = leaky_relu<leaky_relu_options{.slope = 0.03}>;

// Three elements wide, the map keeps its side; where a pooling follows, odd sides round up.
template <int Channels, bool Pooled = true>
using block = std::conditional_t<Pooled, sequential<conv<Channels, 3, conv_options{.padding = same}>, leaky, max_pool<2, spatial_pool_options{.ceil = true}>>,
                                 sequential<conv<Channels, 3, conv_options{.padding = same}>, leaky>>;

// The density contrast in a cube of Side^3 cells around a particle in; the scaled log mass of its halo out.
template <int Side, int First, int... Channels>
using network = sequential<input<1, Side, Side, Side>, block<First, false>, block<Channels>...,
                           flatten, dense<256>, leaky, dense<128>, leaky, dense<1>>;
// end region

using paper = network<75, 32, 32, 64, 128, 128, 128>;
using medium = network<37, 16, 16, 32, 64>;
using small = network<19, 8, 8, 16>;
static_assert(paper::parameter_count == 2'108'257, "cosmoml: the network has the paper's parameter count, the width of its loss apart");
static_assert(medium::parameter_count == 2'157'873 && small::parameter_count == 550'713, "cosmoml: the smaller networks have their parameter counts");

}
