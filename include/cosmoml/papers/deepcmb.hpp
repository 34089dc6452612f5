// SPDX-License-Identifier: BSL-1.0
// DeepCMB: lensing reconstruction of the cosmic microwave background with deep neural networks. Caldeira, Wu, Nord, Avestruz, Trivedi,
// Story 2019, arXiv 1810.01483; the graph is that of its successor's published network.
#pragma once
#include <cosmoml/nn/batch_norm.hpp>
#include <cosmoml/nn/composites.hpp>
#include <cosmoml/nn/conv.hpp>
#include <cosmoml/nn/dropout.hpp>
#include <cosmoml/nn/named.hpp>
#include <cosmoml/nn/residual.hpp>
#include <cosmoml/nn/selu.hpp>
#include <cosmoml/nn/upsample.hpp>

namespace cosmoml::inline COSMOML_ABI::papers::deepcmb {

using namespace cosmoml::nn;

// The authors' framework: momentum 0.99 of the old value, epsilon 1e-3.
using norm = batch_norm<batch_norm_options{.momentum = 0.01, .epsilon = 1e-3}>;
using drop = dropout<dropout_options{.rate = 0.3}>;

// region: network
// A convolution five elements wide with what belongs to it; after an upsampling, or not.
template <int Channels, int Stride = 1, class Norm = norm>
using first_block = sequential<named<"conv", conv<Channels, 5, conv_options{.stride = Stride, .padding = 2}>>, selu, named<"bn", Norm>>;
template <int Channels, int Stride = 1, class Norm = norm, class Drop = drop>
using block = sequential<Drop, named<"", first_block<Channels, Stride, Norm>>>;
template <int Channels, class Norm = norm, class Drop = drop>
using up_block = sequential<upsample<2>, named<"", block<Channels, 1, Norm, Drop>>>;

// The sum of two blocks and the norm of a shortcut.
template <class A, class B, class Short, class Norm = norm>
using unit = residual<named<"", sequential<named<"a", A>, named<"b", B>>>, named<"", sequential<named<"short", Short>, named<"bn", Norm>>>>;

// The stages below the skip connection S1, from (a, x), the first block of the second encoder unit and what entered it, to maps of the
// full size again.
template <int W, class Norm, class Drop>
using inner = sequential<
    named<"e2", residual<named<"b", on<slice<0, W>, block<2 * W, 2, Norm, Drop>>>,
                         named<"", on<slice<W, W>, sequential<named<"short", conv<2 * W, 1, conv_options{.stride = 2}>>, named<"bn", Norm>>>>>>,
    named<"e3", unit<block<2 * W, 1, Norm, Drop>, block<2 * W, 1, Norm, Drop>, identity, Norm>>,
    named<"", parallel<join::concatenate,   // the bridge, and past it the skip connection S2
                       named<"", residual<named<"", sequential<named<"br1", block<4 * W, 2, Norm, Drop>>, named<"br2", up_block<2 * W, Norm, Drop>>>>, named<"br_bn", Norm>>>, identity>>,
    named<"d1", unit<block<2 * W, 1, Norm, Drop>, block<2 * W, 1, Norm, Drop>, conv<2 * W, 1>, Norm>>, upsample<2>>;

template <int W, class Norm, class Drop>
using head = sequential<named<"", residual<named<"0", on<slice<0, W>, block<W, 1, Norm, Drop>>>, named<"1", on<slice<W, W>, Norm>>>>,
                        named<"2", block<W, 1, Norm, Drop>>, Drop, named<"3", conv<1, 5, conv_options{.padding = 2}>>, named<"4", Norm>>;

// Maps of Q and U in; as many maps as heads out, one channel each.
template <int Side, int W = 64, class Norm = norm, class Drop = drop>
using resunet = sequential<
    input<2, Side, Side>, named<"e1", unit<first_block<W, 1, Norm>, block<W, 1, Norm, Drop>, conv<W, 1>, Norm>>,
    named<"", parallel<join::concatenate, named<"e2.a", block<W, 1, Norm, Drop>>, identity>>,
    named<"", parallel<join::concatenate, named<"", inner<W, Norm, Drop>>, slice<0, W>>>,
    named<"", residual<named<"", sequential<named<"", parallel<join::concatenate, named<"d2u", on<slice<0, 2 * W>, block<W, 1, Norm, Drop>>>, slice<2 * W, W>>>, named<"d2c", block<W, 1, Norm, Drop>>>>,
                       named<"", on<slice<0, 2 * W>, sequential<named<"d2s", conv<W, 1>>, named<"d2bn", Norm>>>>>>,
    named<"", parallel<join::concatenate, named<"d3", block<W, 1, Norm, Drop>>, identity>>,
    named<"heads", parallel<join::concatenate, head<W, Norm, Drop>, head<W, Norm, Drop>>>>;
// end region
static_assert(resunet<128>::parameter_count == 5'080'198, "cosmoml: the ResUNet with two heads has the paper's parameter count");

}
