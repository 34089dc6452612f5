// SPDX-License-Identifier: BSL-1.0
// What a layer is. A layer is a type that names neither scalar nor backend; all it says about shapes is constexpr.
//
// Every layer:
//   static constexpr extents output(extents in);                      broken() when it cannot take `in`
//   template <int Index, class Before, class In> using mistake;       the witness whose sentence says why
//   static std::string label();                                       for people
//   static constexpr edge_wishes wishes(extents in);                  optional: how its edges are best stored
//   static constexpr bool reads_output = false;                       optional: backward does not look at y; default: it does
//   static constexpr bool reads_input = false;                        optional: backward does not look at x; default: it does
//   static constexpr bool spares_dy = true;                           optional: backward leaves dy as it is; default: it may not
//   static constexpr bool repeats = true;                             optional, of leaves that can give y again by a pass over x or less
//   static constexpr bool mixes_samples = true;                       optional: what comes out for a sample depends on the whole batch
//   static constexpr bool draws = true;                               optional: training reads random numbers off the pass's key
//   template <class In, class G> static typename G::value onnx(G& g, const typename G::value& x);   optional: itself at inference in ONNX's
//                                                                     operators, written into a graph that the layer knows by its calls alone
//   static constexpr extents live(extents in, extents live_out);      optional: the leading box of its input that is read when only
//                                                                     the leading box `live_out` of its output is; default: all
// A leaf has parameters of its own, and statistics (fields that are not trainable), which statistics_of(pass) shows it at work:
//   static constexpr std::array<field, n> fields(extents in);
//   static constexpr index_t dead_parameters(extents in, extents live_out);    optional
// A composite holds other layers instead:
//   static constexpr bool is_composite = true;  and the members of nn/sequential.hpp; template <class In> behaviour_of() among them
//   static constexpr bool shares; template <class In> shared_uses;    needed to hold layers of nn/shared.hpp: does it; which are they
// At work (P, G: `parameters` of a leaf, pointers to the first parameter and gradient for a composite):
//   template <class Pass, class X, class Y> static index_t state_size(index_t batch);       optional: scalars kept from forward to backward;
//                                                                     zeros, or what the last forward left; with pass.dirty a composite finds anything
//   template <class Pass, class X, class Y> static index_t workspace_size(index_t batch);   optional: scalars of pass.workspace used inside a call
//   void forward (Pass& pass, P p, X x, Y y, S* state) const;
//   void backward(Pass& pass, P p, X x, Y y, DY dy, DX dx, G g, S* state) const;
//   void forward_again(Pass& pass, P p, X x, Y y, S* state) const;    with repeats: y once more, from the state that forward left
//
// Laws (tests/laws/layers.cpp): right for any layouts of x and y; forward assigns every element of y; backward adds to gradients,
// assigns every element of dx (unless it is `nothing`) and may overwrite dy; padding that is zero before a call is zero after it.
#pragma once
#include <cosmoml/core/edge_request.hpp>
#include <cosmoml/core/field.hpp>
#include <cosmoml/core/fixed_string.hpp>
#include <cosmoml/core/leaves.hpp>
#include <cosmoml/core/text.hpp>
#include <cosmoml/core/view.hpp>
#include <cosmoml/nn/field_visitor.hpp>
#include <cosmoml/nn/witness.hpp>
#include <cosmoml/plan/pass.hpp>

#include <array>
#include <string>

namespace cosmoml::inline COSMOML_ABI::nn {

inline constexpr std::array<field, 0> no_fields{};

// What a layer would like of the storage of its input and output.
struct edge_wishes {
  edge_request in, out;
  bool same = false;   // element by element: best if both edges are stored alike
};
template <class L>
constexpr edge_wishes wishes_of(extents in) {
  if constexpr (requires { L::wishes(in); }) return L::wishes(in);
  else return {};
}

// What rewriting rules may know of a layer.
enum class kind { other, dense, convolution, norm, elementwise, elementwise_at_input, relabel, mean_of_outputs };   // at_input: backward needs what went in; mean: of neighbours along the only axis
template <class L>
constexpr kind kind_of(bool training) {
  if constexpr (requires { L::rewritable_as; }) return !training && L::rewritable_as == kind::elementwise_at_input ? kind::elementwise : L::rewritable_as;
  else return kind::other;
}

// A layer made of layers.
template <class L>
concept Composite = requires { L::is_composite; };

// Does backward look at y? A sum may then not be formed in place.
template <class L>
constexpr bool reads_output_of() {
  if constexpr (requires { L::reads_output; }) return L::reads_output;
  else return true;
}
// Does backward look at x?
template <class L>
constexpr bool reads_input_of() {
  if constexpr (requires { L::reads_input; }) return L::reads_input;
  else return true;
}
// Does backward leave dy as it is?
template <class L>
constexpr bool spares_dy() {
  if constexpr (requires { L::spares_dy; }) return L::spares_dy;
  else return false;
}
// Can it give its output once more?
template <class L>
constexpr bool repeats() {
  if constexpr (kind_of<L>(true) == kind::relabel) return true;
  else if constexpr (requires { L::repeats; }) return L::repeats;
  else return false;
}
// The gradient dx that backward writes where F came before the layer: what it holds then is the gradient of what F was given. A layer that
// can do so says so: gives_slope<Pass, F, X, DY, DX>, where X holds the values of F.
template <class F, class V>
struct through : V {
  using function = F;
  using view_before = V;
};
// What a layer does that not every way of training can follow.
struct layer_behaviour {
  bool mixes_samples = false;   // what comes out for a sample depends on the others: a batch cannot go through in pieces
  bool draws = false;           // random numbers: a recorded step would repeat them
  friend constexpr layer_behaviour operator|(layer_behaviour a, layer_behaviour b) { return {a.mixes_samples || b.mixes_samples, a.draws || b.draws}; }
};
// A composite that does not say may do anything.
template <class L, class In>
constexpr layer_behaviour behaviour_of() {
  if constexpr (requires { L::template behaviour_of<In>(); }) return L::template behaviour_of<In>();
  else {
    layer_behaviour b{Composite<L>, Composite<L>};
    if constexpr (requires { { L::mixes_samples } -> std::convertible_to<bool>; }) b.mixes_samples = L::mixes_samples;
    if constexpr (requires { { L::draws } -> std::convertible_to<bool>; }) b.draws = L::draws;
    return b;
  }
}

// Does a layer hold any whose parameters other places share?
template <class L>
constexpr bool shares_of() {
  if constexpr (requires { L::shares; }) return L::shares;
  else return false;
}

// What a layer is, for inputs of shape In: output(extents) and fields(extents) as constant expressions, and the witness of a mistake.
// forward and backward are found where they are used. docs/concepts.md writes one from nothing; check_layer holds it to the laws.
template <class L, class In>
concept LayerFor = requires {
  { L::output(In::value) } -> std::same_as<extents>;
  typename L::template mistake<0, at_the_start, In>;
} && (Composite<L> || requires { L::fields(In::value); });

template <class L, class In>
struct field_shapes {
  static constexpr auto shapes = [] {
    constexpr auto fields = L::fields(In::value);
    std::array<extents, fields.size() + 1> s{};
    for (std::size_t j = 0; j < fields.size(); ++j) s[j] = fields[j].shape;
    return s;
  }();
};

// Where a leaf's parameters (or, with Trained = false, its statistics) lie behind its first one, in the flat buffer of backend B.
template <class B, class L, class In, bool Trained = true>
struct parameter_map {
  static constexpr auto fields = L::fields(In::value);
  static constexpr int count = int(fields.size());
  template <int J>
  using layout = typename B::template parameter_layout<fields[std::size_t(J)].storage, shape_at<field_shapes<L, In>, J>>;

  static constexpr auto offsets = [] {
    std::array<index_t, std::size_t(count) + 1> at{};
    [&]<int... J>(std::integer_sequence<int, J...>) {
      ((at[J + 1] = at[J] + (fields[J].trainable == Trained ? round_up(layout<J>::size(1), B::alignment) : 0)), ...);
    }(std::make_integer_sequence<int, count>{});
    return at;
  }();
  static constexpr int index(std::string_view name) {
    for (int j = 0; j < count; ++j)
      if (fields[std::size_t(j)].name == name && fields[std::size_t(j)].trainable == Trained) return j;
    return -1;
  }
};

// A leaf's parameters, their gradients, or its statistics, as views: p.template get<"weight">().
template <class B, class L, class In, class S, bool Trained = true>
struct parameters {
  using map = parameter_map<B, L, In, Trained>;
  S* base;
  template <fixed_string Name>
  auto get() const {
    constexpr int j = map::index(Name.view());
    constexpr bool declared = j >= 0;
    static_assert(declared, "cosmoml: this layer declares no parameter, or no statistic, of that name; see its fields()");
    if constexpr (declared) return view<S, typename map::template layout<j>>{base + map::offsets[std::size_t(j)], 1};
    else return nothing{};   // not a second error
  }
};

template <class B, class L, class In, bool Trained = true>
constexpr index_t stored_size() {
  if constexpr (Composite<L>) return L::template stored_size<B, In, Trained>();
  else return parameter_map<B, L, In, Trained>::offsets.back();
}
template <class L>
constexpr index_t parameter_count(extents in) {
  if constexpr (Composite<L>) return L::parameter_count(in);
  else {
    index_t n = 0;
    for (const field& f : L::fields(in)) n += f.trainable ? f.shape.size() : 0;
    return n;
  }
}

// ---- which elements anybody reads
constexpr extents dead_box(extents e) {
  for (int a = 0; a < e.rank; ++a) e.dim[a] = 0;
  return e;
}
template <class L>
constexpr extents live_input(extents in, extents live_out) {
  if (live_out.size() == 0) return dead_box(in);
  if constexpr (requires { L::live(in, live_out); }) return L::live(in, live_out);
  else return in;
}
// Parameters that the loss can never reach.
template <class L>
constexpr index_t dead_parameters(extents in, extents live_out) {
  if (live_out.size() == 0) return parameter_count<L>(in);
  if constexpr (requires { L::dead_parameters(in, live_out); }) return L::dead_parameters(in, live_out);
  else return 0;
}

// ---- at work
template <class Pass, class L, class X, class Y>
index_t state_size(index_t batch) {
  if constexpr (requires { L::template state_size<Pass, X, Y>(batch); }) return L::template state_size<Pass, X, Y>(batch);
  else return 0;
}
template <class Pass, class L, class X, class Y>
index_t workspace_size(index_t batch) {
  if constexpr (requires { L::template workspace_size<Pass, X, Y>(batch); }) return L::template workspace_size<Pass, X, Y>(batch);
  else return 0;
}
// The parameters of layer L as it takes them.
template <class B, class L, class In, class S>
auto parameters_of(S* p) {
  if constexpr (Composite<L>) return p;
  else return parameters<B, L, In, S>{p};
}

// A leaf's statistics in this pass: to write in training, to read in inference.
template <class L, class In, class Pass>
auto statistics_of(const Pass& pass) {
  using S = std::remove_pointer_t<decltype(pass.statistics)>;
  return parameters<typename Pass::backend, L, In, S, false>{pass.statistics};
}

// The path of something inside of `path`. An empty name adds nothing: named<"", L> is transparent.
inline std::string path_of(const std::string& path, const std::string& name) {
  return path.empty() ? name : name.empty() ? path : path + "." + name;
}

namespace detail {
template <class Layout>
index_t place_inside(index_t element) {
  return Layout::offset(0, element);
}
// One field below `path`, if it is of the kind that is asked for.
inline void show_field(const std::string& path, const field& f, bool trained, field_place at, field_visitor visitor) {
  if (f.trainable == trained) visitor(path_of(path, std::string(f.name)), f, at);
}
template <class B, class L, class In, bool Trained>
constexpr bool has_fields() {
  if constexpr (Composite<L>) return true;
  else return parameter_map<B, L, In, Trained>::count > 0;
}
}
// Calls visitor for each parameter of L, or with Trained = false for each statistic; base: where its first one lies in the flat buffer.
template <class B, class L, class In, bool Trained>
void visit_fields(const std::string& path, index_t base, field_visitor visitor) {
  if constexpr (Composite<L>) L::template visit<B, In, Trained>(path, base, visitor);
  else {
    using map = parameter_map<B, L, In, Trained>;
    [&]<int... J>(std::integer_sequence<int, J...>) {
      (detail::show_field(path, map::fields[std::size_t(J)], Trained, {base + map::offsets[std::size_t(J)], detail::place_inside<typename map::template layout<J>>}, visitor), ...);
    }(std::make_integer_sequence<int, map::count>{});
  }
}
// The name of layer number `index` in paths: its own if it has one.
template <class L>
std::string path_name(int index) {
  if constexpr (requires { L::name; }) return std::string(L::name.view());
  else return std::to_string(index);
}
// visit_fields of part number `index` of a composite.
template <class B, class L, class In, bool Trained>
void visit_part(const std::string& path, int index, index_t base, field_visitor visitor) {
  if constexpr (detail::has_fields<B, L, In, Trained>()) visit_fields<B, L, In, Trained>(path_of(path, path_name<L>(index)), base, visitor);
}

// One line of a summary: visitor(depth, path name, label, shape of the output, parameters, dead parameters), then those of what is inside.
// Live::value: the leading box of the output that anybody reads.
template <class L, class In, class Live, class V>
void describe_layer(V&& visitor, int depth, const std::string& name) {
  static constexpr extents out = L::output(In::value);
  static constexpr index_t all = parameter_count<L>(In::value), dead = dead_parameters<L>(In::value, Live::value);
  visitor(depth, name, L::label(), out, all, dead);
  if constexpr (Composite<L>) L::template visit_layers<In, Live>(visitor, depth + 1);
}

}
