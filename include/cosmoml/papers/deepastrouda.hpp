// SPDX-License-Identifier: BSL-1.0
// DeepAstroUDA: semi-supervised universal domain adaptation for galaxy morphology. Ciprijanovic et al. 2023, arXiv 2302.02005.
#pragma once
#include <cosmoml/papers/deepadversaries.hpp>

namespace cosmoml::inline COSMOML_ABI::papers::deepastrouda {

using namespace cosmoml::nn;

// Gain, bias and statistics of the source and of the target survey kept apart: model.use_domain(0) and (1).
using domain_norm = batch_norm<batch_norm_options{.domains = 2}>;

// region: resnet50
template <int Side, int Width = 64, int Classes = 3, class Norm = batch_norm<>>
using resnet50 = resnet::network_50<input<3, Side, Side>, Width, Norm, global_average_pool, named<"fc", dense<Classes>>>;
// end region
template <int Side, int Width = 8, int Latent = 256, int Classes = 3, class Norm = batch_norm<>>
using convnet = deepadversaries::convnet<Side, Width, Latent, Classes, Norm>;
static_assert(resnet50<224>::parameter_count == 23'514'179, "cosmoml: the ResNet50 for three classes has the paper's parameter count");
static_assert(resnet50<224, 64, 10>::parameter_count == 23'528'522, "cosmoml: the ResNet50 for ten classes has the paper's parameter count");
static_assert(resnet50<224, 64, 3, domain_norm>::parameter_count == 23'514'179 + 53'120, "cosmoml: a second domain adds gain and bias of every norm");
static_assert(convnet<100>::parameter_count == 1'187'203, "cosmoml: the ConvNet has the paper's parameter count");

}
