// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/rules.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// shapes[i] is what layer i takes, shapes[n] what the last one gives; broken from the first mistake on.
template <class... L>
constexpr std::array<extents, sizeof...(L) + 1> walk(extents in) {
  std::array<extents, sizeof...(L) + 1> at{in};
  std::size_t i = 0;
  ((at[i + 1] = at[i].is_broken() ? at[i] : L::output(at[i]), ++i), ...);
  return at;
}
// live[i]: the leading box of edge i that anybody reads if the box `live_out` of the last is.
template <class... L>
constexpr std::array<extents, sizeof...(L) + 1> live_walk(const std::array<extents, sizeof...(L) + 1>& shapes, extents live_out) {
  std::array<extents, sizeof...(L) + 1> at{};
  extents (*const before[])(extents, extents) = {&nn::live_input<L>...};
  at[sizeof...(L)] = live_out;
  for (std::size_t i = sizeof...(L); i-- > 0;) at[i] = before[i](shapes[i], at[i + 1]);
  return at;
}
// Of each edge: all that either neighbour wishes, shared across element-wise layers.
template <class... L>
constexpr std::array<edge_request, sizeof...(L) + 1> spread_wishes(const std::array<extents, sizeof...(L) + 1>& shapes) {
  std::array<edge_request, sizeof...(L) + 1> r{};
  std::size_t i = 0;
  const std::array<nn::edge_wishes, sizeof...(L)> w{nn::wishes_of<L>(shapes[i++])...};
  for (i = 0; i < w.size(); ++i) r[i] = r[i].merged(w[i].in), r[i + 1] = r[i + 1].merged(w[i].out);
  for (i = 0; i < w.size(); ++i)
    if (w[i].same) r[i + 1] = r[i + 1].merged(r[i]);
  for (i = w.size(); i-- > 0;)
    if (w[i].same) r[i] = r[i].merged(r[i + 1]);
  return r;
}
// Which edges are the list's own business: between them and either end lies a layer whose two edges need not be stored alike.
template <class... L>
constexpr std::array<bool, sizeof...(L) + 1> inner_edges(const std::array<extents, sizeof...(L) + 1>& shapes) {
  constexpr int n = int(sizeof...(L));
  std::array<bool, sizeof...(L) + 1> inner{};
  std::size_t i = 0;
  const std::array<bool, sizeof...(L)> same{nn::wishes_of<L>(shapes[i++]).same...};
  for (int k = 1; k < n; ++k) {
    bool before = false, behind = false;
    for (int j = 0; j < k; ++j) before = before || !same[std::size_t(j)];
    for (int j = k; j < n; ++j) behind = behind || !same[std::size_t(j)];
    inner[std::size_t(k)] = before && behind;
  }
  return inner;
}
// The box of an edge as passes name it: that of Holder::shapes[I], or everything.
template <class Holder, int I, bool All>
struct box {
  using type = shape_at<Holder, I>;
};
template <class Holder, int I>
struct box<Holder, I, true> {
  using type = everything;
};
template <class Live>
constexpr extents live_box(extents all) {
  if constexpr (std::same_as<Live, everything> || std::same_as<Live, chosen>) return all;
  else return Live::value;
}
template <class In, class... L>
struct walked {
  static constexpr auto shapes = walk<L...>(In::value);
};

// A list of layers on a backend, as far as it does not depend on the pass.
template <class B, class In, class... L>
struct chain_form {
  static constexpr int layer_count = int(sizeof...(L));
  using layers = leaves<L...>;
  using indices = std::make_integer_sequence<int, layer_count>;
  static constexpr auto shapes = walked<In, L...>::shapes;
  static constexpr nn::kind ends_in = (nn::kind_of<L>(true), ...);
  template <int I>
  using shape = shape_at<walked<In, L...>, I>;
  template <int I>
  using layer = leaf_type<I, layers>;

  // Of each layer's first parameter, or first statistic, in its flat buffer.
  template <bool Trained>
  struct places {
    static constexpr auto offsets = [] {
      std::array<index_t, std::size_t(layer_count) + 1> at{};
      [&]<int... I>(std::integer_sequence<int, I...>) { ((at[I + 1] = at[I] + nn::stored_size<B, L, shape<I>, Trained>()), ...); }(indices{});
      return at;
    }();
  };
  static constexpr auto offsets = places<true>::offsets, statistics_offsets = places<false>::offsets;

  // Of each edge: all that either neighbour wishes, shared across element-wise layers.
  static constexpr auto requests = spread_wishes<L...>(shapes);
  static constexpr auto inner = inner_edges<L...>(shapes);
  static constexpr int request(int edge, bool batched) { return (batched && inner[std::size_t(edge)] ? requests[std::size_t(edge)].in_training() : requests[std::size_t(edge)]).code(); }
};

struct planned_step {
  int first = 0, layers = 0, rule = 0;
};
template <int N>
struct step_list {
  planned_step steps[N + 1];   // behind the last step, one that says where the layers end
  int count = 0;
};
template <int N, class Indices, class... Rule>
constexpr step_list<N> make_steps(const nn::kind* kinds, const extents* shapes, rewrites allowed, bool choose, const leaves_of<Indices, Rule...>*) {
  step_list<N> p{};
  for (int i = 0; i < N; i += p.steps[p.count++].layers) {
    const int takes[] = {Rule::takes(ahead{kinds + i, shapes + i, N - i, choose}, allowed)...};
    int rule = 0;
    while (takes[rule] == 0) ++rule;
    p.steps[p.count] = {i, takes[rule], rule};
  }
  p.steps[p.count] = {N, 0, 0};
  return p;
}

// The edge before the first step is x, the one behind the last is y (or their gradients); all others lie in the arena.
template <bool First, bool Last, class Edge, class S, class X, class Y>
auto pick(X x, Y y, S* data, index_t batch) {
  if constexpr (First) return x;
  else if constexpr (Last) return y;
  else return Edge{data, batch};
}

}
