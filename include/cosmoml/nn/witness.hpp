// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/shape.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A wrong composition is one error with one sentence. Each kind of mistake is a witness: a struct whose name says what is wrong,
// whose arguments say where, and whose static_assert says what to do:
//
//   dense_needs_a_flat_input<at<2, dense<10>>, after<1, relu>, shape<8, 26, 26>>
//
// is layer 2, dense<10>, which follows layer 1, relu, and is offered samples of shape (8, 26, 26). Layers count from 0 behind the
// input, as in parameter names and in summary().
template <int Index, class Layer>
struct at {};
template <int Index, class Layer>
struct after {};
struct at_the_start {};   // nothing stands before the first layer of a block

template <class...>
inline constexpr bool never = false;

template <class At, class After, class Given>
struct layer_rejects_its_input {
  static_assert(never<At>, "cosmoml: this layer cannot take the shape that the layer before it gives");
};
template <class Net>
struct network_without_input {
  static_assert(never<Net>, "cosmoml: a network begins with its input; write sequential<input<28, 28>, ...>");
};
template <class Net>
struct network_without_layers {
  static_assert(never<Net>, "cosmoml: a network has at least one layer behind its input");
};

template <class Shared, class First>
struct layers_shared_under_one_name_differ {
  static_assert(never<Shared>, "cosmoml: two layers that are shared under one name differ, or take inputs for which their parameters differ; give one of them another name");
};

// What a sound composition derives from.
struct no_mistake {};

}
