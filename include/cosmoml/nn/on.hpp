// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/shared_uses.hpp>
#include <cosmoml/nn/slice.hpp>
#include <cosmoml/plan/solo.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A layer that sees only a slice of its input, in place and without a copy: on<slice<4, 16>, dense<67>>.
template <class Slice, class L>
struct on {
  static constexpr bool is_composite = true;
  static constexpr bool reads_output = reads_output_of<L>(), reads_input = reads_input_of<L>(), shares = shares_of<L>();
  template <class In>
  using shared_uses = shared_uses_of<L, output_shape<Slice, In>>;
  [[no_unique_address]] L layer;

  static constexpr slice_set touched() {
    slice_set s;
    s.begin[0] = Slice::begin;
    s.length[0] = Slice::count;
    s.count = 1;
    return s;
  }
  template <class In>
  using seen = output_shape<Slice, In>;
  static constexpr extents output(extents in) {
    const extents part = Slice::output(in);
    return part.is_broken() ? part : L::output(part);
  }
  template <int Index, class Before, class In, bool SliceFits>
  struct mistake_of {
    using type = typename Slice::template mistake<Index, Before, In>;
  };
  template <int Index, class Before, class In>
  struct mistake_of<Index, Before, In, true> {
    using type = typename L::template mistake<Index, after<Index, Slice>, seen<In>>;
  };
  template <int Index, class Before, class In>
  using mistake = typename mistake_of<Index, Before, In, !Slice::output(In::value).is_broken()>::type;
  static constexpr edge_wishes wishes(extents in) { return {.in = {}, .out = wishes_of<L>(Slice::output(in)).out}; }
  static constexpr extents live(extents in, extents live_out) { return Slice::live(in, live_input<L>(Slice::output(in), live_out)); }
  static constexpr index_t parameter_count(extents in) { return nn::parameter_count<L>(Slice::output(in)); }
  static constexpr index_t dead_parameters(extents in, extents live_out) { return nn::dead_parameters<L>(Slice::output(in), live_out); }
  static std::string label() { return text(L::label(), " on ", Slice::label()); }

  template <class In>
  static constexpr layer_behaviour behaviour_of() {
    return nn::behaviour_of<L, seen<In>>();
  }
  template <class B, class In, bool Trained = true>
  static constexpr index_t stored_size() {
    return nn::stored_size<B, L, seen<In>, Trained>();
  }
  template <class B, class In, bool Trained>
  static void visit(const std::string& path, index_t base, field_visitor visitor) {
    visit_fields<B, L, seen<In>, Trained>(path, base, visitor);
  }
  template <class In, class Live, class V>
  static void visit_layers(V&&, int) {}

  template <class Pass, class In, class V>
  static void visit_plan(V&& visitor, plan::nested where) {
    plan::chain<Pass, seen<In>, L>::visit_plan(visitor, where);
  }

  template <class X>
  using part_of = decltype(Slice::of(std::declval<X>()));
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.template layer<L, seen<In>>("", Slice::template onnx<In>(g, x));
  }

  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    return plan::solo<Pass, seen<typename X::shape_type>, L>::template state_size<part_of<X>, Y>(batch);
  }
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t batch) {
    return plan::solo<Pass, seen<typename X::shape_type>, L>::template workspace_size<part_of<X>, Y>(batch);
  }

  template <class Pass, class S, class X, class Y>
  void forward(Pass& pass, const S* p, X x, Y y, S* state) const {
    plan::solo<Pass, seen<typename X::shape_type>, L>::forward(pass, layer, p, Slice::of(x), y, state);
  }
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) const {
    if constexpr (Wanted<DX>) Pass::backend::assign(pass.context, dx, S(0));
    backward_part(pass, p, x, y, dy, dx, g, state);
  }
  // As backward, but elements of dx outside the slice stay as they are.
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward_part(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) const {
    using run = plan::solo<Pass, seen<typename X::shape_type>, L>;
    if constexpr (Wanted<DX>) run::backward(pass, layer, p, Slice::of(x), y, dy, Slice::of(dx), g, state);
    else run::backward(pass, layer, p, Slice::of(x), y, dy, dx, g, state);
  }
};

}
