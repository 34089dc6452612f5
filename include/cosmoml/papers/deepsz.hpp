// SPDX-License-Identifier: BSL-1.0
// DeepSZ: galaxy clusters in maps of the microwave sky. Lin, Huang, Avestruz, Wu, Trivedi, Caldeira, Nord 2021, arXiv 2102.13123.
#pragma once
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/nn/flatten.hpp>
#include <cosmoml/nn/resnet.hpp>

namespace cosmoml::inline COSMOML_ABI::papers::deepsz {

using namespace cosmoml::nn;

template <int Width, int Stride, resnet::first_block First, class Norm>
using block = resnet::bottleneck<Width, Stride, First, true, Norm>;
template <int Blocks, int Width, int Stride, class Norm>
using stage = resnet::stage<Blocks, block<Width, Stride, resnet::first_block::projected, Norm>, block<Width, 1, resnet::first_block::identity, Norm>>;

// region: network
// Maps at three frequencies around a position in; no cluster and cluster out, both through a ReLU as the authors have it.
template <int Side, int Width = 64, int Hidden = 256, class Norm = batch_norm<>>
using network = sequential<input<3, Side, Side>,
                           conv<Width, 3, conv_options{.padding = 1, .bias = false}>, Norm, relu,
                           conv<Width, 3, conv_options{.stride = 2, .padding = 1, .bias = false}>, Norm, relu, max_pool<2>,
                           named<"layer1", stage<3, Width, 1, Norm>>, named<"layer2", stage<4, 2 * Width, 2, Norm>>, named<"layer3", stage<6, 4 * Width, 2, Norm>>,
                           flatten, named<"norm", Norm>, named<"fc1", dense<Hidden>>, relu, named<"fc2", dense<Hidden>>, relu, named<"fc3", dense<2>>, relu>;
// end region
static_assert(network<32>::parameter_count == 9'695'938, "cosmoml: DeepSZ has the paper's parameter count");

}
