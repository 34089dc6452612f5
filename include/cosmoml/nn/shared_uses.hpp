// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// One place where a shared layer stands, and what it takes there.
template <class Shared, class In>
struct shared_use {
  using layer = Shared;
  using input = In;
};
template <class... Use>
struct use_list {};

template <class... List>
struct joined_uses {
  using type = use_list<>;
};
template <class... A>
struct joined_uses<use_list<A...>> {
  using type = use_list<A...>;
};
template <class... A, class... C, class... Rest>
struct joined_uses<use_list<A...>, use_list<C...>, Rest...> : joined_uses<use_list<A..., C...>, Rest...> {};

// The shared layers inside a layer that takes In, in the order in which they run.
template <class L, class In, bool Any = shares_of<L>()>
struct shared_uses_of {
  using type = use_list<>;
};
template <class L, class In>
struct shared_uses_of<L, In, true> {
  using type = typename L::template shared_uses<In>::type;
};

namespace detail {
// Is a second use of a shared layer one of the same parameters as the first? Blocks of layers are where they take the same shape.
template <class A, class B>
constexpr bool same_parameters = false;
template <class Shared, class In, class Other>
constexpr bool same_parameters<shared_use<Shared, In>, shared_use<Shared, Other>> = [] {
  using body = typename Shared::body;
  if constexpr (Composite<body>) return In::value == Other::value;
  else {
    constexpr auto one = body::fields(In::value), two = body::fields(Other::value);
    for (std::size_t j = 0; j < one.size(); ++j)
      if (one[j].shape != two[j].shape) return false;
    return true;
  }
}();
}

// What a network's shared layers are: which use is the first of its name, and what is wrong with them.
template <class List>
struct shared_layers;
template <class... Use>
struct shared_layers<use_list<Use...>> {
  static constexpr int count = int(sizeof...(Use));
  template <int I>
  using use = leaf_type<I, leaves<Use...>>;
  struct first_uses {
    static constexpr auto of = [] {
      const std::string_view names[] = {Use::layer::name.view()..., ""};
      std::array<int, sizeof...(Use) + 1> f{};
      for (int i = 0; i < count; ++i)
        for (f[std::size_t(i)] = 0; names[f[std::size_t(i)]] != names[i];) ++f[std::size_t(i)];
      return f;
    }();
  };
  static constexpr int first(int i) { return first_uses::of[std::size_t(i)]; }
  static constexpr int uses_of(int i) {
    int n = 0;
    for (int j = i; j < count; ++j) n += first(j) == i;
    return n;
  }
  static constexpr int wrong = [] {
    int found = -1;
    for_index<count>([&](auto i) {
      if constexpr (first(i) != i)
        if (found < 0 && !detail::same_parameters<use<i>, use<first(i)>>) found = i;
    });
    return found;
  }();
  template <int I>
  struct said {
    using type = layers_shared_under_one_name_differ<typename use<I>::layer, typename use<first(I)>::layer>;
  };
  template <int I>
    requires(I < 0)
  struct said<I> {
    using type = no_mistake;
  };
  using verdict = typename said<wrong>::type;

  // visitor.operator()<use number>() for the first use of each name.
  template <class V>
  static constexpr void for_first(V&& visitor) {
    for_index<count>([&](auto i) {
      if constexpr (first(i) == i) visitor(i);
    });
  }
  static constexpr index_t parameter_count() {
    index_t n = 0;
    for_first([&](auto i) { n += nn::parameter_count<typename use<i>::layer::body>(use<i>::input::value); });
    return n;
  }

  // In the flat buffers of backend B, whose own layers take `parameters` and `statistics` elements: the shared ones lie behind them.
  template <class B, index_t Parameters, index_t Statistics>
  struct places {
    static constexpr auto at = [] {
      std::array<plan::shared_place, sizeof...(Use) + 1> p{};   // the last one says where they end
      index_t parameters = Parameters, statistics = Statistics;
      for_first([&](auto i) {
        using body = typename use<i>::layer::body;
        p[std::size_t(i)] = {use<i>::layer::name.view(), parameters, statistics};
        parameters += nn::stored_size<B, body, typename use<i>::input, true>();
        statistics += nn::stored_size<B, body, typename use<i>::input, false>();
      });
      p[std::size_t(count)] = {"", parameters, statistics};
      return p;
    }();
  };
};

}
