// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/on.hpp>
#include <cosmoml/nn/sequential.hpp>
#include <cosmoml/plan/solo.hpp>

namespace cosmoml::inline COSMOML_ABI::nn {

// How the outputs of branches become one.
enum class join {
  concatenate,   // one after the other along the first axis
  flat,          // one after the other, whatever their shapes, as one axis
  stack,         // side by side along a new last axis; shapes are equal
  stack_padded   // as stack; outputs with a shorter first axis get zeros in front of it
};

// Elements begin, begin + 1, ... of a sample, in a shape of their own.
struct part_of_sample {
  index_t begin;
  extents shape;
};

template <class At, class After, class Given>
struct branches_disagree {
  static_assert(never<At>, "cosmoml: the branches of parallel give shapes that cannot be joined; concatenate needs all axes but the first equal, stack all axes, stack_padded all but the first");
};

// Branches side by side on one input: parallel<join::concatenate, sequential<...>, dense<8>>. Each writes its part of the output in
// place. A branch may be on<slice<...>, L>; if all are and no slices overlap, each also has its part of the input to itself.
template <join Join, class... Branch>
struct parallel {
  static constexpr bool is_composite = true;
  static constexpr int count = int(sizeof...(Branch));
  static constexpr bool reads_output = (reads_output_of<Branch>() || ...), reads_input = (reads_input_of<Branch>() || ...), shares = (shares_of<Branch>() || ...);
  template <class In>
  using shared_uses = joined_uses<typename shared_uses_of<Branch, In>::type...>;
  leaves<Branch...> branches;

  static constexpr std::array<extents, std::size_t(count)> outputs(extents in) { return {Branch::output(in)...}; }
  static constexpr extents output(extents in) {
    const auto outs = outputs(in);
    if (Join == join::flat) {
      extents whole{0};
      for (extents e : outs) {
        if (e.is_broken()) return e;
        whole.dim[0] += int(e.size());
      }
      return whole;
    }
    extents all = outs[0];
    for (extents e : outs) {
      if (e.is_broken() || e.rank == 0 || e.rank != all.rank) return extents::broken();
      for (int a = 1; a < e.rank; ++a)
        if (e[a] != all[a]) return extents::broken();
      if (Join == join::stack && e[0] != all[0]) return extents::broken();
      if (e[0] > all[0]) all.dim[0] = e[0];
    }
    if (Join == join::concatenate) {
      all.dim[0] = 0;
      for (extents e : outs) all.dim[0] += e[0];
    } else {
      if (all.rank == extents::max_rank) return extents::broken();
      all.dim[all.rank++] = count;
    }
    return all;
  }

  // Where the branch of that name puts its output in the sample that all give: place<"mean">(in) with heads and concatenate.
  template <fixed_string Name>
  static constexpr part_of_sample place(extents in) {
    static_assert(Join == join::concatenate || Join == join::flat, "cosmoml: stacked branches lie in one another and have no place of their own");
    constexpr int number = index_of(Name.view());
    static_assert(number >= 0, "cosmoml: no branch has this name; give one a name with named<...>");
    const auto outs = outputs(in);
    index_t n = 0;
    for (int j = 0; j < number; ++j) n += outs[std::size_t(j)].size();
    return {n, outs[std::size_t(number < 0 ? 0 : number)]};
  }
  static constexpr int index_of(std::string_view name) {
    int i = 0, found = -1;
    auto look = [&](auto* branch) {
      using branch_type = std::remove_pointer_t<decltype(branch)>;
      if constexpr (requires { branch_type::name; })
        if (branch_type::name.view() == name) found = i;
      ++i;
    };
    (look(static_cast<Branch*>(nullptr)), ...);
    return found;
  }

  static constexpr int broken_branch(extents in) {
    const auto outs = outputs(in);
    for (int i = 0; i < count; ++i)
      if (outs[std::size_t(i)].is_broken()) return i;
    return -1;
  }
  template <int Index, class Before, class In, int Broken>
  struct mistake_of {
    using type = typename leaf_type<Broken, leaves<Branch...>>::template mistake<Index, Before, In>;
  };
  template <int Index, class Before, class In>
  struct mistake_of<Index, Before, In, -1> {
    using type = branches_disagree<at<Index, parallel>, Before, In>;
  };
  template <int Index, class Before, class In>
  using mistake = typename mistake_of<Index, Before, In, broken_branch(In::value)>::type;

  static constexpr edge_wishes wishes(extents in) {
    edge_request r, out{.first_axis_inner = Join == join::stack || Join == join::stack_padded};
    ((r = r.merged(wishes_of<Branch>(in).in)), ...);
    if (Join == join::concatenate) ((out = out.merged(wishes_of<Branch>(in).out)), ...);
    return {.in = r, .out = out};
  }
  static constexpr index_t parameter_count(extents in) { return (nn::parameter_count<Branch>(in) + ...); }

  // The leading box of branch i's output that is read when `live_out` of the whole is.
  static constexpr extents live_branch(extents in, extents live_out, int i) {
    const auto outs = outputs(in);
    extents e = live_out;
    if (Join == join::flat) {
      index_t before = 0;
      for (int j = 0; j < i; ++j) before += outs[std::size_t(j)].size();
      return live_out[0] > before ? outs[std::size_t(i)] : dead_box(outs[std::size_t(i)]);
    }
    if (Join == join::concatenate) {
      int before = 0;
      for (int j = 0; j < i; ++j) before += outs[std::size_t(j)][0];
      const int left = live_out[0] - before, own = outs[std::size_t(i)][0];
      e.dim[0] = left < 0 ? 0 : left < own ? left : own;
    } else {
      e.dim[--e.rank] = 0;
      const int left = live_out[0] - (output(in)[0] - outs[std::size_t(i)][0]);
      e.dim[0] = left < 0 || i >= live_out[live_out.rank - 1] ? 0 : left;
    }
    return e;
  }
  static constexpr extents live(extents in, extents live_out) {
    extents all = dead_box(in);
    int i = 0;
    auto include = [&](extents e) {
      for (int a = 0; a < e.rank; ++a)
        if (e[a] > all[a]) all.dim[a] = e[a];
    };
    (include(live_input<Branch>(in, live_branch(in, live_out, i++))), ...);
    return all;
  }
  static constexpr index_t dead_parameters(extents in, extents live_out) {
    int i = 0;
    index_t n = 0;
    ((n += nn::dead_parameters<Branch>(in, live_branch(in, live_out, i++))), ...);
    return n;
  }
  static std::string label() { return Join == join::concatenate ? "concatenate" : Join == join::flat ? "heads" : "stack"; }

  // Classes, not variable templates: nvcc takes the latter neither as reference arguments nor with a lambda initialiser.
  template <class In>
  struct results {
    static constexpr auto shapes = outputs(In::value);
  };
  template <class B, class In, bool Trained = true>
  struct places {
    static constexpr auto offsets = [] {
      std::array<index_t, std::size_t(count) + 1> at{};
      std::size_t i = 0;
      ((at[i + 1] = at[i] + nn::stored_size<B, Branch, In, Trained>(), ++i), ...);
      return at;
    }();
  };
  template <class In>
  static constexpr layer_behaviour behaviour_of() {
    return (layer_behaviour{} | ... | nn::behaviour_of<Branch, In>());
  }
  template <class B, class In, bool Trained = true>
  static constexpr index_t stored_size() {
    return places<B, In, Trained>::offsets.back();
  }
  template <class B, class In, bool Trained>
  static void visit(const std::string& path, index_t base, field_visitor visitor) {
    [&]<int... I>(std::integer_sequence<int, I...>) {
      (visit_part<B, Branch, In, Trained>(path, I, base + places<B, In, Trained>::offsets[I], visitor), ...);
    }(std::make_integer_sequence<int, count>{});
  }
  // The slices that the branches look at: on<slice<...>, L> and parallels of such.
  static constexpr slice_set touched() {
    slice_set all;
    if constexpr ((requires { Branch::touched(); } && ...)) (all.include(Branch::touched()), ...);
    else all.count = 0;
    return all;
  }
  // Does every branch look at slices, and no two at the same element?
  static constexpr bool own_parts() { return touched().count > 0 && touched().disjoint; }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    constexpr extents all = output(In::value);
    typename G::list parts;
    const auto join_in = [&](auto y, extents out) {
      if constexpr (Join == join::flat) y = g.node("Flatten", {y});
      if constexpr (Join == join::stack || Join == join::stack_padded) {
        if (out[0] < all[0]) y = g.padded(y, out, [&](int a) { return a == 0 ? all[0] - out[0] : 0; }, [](int) { return 0; });
        out.dim[0] = all[0];
        out.dim[out.rank++] = 1;
        y = g.reshaped(y, out);
      }
      parts.push_back(y);
    };
    [&]<int... I>(std::integer_sequence<int, I...>) { (join_in(g.template layer<Branch, In>(path_name<Branch>(I), x), Branch::output(In::value)), ...); }(std::make_integer_sequence<int, count>{});
    return g.node("Concat", parts, {g.integer("axis", Join == join::concatenate || Join == join::flat ? 1 : all.rank)});
  }

  template <class Pass, class In, class V>
  static void visit_plan(V&& visitor, plan::nested where) {
    [&]<int... I>(std::integer_sequence<int, I...>) { (describe_branch<Pass, In, Branch, I>(visitor, where), ...); }(
        std::make_integer_sequence<int, count>{});
  }
  template <class In, class Live>
  struct read_of {
    static constexpr auto shapes = [] {
      std::array<extents, std::size_t(count)> read{};
      for (int i = 0; i < count; ++i) read[std::size_t(i)] = live_branch(In::value, Live::value, i);
      return read;
    }();
  };
  template <class In, class Live, class V>
  static void visit_layers(V&& visitor, int depth) {
    [&]<int... I>(std::integer_sequence<int, I...>) { (describe_layer<Branch, In, shape_at<read_of<In, Live>, I>>(visitor, depth, path_name<Branch>(I)), ...); }(
        std::make_integer_sequence<int, count>{});
  }

  // Branch I's part of the joined samples, in place.
  template <int I, class V, class In>
  static auto part(V v) {
    constexpr extents all = V::shape, own = results<In>::shapes[std::size_t(I)];
    if constexpr (Join == join::concatenate || Join == join::flat) {
      constexpr index_t begin = [] {
        index_t n = 0;
        for (int j = 0; j < I; ++j) n += results<In>::shapes[std::size_t(j)].size();
        return n;
      }();
      return v.template sub<shape_at<results<In>, I>, begin>();
    } else {
      constexpr index_t begin = index_t(all[0] - own[0]) * all.stride(0) + I;
      return v.template sub<shape_at<results<In>, I>, begin, count>();
    }
  }
  // The zeros in front of branch I's output, if there are any.
  template <int I, class In>
  struct padding {
    static constexpr int rows = Join == join::stack_padded ? output(In::value)[0] - results<In>::shapes[std::size_t(I)][0] : 0;
    static constexpr extents shapes[1] = {[] {
      extents e = results<In>::shapes[std::size_t(I)];
      e.dim[0] = rows;
      return e;
    }()};
  };

  // What is read of each branch's output; a branch of which nothing is read is not run.
  template <class Pass, class In>
  struct alive {
    static constexpr auto shapes = [] {
      std::array<extents, std::size_t(count)> at = outputs(In::value);
      if (Pass::allowed.skip_dead)
        for (int i = 0; i < count; ++i) at[std::size_t(i)] = live_branch(In::value, plan::live_box<typename Pass::live>(output(In::value)), i);
      return at;
    }();
    static constexpr bool dead(int i) { return shapes[std::size_t(i)].size() == 0; }
  };
  template <class Pass, class In, int I>
  using box_of = typename plan::box<alive<Pass, In>, I, alive<Pass, In>::dead(I) || alive<Pass, In>::shapes[std::size_t(I)] == results<In>::shapes[std::size_t(I)]>::type;
  template <class Pass, class X, int I, class L>
  using run = plan::solo<typename Pass::template reading<box_of<Pass, typename X::shape_type, I>>, typename X::shape_type, L>;
  template <class X, int I, class Y>
  using part_of = decltype(part<I, Y, typename X::shape_type>(std::declval<Y>()));
  template <class Pass, class X, class Y>
  static index_t state_size(index_t batch) {
    index_t n = 0;
    [&]<int... I>(std::integer_sequence<int, I...>) {
      ((n += branch_state<Pass, X, Y, I, Branch>(batch)), ...);
    }(std::make_integer_sequence<int, count>{});
    return n;
  }
  template <class Pass, class X, class Y, int I, class L>
  static index_t branch_state(index_t batch) {
    if constexpr (alive<Pass, typename X::shape_type>::dead(I)) return 0;
    else return round_up(run<Pass, X, I, L>::template state_size<X, part_of<X, I, Y>>(batch), arena<int>::grain);
  }
  template <class Pass, class X, class Y, int I, class L>
  static index_t branch_workspace(index_t batch) {
    if constexpr (alive<Pass, typename X::shape_type>::dead(I)) return 0;
    else return run<Pass, X, I, L>::template workspace_size<X, part_of<X, I, Y>>(batch);
  }
  // Training: a branch's share of dx, unless every branch has its own part of it.
  template <class Pass, class X>
  static index_t share_size(index_t batch) {
    return Pass::training && !own_parts() ? round_up(X::shape.size() * batch, arena<int>::grain) : 0;
  }
  template <class Pass, class X, class Y>
  static index_t workspace_size(index_t batch) {
    index_t most = 0;
    [&]<int... I>(std::integer_sequence<int, I...>) {
      ((most = larger(most, branch_workspace<Pass, X, Y, I, Branch>(batch))), ...);
    }(std::make_integer_sequence<int, count>{});
    return most + share_size<Pass, X>(batch);
  }

  template <class Pass, class S, class X, class Y>
  void forward(Pass& pass, const S* p, X x, Y y, S* state) const {
    [&]<int... I>(std::integer_sequence<int, I...>) { (forward_branch<I, Branch>(pass, p, x, y, state), ...); }(std::make_integer_sequence<int, count>{});
  }
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) const {
    if constexpr (Wanted<DX> && own_parts()) Pass::backend::assign(pass.context, dx, S(0));
    backward_part(pass, p, x, y, dy, dx, g, state);
  }
  // As backward, but elements of dx that no branch looks at stay as they are.
  template <class Pass, class S, class X, class Y, class DY, class DX>
  void backward_part(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) const {
    [&]<int... I>(std::integer_sequence<int, I...>) { (backward_branch<I, Branch>(pass, p, x, y, dy, dx, g, state), ...); }(std::make_integer_sequence<int, count>{});
  }

private:
  template <class Pass, class In, class L, int I, class V>
  static void describe_branch(V&& visitor, plan::nested where) {
    if constexpr (alive<Pass, In>::dead(I)) visitor(where.depth, I, L::label(), "skipped: nobody reads it", plan::moves{});
    else plan::chain<typename Pass::template reading<box_of<Pass, In, I>>, In, L>::visit_plan([&](int d, int number, const std::string& label, const std::string& what, plan::moves made) {
      visitor(d, d == where.depth ? I : number, label, what, made);
    }, where);
  }
  template <int I, class L, class Pass, class S, class X, class Y>
  void forward_branch(Pass& pass, const S* p, X x, Y y, S*& state) const {
    using B = typename Pass::backend;
    using In = typename X::shape_type;
    if constexpr (padding<I, In>::rows > 0) B::assign(pass.context, y.template sub<shape_at<padding<I, In>, 0>, I, count>(), S(0));
    const auto out = part<I, Y, In>(y);
    if constexpr (!alive<Pass, In>::dead(I)) {
      auto own = pass.template inside<box_of<Pass, In, I>>(pass.workspace, I);
      if constexpr (places<B, In, false>::offsets[I] > 0) own.statistics += places<B, In, false>::offsets[I];
      plan::within([] { return path_name<L>(I); }, [&] { run<Pass, X, I, L>::forward(own, get<I>(branches), p + places<B, In>::offsets[I], x, out, state); });
      state += branch_state<Pass, X, Y, I, L>(larger(pass.room, y.batch));
    }
  }
  template <int I, class L, class Pass, class S, class X, class Y, class DY, class DX>
  void backward_branch(Pass& pass, const S* p, X x, Y y, DY dy, DX dx, S* g, S*& state) const {
    using B = typename Pass::backend;
    using In = typename X::shape_type;
    if constexpr (alive<Pass, In>::dead(I)) {
      if constexpr (Wanted<DX> && I == 0 && !own_parts()) B::assign(pass.context, dx, S(0));
    } else {
      const auto out = part<I, Y, In>(y);
      const auto d_out = part<I, DY, In>(dy);
      const S* pi = p + places<B, In>::offsets[I];
      S* gi = g + places<B, In>::offsets[I];
      const L& layer = get<I>(branches);
      using alone = run<Pass, X, I, L>;
      auto own = pass.template inside<box_of<Pass, In, I>>(pass.workspace + (pass.workspace ? share_size<Pass, X>(larger(pass.room, y.batch)) : 0), I);
      if constexpr (places<B, In, false>::offsets[I] > 0) own.statistics += places<B, In, false>::offsets[I];
      if constexpr (!Wanted<DX>) alone::backward(own, layer, pi, x, out, d_out, dx, gi, state);
      else if constexpr (own_parts()) layer.backward_part(own, pi, x, out, d_out, dx, gi, state);
      else if constexpr (I == 0) alone::backward(own, layer, pi, x, out, d_out, dx, gi, state);
      else {
        const view<S, canonical<In>> share{pass.workspace, dx.batch};
        alone::backward(own, layer, pi, x, out, d_out, share, gi, state);
        B::add(pass.context, share, dx);
      }
      state += branch_state<Pass, X, Y, I, L>(larger(pass.room, y.batch));
    }
  }
};

}
