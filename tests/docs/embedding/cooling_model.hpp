// A network that several translation units of a program use.
// region: declaration
#pragma once
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>

using cooling_net = cosmoml::nn::sequential<cosmoml::nn::input<4>, cosmoml::nn::dense<32>, cosmoml::nn::relu, cosmoml::nn::dense<32>,
                                            cosmoml::nn::relu, cosmoml::nn::dense<2>>;
using cooling_model = cosmoml::nn::model<cooling_net, cosmoml::backend::native<float>>;
extern template class cosmoml::nn::model<cooling_net, cosmoml::backend::native<float>>;   // compiled in cooling_model.cpp
// end region
