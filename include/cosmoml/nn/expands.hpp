// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/sequential.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// A layer that is short for others and unfolds once its input is known. Self names them, template <class In> using body = sequential<...>,
// and says in values what can be said without the type: output, parameter_count, dead_parameters, mistake, label.
template <class Self>
struct expands {
  static constexpr bool is_composite = true;

  template <class In>
  static constexpr layer_behaviour behaviour_of() {
    return nn::behaviour_of<typename Self::template body<In>, In>();
  }
  template <class B, class In, bool Trained = true>
  static constexpr index_t stored_size() {
    return Self::template body<In>::template stored_size<B, In, Trained>();
  }
  template <class B, class In, bool Trained>
  static void visit(const std::string& path, index_t base, field_visitor visitor) {
    Self::template body<In>::template visit<B, In, Trained>(path, base, visitor);
  }
  template <class In, class Live, class V>
  static void visit_layers(V&& visitor, int depth) {
    Self::template body<In>::template visit_layers<In, Live>(visitor, depth);
  }
  template <class Pass, class In, class V>
  static void visit_plan(V&& visitor, plan::nested where) {
    Self::template body<In>::template visit_plan<Pass, In>(visitor, where);
  }
  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return Self::template body<In>::template onnx<In>(g, x);
  }

  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    return Self::template body<typename X::shape_type>::template state_size<Pass, X, Y>(batch);
  }
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t batch) {
    return Self::template body<typename X::shape_type>::template workspace_size<Pass, X, Y>(batch);
  }
  template <class Pass, class S, class X, class Y>
  void forward(Pass& pass, const S* p, X x, Y y, S* state) const {
    typename Self::template body<typename X::shape_type>().forward(pass, p, x, y, state);
  }
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) const {
    typename Self::template body<typename X::shape_type>().backward(pass, p, x, y, dy, dx, g, state);
  }
};

}
