// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/batch_norm.hpp>
#include <cosmoml/nn/conv.hpp>
#include <cosmoml/nn/named.hpp>
#include <cosmoml/nn/relu.hpp>
#include <cosmoml/nn/residual.hpp>
#include <cosmoml/nn/sequential.hpp>
#include <cosmoml/nn/spatial_pool.hpp>

#include <type_traits>

// The blocks of residual networks (He, Zhang, Ren, Sun 2016, arXiv 1512.03385), with the parameter names of torchvision's ResNets, so
// that their files load as they are.
namespace cosmoml::inline COSMOML_ABI::nn::resnet {

enum class first_block { identity, projected };

// What goes past the first block of a stage: a strided convolution of one element and its norm, or nothing where the shape stays.
template <int Channels, int Stride, first_block First, class Norm>
using shortcut = std::conditional_t<First == first_block::projected,
                                    named<"downsample", sequential<conv<Channels, 1, conv_options{.stride = Stride, .bias = false}>, Norm>>, identity>;

// region: basic
// Two convolutions of three elements.
template <int Channels, int Stride = 1, first_block First = first_block::identity, class Norm = batch_norm<>>
using basic = sequential<
    named<"", residual<named<"", sequential<named<"conv1", conv<Channels, 3, conv_options{.stride = Stride, .padding = 1, .bias = false}>>, named<"bn1", Norm>, relu,
                                            named<"conv2", conv<Channels, 3, conv_options{.padding = 1, .bias = false}>>, named<"bn2", Norm>>>,
                       shortcut<Channels, Stride, First, Norm>>>,
    relu>;
// end region

// Three: to Width channels, three elements wide, to 4 Width. The stride is the second one's, or the first one's as in the paper.
template <int Width, int Stride = 1, first_block First = first_block::identity, bool StrideFirst = false, class Norm = batch_norm<>>
using bottleneck = sequential<
    named<"", residual<named<"", sequential<named<"conv1", conv<Width, 1, conv_options{.stride = StrideFirst ? Stride : 1, .bias = false}>>, named<"bn1", Norm>, relu,
                                            named<"conv2", conv<Width, 3, conv_options{.stride = StrideFirst ? 1 : Stride, .padding = 1, .bias = false}>>, named<"bn2", Norm>, relu,
                                            named<"conv3", conv<4 * Width, 1, conv_options{.bias = false}>>, named<"bn3", Norm>>>,
                       shortcut<4 * Width, Stride, First, Norm>>>,
    relu>;

namespace detail {
template <class First, class Rest, class Count>
struct stage_of;
template <class First, class Rest, int... I>
struct stage_of<First, Rest, std::integer_sequence<int, I...>> {
  template <int>
  using again = Rest;
  using type = sequential<First, again<I>...>;
};
}
// So many blocks, the first as given, the others alike.
template <int Count, class First, class Rest>
using stage = typename detail::stage_of<First, Rest, std::make_integer_sequence<int, Count - 1>>::type;

// Seven elements wide, every second one, and a pooling that does the same.
template <int Channels, class Norm = batch_norm<>>
using stem = sequential<named<"conv1", conv<Channels, 7, conv_options{.stride = 2, .padding = 3, .bias = false}>>, named<"bn1", Norm>, relu,
                        max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>>;

// A network with Width channels first, 64 in the paper, from an input to what follows the last block: one list, since the plan sees further
// in one than in several.
template <class Input, int Width, class Norm, class... Head>
using network_18 = sequential<Input, named<"", stem<Width, Norm>>,
                            named<"layer1", stage<2, basic<Width, 1, first_block::identity, Norm>, basic<Width, 1, first_block::identity, Norm>>>,
                            named<"layer2", stage<2, basic<2 * Width, 2, first_block::projected, Norm>, basic<2 * Width, 1, first_block::identity, Norm>>>,
                            named<"layer3", stage<2, basic<4 * Width, 2, first_block::projected, Norm>, basic<4 * Width, 1, first_block::identity, Norm>>>,
                            named<"layer4", stage<2, basic<8 * Width, 2, first_block::projected, Norm>, basic<8 * Width, 1, first_block::identity, Norm>>>, Head...>;
template <class Input, int Width, class Norm, class... Head>
using network_50 = sequential<Input, named<"", stem<Width, Norm>>,
                            named<"layer1", stage<3, bottleneck<Width, 1, first_block::projected, false, Norm>, bottleneck<Width, 1, first_block::identity, false, Norm>>>,
                            named<"layer2", stage<4, bottleneck<2 * Width, 2, first_block::projected, false, Norm>, bottleneck<2 * Width, 1, first_block::identity, false, Norm>>>,
                            named<"layer3", stage<6, bottleneck<4 * Width, 2, first_block::projected, false, Norm>, bottleneck<4 * Width, 1, first_block::identity, false, Norm>>>,
                            named<"layer4", stage<3, bottleneck<8 * Width, 2, first_block::projected, false, Norm>, bottleneck<8 * Width, 1, first_block::identity, false, Norm>>>, Head...>;

}
