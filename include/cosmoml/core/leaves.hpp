// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

#include <type_traits>
#include <utility>

namespace cosmoml::inline COSMOML_ABI {

// A flat pack of values, one base class per index. Layers are kept in it and never in std::tuple, which costs six times
// the compile time and seven times the memory at 256 layers.
template <int I, class T>
struct leaf {
  using type = T;
  [[no_unique_address]] T value;   // not T value{}: clang 16 crashes on nested empty aggregates
};

template <class Indices, class... T>
struct leaves_of;
template <int... I, class... T>
struct leaves_of<std::integer_sequence<int, I...>, T...> : leaf<I, T>... {
  static constexpr int count = int(sizeof...(T));
};
template <class... T>
using leaves = leaves_of<std::make_integer_sequence<int, int(sizeof...(T))>, T...>;

namespace detail {
template <int I, class T>
leaf<I, T> find_leaf(const leaf<I, T>*);
}
template <int I, class Leaves>
using leaf_type = typename decltype(detail::find_leaf<I>(static_cast<const Leaves*>(nullptr)))::type;

template <int I, class T>
constexpr T& get(leaf<I, T>& l) {
  return l.value;
}
template <int I, class T>
constexpr const T& get(const leaf<I, T>& l) {
  return l.value;
}

template <int I>
using constant = std::integral_constant<int, I>;

// for_index<3>(f) calls f(constant<0>{}), f(constant<1>{}), f(constant<2>{}).
template <int N, class F>
constexpr void for_index(F&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) {
    (f(constant<I>{}), ...);
  }(std::make_integer_sequence<int, N>{});
}

}
