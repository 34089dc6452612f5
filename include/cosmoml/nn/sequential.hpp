// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/input.hpp>
#include <cosmoml/nn/shared_uses.hpp>
#include <cosmoml/plan/chain.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

namespace detail {

// The first layer that cannot take what it is offered, as the witness to derive from: deriving makes its sentence appear.
template <class Start, class In, class... L>
struct verdict {
  static constexpr int position = [] {
    constexpr auto shapes = plan::walked<In, L...>::shapes;
    for (int i = 0; i < int(sizeof...(L)); ++i)
      if (!shapes[std::size_t(i)].is_broken() && shapes[std::size_t(i) + 1].is_broken()) return i;
    return -1;
  }();
  template <int I, class Layers>
  struct before {
    using type = after<I - 1, leaf_type<I - 1, Layers>>;
  };
  template <class Layers>
  struct before<0, Layers> {
    using type = Start;
  };
  template <int I, class Layers>   // a class, not a function with if constexpr: nvcc's front end crashes on that here
  struct said {
    using type = typename leaf_type<I, Layers>::template mistake<I, typename before<I, Layers>::type, shape_at<plan::walked<In, L...>, I>>;
  };
  template <class Layers>
  struct said<-1, Layers> {
    using type = no_mistake;
  };
  using type = typename said<position, leaves<L...>>::type;
};

// The shared layers of a list of layers, each with what it takes there.
template <class In, bool Any, class... L>
struct uses_along {
  using type = use_list<>;
};
template <class In, class... L>
struct uses_along<In, true, L...> {
  template <class Indices>
  struct all;
  template <int... I>
  struct all<std::integer_sequence<int, I...>> : joined_uses<typename shared_uses_of<L, shape_at<plan::walked<In, L...>, I>>::type...> {};
  using type = typename all<std::make_integer_sequence<int, int(sizeof...(L))>>::type;
};

// Of a whole network: also whether what it shares fits together.
template <class Mistake, class In, class... L>
struct network_verdict {
  using type = Mistake;
};
template <class In, class... L>
  requires(shares_of<L>() || ...)
struct network_verdict<no_mistake, In, L...> {
  using type = typename shared_layers<typename uses_along<In, true, L...>::type>::verdict;
};

}

// A list of layers. With an input first it is a network; without one, a block that may stand anywhere in a network.
template <class... L>
struct sequential {
  static constexpr bool is_composite = true, is_network = false;
  static constexpr int count = int(sizeof...(L));
  // What only changes its shape may leave the output of the layer before it where its own lies.
  static constexpr int last_at_work = [] {
    const bool relabels[] = {kind_of<L>(true) == kind::relabel...};
    int i = count - 1;
    while (i > 0 && relabels[i]) --i;
    return i;
  }();
  static constexpr bool reads_output = [] {
    const bool reads[] = {reads_output_of<L>()...};
    return reads[last_at_work];
  }();
  static constexpr bool spares_dy = [] {
    const bool spares[] = {nn::spares_dy<L>()...};
    return spares[last_at_work];
  }();
  static constexpr bool reads_input = [] {
    const bool reads[] = {reads_input_of<L>()...}, relabels[] = {kind_of<L>(true) == kind::relabel...};
    int i = 0;
    while (i + 1 < count && relabels[i]) ++i;
    return reads[i];
  }();
  static constexpr bool shares = (shares_of<L>() || ...);
  template <class In>
  using shared_uses = detail::uses_along<In, shares, L...>;
  leaves<L...> layers;

  static constexpr extents output(extents in) { return plan::walk<L...>(in).back(); }
  template <int Index, class Before, class In>
  using mistake = typename detail::verdict<Before, In, L...>::type;   // inside a block, layers count from 0 again
  static constexpr edge_wishes wishes(extents in) {
    const auto shapes = plan::walk<L...>(in);
    const auto r = plan::spread_wishes<L...>(shapes);
    std::size_t i = 0;
    return {.in = r.front(), .out = r.back(), .same = (wishes_of<L>(shapes[i++]).same && ...)};
  }
  static constexpr index_t parameter_count(extents in) {
    const auto shapes = plan::walk<L...>(in);
    index_t n = 0;
    std::size_t i = 0;
    ((n += nn::parameter_count<L>(shapes[i++])), ...);
    return n;
  }

  // live[i]: the leading box of edge i that anybody reads.
  static constexpr std::array<extents, std::size_t(count) + 1> live_edges(extents in, extents live_out) {
    return plan::live_walk<L...>(plan::walk<L...>(in), live_out);
  }
  static constexpr extents live(extents in, extents live_out) { return live_edges(in, live_out)[0]; }
  static constexpr index_t dead_parameters(extents in, extents live_out) {
    const auto shapes = plan::walk<L...>(in);
    const auto alive = live_edges(in, live_out);
    index_t n = 0;
    std::size_t i = 0;
    ((n += nn::dead_parameters<L>(shapes[i], alive[i + 1]), ++i), ...);
    return n;
  }
  static std::string label() { return "sequential"; }

  template <class In>
  static constexpr layer_behaviour behaviour_of() {
    return []<int... I>(std::integer_sequence<int, I...>) { return (layer_behaviour{} | ... | nn::behaviour_of<L, shape_at<plan::walked<In, L...>, I>>()); }(std::make_integer_sequence<int, count>{});
  }
  template <class B, class In, bool Trained = true>
  static constexpr index_t stored_size() {
    using form = plan::chain_form<B, In, L...>;
    return Trained ? form::offsets.back() : form::statistics_offsets.back();
  }
  template <class B, class In, bool Trained>
  static void visit(const std::string& path, index_t base, field_visitor visitor) {
    using form = plan::chain_form<B, In, L...>;
    constexpr auto at = Trained ? form::offsets : form::statistics_offsets;
    [&]<int... I>(std::integer_sequence<int, I...>) {
      (visit_part<B, L, typename form::template shape<I>, Trained>(path, I, base + at[I], visitor), ...);
    }(std::make_integer_sequence<int, count>{});
  }
  template <class In, class Live>
  struct alive {
    static constexpr auto shapes = live_edges(In::value, Live::value);
  };
  template <class In, class Live, class V>
  static void visit_layers(V&& visitor, int depth) {
    [&]<int... I>(std::integer_sequence<int, I...>) {
      (describe_layer<L, shape_at<plan::walked<In, L...>, I>, shape_at<alive<In, Live>, I + 1>>(visitor, depth, path_name<L>(I)), ...);
    }(std::make_integer_sequence<int, count>{});
  }

  template <class Pass, class In, class V>
  static void visit_plan(V&& visitor, plan::nested where) {
    plan::chain<Pass, In, L...>::visit_plan(visitor, where);
  }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    auto y = x;
    [&]<int... I>(std::integer_sequence<int, I...>) { ((y = g.template layer<L, shape_at<plan::walked<In, L...>, I>>(path_name<L>(I), y)), ...); }(std::make_integer_sequence<int, count>{});
    return y;
  }

  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    return plan::chain<Pass, typename X::shape_type, L...>::template state_size<X, Y>(batch);
  }
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t batch) {
    return plan::chain<Pass, typename X::shape_type, L...>::template workspace_size<X, Y>(batch);
  }
  template <class Pass, class S, class X, class Y>
  void forward(Pass& pass, const S* p, X x, Y y, S* state) const {
    plan::chain<Pass, typename X::shape_type, L...>::forward(pass, layers, p, x, y, state);
  }
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) const {
    plan::chain<Pass, typename X::shape_type, L...>::backward(pass, layers, p, x, y, dy, dx, g, state);
  }

  template <class Pass, class X, class Y, class S>
  static std::string first_not_finite(typename Pass::backend::context& c, X x, Y y, S* state, index_t room, const std::string& path) {
    return plan::chain<Pass, typename X::shape_type, L...>::first_not_finite(c, x, y, state, room, path);
  }
};

// What is wrong with a network: a witness, or no_mistake. It looks at the type's name only, so that the error of a wrong network is
// short: the sentence, the model that asked, the user's line.
template <class Net>
struct judged {
  using type = network_without_input<Net>;
};
template <NetworkInput Input, class... L>
struct judged<sequential<Input, L...>> {
  using type = typename detail::network_verdict<typename detail::verdict<after<-1, Input>, typename Input::shape_type, L...>::type, typename Input::shape_type, L...>::type;
};
template <NetworkInput Input>
struct judged<sequential<Input>> {
  using type = network_without_layers<sequential<Input>>;
};

// A network.
template <NetworkInput Input, class... L>
  requires(sizeof...(L) > 0)
struct sequential<Input, L...> : sequential<L...>, judged<sequential<Input, L...>>::type {
  using body = sequential<L...>;
  static constexpr bool is_network = true;
  using input_type = Input;
  using input_shape = typename Input::shape_type;
  static constexpr extents input_extents = input_shape::value;
  static constexpr bool sound = !plan::walked<input_shape, L...>::shapes.back().is_broken();
  using output = shape_at<plan::walked<input_shape, L...>, int(sizeof...(L))>;
  using shared_once = shared_layers<typename detail::uses_along<input_shape, sound && body::shares, L...>::type>;
  static constexpr index_t parameter_count = [] {
    if constexpr (sound) return body::parameter_count(input_extents) + shared_once::parameter_count();
    else return index_t(0);
  }();
  // Parameters that no output depends on, whatever their values: what a pooling drops.
  static constexpr index_t dead_parameter_count = [] {
    if constexpr (sound) return body::dead_parameters(input_extents, output::value);
    else return index_t(0);
  }();
};
template <NetworkInput Input>
struct sequential<Input> : network_without_layers<sequential<Input>> {
  static constexpr bool is_network = true, sound = false;
};

// A network without a mistake.
template <class Net>
concept SoundNetwork = std::same_as<typename judged<Net>::type, no_mistake>;

}
