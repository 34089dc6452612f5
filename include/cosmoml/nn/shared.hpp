// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/shared_uses.hpp>
#include <cosmoml/plan/solo.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A layer, or a block of them, whose parameters and statistics all places of that name have in common: shared<"encoder", sequential<...>>.
// They stand once in files and in fields(), under the name alone, behind those of all other layers; each place adds to their gradient.
// A place draws random numbers of its own. Mistake: another layer under the same name.
template <fixed_string Name, class L>
struct shared {
  static constexpr bool is_composite = true, shares = true, reads_output = reads_output_of<L>(), reads_input = reads_input_of<L>();
  static constexpr auto name = Name;
  using body = L;
  [[no_unique_address]] L layer;

  static constexpr extents output(extents in) { return L::output(in); }
  template <int Index, class Before, class In>
  using mistake = typename L::template mistake<Index, Before, In>;
  static constexpr edge_wishes wishes(extents in) { return wishes_of<L>(in); }
  static constexpr extents live(extents in, extents live_out) { return live_input<L>(in, live_out); }
  // Counted by the network, once.
  static constexpr index_t parameter_count(extents) { return 0; }
  static constexpr index_t dead_parameters(extents, extents) { return 0; }
  static std::string label() { return text("shared ", Name.view(), ": ", L::label()); }

  template <class In>
  using shared_uses = joined_uses<use_list<shared_use<shared, In>>, typename shared_uses_of<L, In>::type>;
  template <class In>
  static constexpr layer_behaviour behaviour_of() {
    return nn::behaviour_of<L, In>();
  }
  template <class B, class In, bool Trained = true>
  static constexpr index_t stored_size() {
    return 0;
  }
  template <class B, class In, bool Trained>
  static void visit(const std::string&, index_t, field_visitor) {}
  template <class In, class Live, class V>
  static void visit_layers(V&&, int) {}
  template <class Pass, class In, class V>
  static void visit_plan(V&& visitor, plan::nested where) {
    plan::chain<Pass, In, L>::visit_plan(visitor, where);
  }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.template shared_layer<L, In>(std::string(Name.view()), x);
  }

  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    return plan::solo<Pass, typename X::shape_type, L>::template state_size<X, Y>(batch);
  }
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t batch) {
    return plan::solo<Pass, typename X::shape_type, L>::template workspace_size<X, Y>(batch);
  }
  template <class Pass, class S, class X, class Y>
  void forward(Pass& pass, const S*, X x, Y y, S* state) const {
    const plan::shared_place& at = pass.in_common->place(Name.view());
    Pass own = inside(pass, at);
    plan::solo<Pass, typename X::shape_type, L>::forward(own, layer, pass.in_common->parameters + at.parameters, x, y, state);
  }
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward(Pass& pass, const S*, X x, Y y, DY dy, DX dx, S*, S* state) const {
    const plan::shared_place& at = pass.in_common->place(Name.view());
    Pass own = inside(pass, at);
    plan::solo<Pass, typename X::shape_type, L>::backward(own, layer, pass.in_common->parameters + at.parameters, x, y, dy, dx, pass.in_common->gradients + at.parameters, state);
  }

private:
  template <class Pass>
  static Pass inside(const Pass& pass, const plan::shared_place& at) {
    Pass own = pass;
    own.statistics = pass.in_common->statistics + at.statistics;
    return own;
  }
};

}
