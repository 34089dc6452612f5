// SPDX-License-Identifier: BSL-1.0
// DeepAdversaries: robustness of galaxy morphology classifiers. Ciprijanovic et al. 2022, arXiv 2112.14299.
#pragma once
#include <cosmoml/nn/dense.hpp>
#include <cosmoml/nn/dropout.hpp>
#include <cosmoml/nn/flatten.hpp>
#include <cosmoml/nn/global_pool.hpp>
#include <cosmoml/nn/resnet.hpp>

namespace cosmoml::inline COSMOML_ABI::papers::deepadversaries {

using namespace cosmoml::nn;

// region: networks
// Three colours of a square image in; logits of spiral, elliptical, merger out.
template <int Side, int Width = 8, int Latent = 256, int Classes = 3, class Norm = batch_norm<>>
using convnet = sequential<input<3, Side, Side>,
                           conv<Width, 5, conv_options{.padding = 2}>, Norm, relu, max_pool<2>,
                           conv<2 * Width, 3, conv_options{.padding = 1}>, Norm, relu, max_pool<2>,
                           conv<4 * Width, 3, conv_options{.padding = 1}>, Norm, relu, max_pool<2>,
                           flatten, dense<Latent>, dense<Classes>>;

template <int Side, int Width = 64, int Latent = 256, int Classes = 3, class Norm = batch_norm<>, class Drop = dropout<>>
using resnet18 = resnet::network_18<input<3, Side, Side>, Width, Norm, Drop, global_average_pool,
                                    named<"bottleneck", dense<Latent>>, named<"fc", dense<Classes>>>;
// end region
static_assert(convnet<100>::parameter_count == 1'187'203, "cosmoml: the ConvNet has the paper's parameter count");
static_assert(resnet18<100>::parameter_count == 11'308'611, "cosmoml: the ResNet18 has the paper's parameter count");

}
