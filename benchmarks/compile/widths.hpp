// SPDX-License-Identifier: BSL-1.0
#pragma once
#include "step.hpp"

#include <utility>

// A perceptron of so many hidden layers, no two of one width.
template <class Numbers>
struct hidden_layers;
template <int... I>
struct hidden_layers<std::integer_sequence<int, I...>> {
  template <class... Done>
  struct put {
    template <class... L>
    using last = cosmoml::nn::sequential<Done..., L...>;
  };
  template <class Done, int... W>
  struct grow;
  template <class... Done>
  struct grow<put<Done...>> {
    using type = cosmoml::nn::sequential<cosmoml::nn::input<10>, Done..., cosmoml::nn::dense<2>>;
  };
  template <class... Done, int W, int... Rest>
  struct grow<put<Done...>, W, Rest...> : grow<put<Done..., cosmoml::nn::dense<W>, cosmoml::nn::relu>, Rest...> {};
  using type = typename grow<put<>, 16 + I...>::type;
};
template <int Count>
using perceptron_of_widths = typename hidden_layers<std::make_integer_sequence<int, Count>>::type;
