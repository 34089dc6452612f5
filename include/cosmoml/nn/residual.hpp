// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/identity.hpp>
#include <cosmoml/nn/shared_uses.hpp>
#include <cosmoml/plan/solo.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class At, class After, class Given>
struct residual_branches_disagree {
  static_assert(never<At>, "cosmoml: the body and the shortcut of residual must give the same shape; where the body changes it, give a shortcut that does too, such as conv<channels, 1, conv_options{.stride = 2}>");
};

// y = body(x) + shortcut(x): residual<sequential<...>>, residual<sequential<...>, conv<128, 1, conv_options{.stride = 2}>>.
// In parameter paths the two are `body` and `shortcut`, unless they have names.
template <class Body, class Shortcut = identity>
struct residual {
  static constexpr bool is_composite = true, reads_output = false, reads_input = reads_input_of<Body>() || reads_input_of<Shortcut>(), shares = shares_of<Body>() || shares_of<Shortcut>();
  template <class In>
  using shared_uses = joined_uses<typename shared_uses_of<Body, In>::type, typename shared_uses_of<Shortcut, In>::type>;
  [[no_unique_address]] leaves<Body, Shortcut> branches;

  static constexpr extents output(extents in) {
    const extents b = Body::output(in), s = Shortcut::output(in);
    return b == s ? b : extents::broken();
  }
  template <int Index, class Before, class In, int Which>
  struct mistake_of {
    using type = residual_branches_disagree<at<Index, residual>, Before, In>;
  };
  template <int Index, class Before, class In>
  struct mistake_of<Index, Before, In, 0> {
    using type = typename Body::template mistake<0, Before, In>;
  };
  template <int Index, class Before, class In>
  struct mistake_of<Index, Before, In, 1> {
    using type = typename Shortcut::template mistake<0, Before, In>;
  };
  template <int Index, class Before, class In>
  using mistake = typename mistake_of<Index, Before, In, Body::output(In::value).is_broken() ? 0 : Shortcut::output(In::value).is_broken() ? 1 : 2>::type;

  static constexpr edge_wishes wishes(extents in) {
    const edge_wishes b = wishes_of<Body>(in), s = wishes_of<Shortcut>(in);
    return {.in = b.in.merged(s.in), .out = b.out.merged(s.out), .same = plain};
  }
  static constexpr index_t parameter_count(extents in) { return nn::parameter_count<Body>(in) + nn::parameter_count<Shortcut>(in); }
  static constexpr extents live(extents in, extents live_out) {
    extents all = live_input<Body>(in, live_out);
    const extents other = live_input<Shortcut>(in, live_out);
    for (int a = 0; a < in.rank; ++a)
      if (other[a] > all[a]) all.dim[a] = other[a];
    return all;
  }
  static constexpr index_t dead_parameters(extents in, extents live_out) { return nn::dead_parameters<Body>(in, live_out) + nn::dead_parameters<Shortcut>(in, live_out); }
  static std::string label() { return "residual"; }

  template <class In>
  static constexpr layer_behaviour behaviour_of() {
    return nn::behaviour_of<Body, In>() | nn::behaviour_of<Shortcut, In>();
  }
  template <class B, class In, bool Trained = true>
  static constexpr index_t stored_size() {
    return nn::stored_size<B, Body, In, Trained>() + nn::stored_size<B, Shortcut, In, Trained>();
  }
  template <class B, class In, bool Trained>
  static void visit(const std::string& path, index_t base, field_visitor visitor) {
    visit_fields<B, Body, In, Trained>(path_of(path, branch_name<Body>("body")), base, visitor);
    visit_fields<B, Shortcut, In, Trained>(path_of(path, branch_name<Shortcut>("shortcut")), base + nn::stored_size<B, Body, In, Trained>(), visitor);
  }
  template <class In, class Live, class V>
  static void visit_layers(V&& visitor, int depth) {
    describe_layer<Body, In, Live>(visitor, depth, branch_name<Body>("body"));
    describe_layer<Shortcut, In, Live>(visitor, depth, branch_name<Shortcut>("shortcut"));
  }
  template <class Pass, class In, class V>
  static void visit_plan(V&& visitor, plan::nested where) {
    plan::chain<Pass, In, Body>::visit_plan(visitor, where);
    plan::chain<Pass, In, Shortcut>::visit_plan(visitor, where);
  }

  // A body whose backward reads its own output writes it apart from y, which holds the sum; so does such a shortcut.
  static constexpr bool plain = std::same_as<Shortcut, identity>;
  template <class Pass, class L>
  static constexpr bool keeps = Pass::training && reads_output_of<L>();
  template <class B, class Y>
  using edge_like = view<typename B::scalar, std::conditional_t<Y::layout::whole, typename Y::layout, typename B::template layout<typename Y::shape_type, 0>>>;
  template <class B, class Y>
  static index_t edge_size(index_t batch) {
    return round_up(edge_like<B, Y>::layout::size(batch), arena<int>::grain);
  }
  template <class Pass, class X, class L>
  using run = plan::solo<Pass, typename X::shape_type, L>;
  // The view that a branch writes to.
  template <class Pass, class Y>
  using body_view = std::conditional_t<keeps<Pass, Body>, edge_like<typename Pass::backend, Y>, Y>;
  template <class Pass, class Y>
  using side_view = edge_like<typename Pass::backend, Y>;

  // State: body's output, shortcut's output (each if it is kept), then what the two keep.
  template <class Pass, class X, class Y>
  static index_t body_state(index_t batch) {
    return round_up(run<Pass, X, Body>::template state_size<X, body_view<Pass, Y>>(batch), arena<int>::grain);
  }
  template <class Pass, class X, class Y>
  static index_t kept_edges(index_t batch) {
    return (int(keeps<Pass, Body>) + int(keeps<Pass, Shortcut>)) * edge_size<typename Pass::backend, Y>(batch);
  }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    const auto b = g.template layer<Body, In>(branch_name<Body>("body"), x);
    return g.node("Add", {b, g.template layer<Shortcut, In>(branch_name<Shortcut>("shortcut"), x)});
  }

  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    return kept_edges<Pass, X, Y>(batch) + body_state<Pass, X, Y>(batch) + (plain ? 0 : run<Pass, X, Shortcut>::template state_size<X, side_view<Pass, Y>>(batch));
  }
  // Workspace: an edge like y (the shortcut's output, or a copy of dy where the body may overwrite that), in training one like x (the shortcut's share of dx), then what
  // the two need.
  static constexpr bool copies = !nn::spares_dy<Body>();
  template <class Pass, class Y>
  static index_t aside_size(index_t batch) {
    return !plain || (Pass::training && copies) ? edge_size<typename Pass::backend, Y>(batch) : 0;
  }
  template <class Pass, class X>
  static index_t share_size(index_t batch) {
    return Pass::training && !plain ? edge_size<typename Pass::backend, X>(batch) : 0;
  }
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t batch) {
    index_t inner = run<Pass, X, Body>::template workspace_size<X, body_view<Pass, Y>>(batch);
    if constexpr (!plain) inner = larger(inner, run<Pass, X, Shortcut>::template workspace_size<X, side_view<Pass, Y>>(batch));
    return aside_size<Pass, Y>(batch) + share_size<Pass, X>(batch) + inner;
  }

  template <class Pass, class S, class X, class Y>
  void forward(Pass& pass, const S* p, X x, Y y, S* state) const {
    using B = typename Pass::backend;
    const places<Pass, X, Y, S> at(pass, state, y);
    auto own = at.inside(pass, 0);
    plan::within([] { return branch_name<Body>("body"); }, [&] {
      if constexpr (keeps<Pass, Body>) {
        if (pass.dirty) B::zero_padding(pass.context, at.body);
        run<Pass, X, Body>::forward(own, get<0>(branches), p, x, at.body, at.of_body);
        B::convert(pass.context, at.body, y);
      } else run<Pass, X, Body>::forward(own, get<0>(branches), p, x, y, at.of_body);
    });
    if constexpr (plain) B::add(pass.context, x, y);
    else {
      B::zero_padding(pass.context, at.side);
      auto other = at.template beside<typename X::shape_type>(pass);
      plan::within([] { return branch_name<Shortcut>("shortcut"); },
                   [&] { run<Pass, X, Shortcut>::forward(other, get<1>(branches), p + nn::stored_size<B, Body, typename X::shape_type>(), x, at.side, at.of_shortcut); });
      B::add(pass.context, at.side, y);
    }
  }
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) const {
    using B = typename Pass::backend;
    using In = typename X::shape_type;
    const places<Pass, X, Y, S> at(pass, state, y);
    constexpr index_t second = nn::stored_size<B, Body, In>();
    constexpr bool both = Wanted<DX> || second < stored_size<B, In>() || shares_of<Shortcut>();
    const auto d = [&] {
      if constexpr (both && copies) {
        const side_view<Pass, Y> copy{pass.workspace, y.batch};
        B::zero_padding(pass.context, copy);
        B::convert(pass.context, dy, copy);
        return copy;
      } else return dy;
    }();
    auto own = at.inside(pass, 0);
    if constexpr (keeps<Pass, Body>) run<Pass, X, Body>::backward(own, get<0>(branches), p, x, at.body, dy, dx, g, at.of_body);
    else run<Pass, X, Body>::backward(own, get<0>(branches), p, x, y, dy, dx, g, at.of_body);
    if constexpr (both) {
      if constexpr (plain) B::add(pass.context, d, dx);
      else {
        auto other = at.template beside<In>(pass);
        // A shortcut that does not keep its output does not read it either.
        if constexpr (Wanted<DX>) {
          const edge_like<B, X> share{pass.workspace + aside_size<Pass, Y>(at.room), x.batch};
          B::zero_padding(pass.context, share);
          run<Pass, X, Shortcut>::backward(other, get<1>(branches), p + second, x, at.side, d, share, g + second, at.of_shortcut);
          B::add(pass.context, share, dx);
        } else run<Pass, X, Shortcut>::backward(other, get<1>(branches), p + second, x, at.side, d, dx, g + second, at.of_shortcut);
      }
    }
  }

private:
  template <class L>
  static std::string branch_name(const char* otherwise) {
    if constexpr (requires { L::name; }) return std::string(L::name.view());
    else return otherwise;
  }
  // Where things lie in state and workspace.
  template <class Pass, class X, class Y, class S>
  struct places {
    using B = typename Pass::backend;
    index_t room;
    edge_like<B, Y> body, side;
    S *of_body, *of_shortcut, *rest;
    places(const Pass& pass, S* state, Y y) : room(larger(pass.room, y.batch)) {
      const index_t edge = edge_size<B, Y>(room);
      body = {state, y.batch};
      side = {keeps<Pass, Shortcut> ? state + (keeps<Pass, Body> ? edge : 0) : pass.workspace, y.batch};
      of_body = state + kept_edges<Pass, X, Y>(room);
      of_shortcut = of_body + body_state<Pass, X, Y>(room);
      rest = pass.workspace + aside_size<Pass, Y>(room) + share_size<Pass, X>(room);
    }
    auto inside(const Pass& pass, int number) const { return pass.template inside<typename Pass::live>(rest, number); }
    template <class In>
    auto beside(const Pass& pass) const {
      auto other = inside(pass, 1);
      if constexpr (nn::stored_size<B, Body, In, false>() > 0) other.statistics += nn::stored_size<B, Body, In, false>();
      return other;
    }
  };
};

}
