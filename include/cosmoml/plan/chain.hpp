// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/chain_form.hpp>
#include <cosmoml/plan/finite_guard.hpp>
#include <cosmoml/plan/reuse.hpp>
#include <cosmoml/tensor/arena.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// A list of layers at work: the plan, storage of the edges between its steps, the two passes.
template <class Pass, class In, class... L>
struct chain {
  using B = typename Pass::backend;
  using S = typename Pass::scalar;
  using form = chain_form<B, In, L...>;
  using layers = typename form::layers;

  static constexpr bool choose = std::same_as<typename Pass::live, chosen>;
  static constexpr nn::layer_behaviour behaviour = []<int... I>(std::integer_sequence<int, I...>) {
    return (nn::layer_behaviour{} | ... | nn::behaviour_of<L, typename form::template shape<I>>());
  }(typename form::indices{});

  static constexpr auto steps = [] {
    constexpr nn::kind kinds[] = {nn::kind_of<L>(Pass::training)...};
    return make_steps<form::layer_count>(kinds, form::shapes.data(), Pass::allowed, choose, static_cast<const rules*>(nullptr));
  }();
  static constexpr int count = steps.count;
  using indices = std::make_integer_sequence<int, count>;

  // What is read of each edge.
  struct alive {
    static constexpr auto shapes = Pass::allowed.skip_dead ? live_walk<L...>(form::shapes, live_box<typename Pass::live>(form::shapes.back())) : form::shapes;
  };
  template <int K>
  using live_after = std::conditional_t<choose && K + 1 == count, chosen,
                                        typename box<alive, steps.steps[K + 1].first,
                                                     alive::shapes[std::size_t(steps.steps[K + 1].first)] == form::shapes[std::size_t(steps.steps[K + 1].first)]>::type>;
  template <int K>
  using pass_of = typename Pass::template reading<live_after<K>>;

  template <int K, class J>
  struct step_of;
  template <int K, int... J>
  struct step_of<K, std::integer_sequence<int, J...>> {
    static constexpr int first = steps.steps[K].first;
    using type = typename leaf_type<steps.steps[K].rule, rules>::template step<pass_of<K>, typename form::template shape<first>, leaf_type<first + J, layers>...>;
  };
  template <int K>
  using step = typename step_of<K, std::make_integer_sequence<int, steps.steps[K].layers>>::type;
  // Of the edge before step K.
  template <int K>
  using layout = typename B::template layout<typename form::template shape<steps.steps[K].first>, form::request(steps.steps[K].first, Pass::training && Pass::allowed.batch_vectors)>;
  template <int K>
  using edge = view<S, layout<K>>;

  // The first step with parameters: where backward may end when nobody wants the gradient of the input.
  static constexpr int first_trained = [] {
    constexpr bool shares[] = {nn::shares_of<L>()...};
    for (int k = 0, i = 0; k < count; ++k) {
      if (form::offsets[std::size_t(steps.steps[k + 1].first)] > 0) return k;
      for (; i < steps.steps[k + 1].first; ++i)
        if (shares[i]) return k;
    }
    return count;
  }();

  // What the way back of each step reads.
  template <int K>
  static constexpr bool repeats() {
    if constexpr (steps.steps[K].layers == 1) return nn::repeats<leaf_type<steps.steps[K].first, layers>>();
    else return requires { requires leaf_type<steps.steps[K].rule, rules>::repeats; };
  }
  static constexpr auto reads_output = []<int... K>(std::integer_sequence<int, K...>) {
    return std::array<bool, sizeof...(K) + 1>{(steps.steps[K].layers > 1 ? !repeats<K>() : nn::reads_output_of<leaf_type<steps.steps[K].first, layers>>())...};
  }(indices{});
  static constexpr auto reads = []<int... K>(std::integer_sequence<int, K...>) {
    return std::array<step_reads, sizeof...(K) + 1>{step_reads{nn::reads_input_of<leaf_type<steps.steps[K].first, layers>>(), reads_output[K], repeats<K>()}...};
  }(indices{});

  // Steps that change no more than the shape: what they give lies where what they take lies. Gradients ask for themselves: dx and dy
  // may be stored otherwise than x and y.
  template <class X, class Y>
  struct shared {
    template <int K>
    static constexpr bool possible() {
      constexpr planned_step s = steps.steps[K];
      if constexpr (!Pass::allowed.share || s.layers != 1 || nn::kind_of<leaf_type<s.first, layers>>(Pass::training) != nn::kind::relabel || choose) return false;
      else return same_storage<typename decltype(pick<K == 0, false, edge<K>>(std::declval<X>(), std::declval<Y>(), std::declval<S*>(), 0))::layout,
                               typename decltype(pick<false, K + 1 == count, edge<K + 1>>(std::declval<X>(), std::declval<Y>(), std::declval<S*>(), 0))::layout>;
    }
    static constexpr auto steps_of = [] {
      std::array<bool, std::size_t(count)> s{};
      for_index<count>([&](auto k) { s[k] = possible<k>() && (k + 1 < count || (k > 0 && !s[std::size_t(k > 0 ? k - 1 : 0)])); });
      return s;
    }();
    static constexpr bool step(int k) { return k >= 0 && k < count && steps_of[std::size_t(k)]; }

    // Activations whose two edges share their memory. For values, what comes before must not read what it gave; the last one's may be the
    // output of the list. For gradients nobody else reads one, but those outside are left alone.
    template <int K>
    static constexpr bool passes_in_place() {
      constexpr planned_step s = steps.steps[K];
      if constexpr (!Pass::allowed.in_place || choose || K == 0 || s.layers != 1) return false;
      else if constexpr (nn::kind_of<leaf_type<s.first, layers>>(Pass::training) != nn::kind::elementwise) return false;
      else if constexpr (K + 1 == count) return std::same_as<layout<K>, typename Y::layout>;
      else return std::same_as<layout<K>, layout<K + 1>>;
    }
    template <int K>
    static constexpr bool elementwise() {
      return passes_in_place<K>() && !(K + 2 == count && step(K + 1));
    }
    template <int K>
    static constexpr bool overwrites() {
      if constexpr (!elementwise<K>() || step(K - 1)) return false;
      else return !Pass::training || !reads_output[K - 1];
    }
    struct places_of_activations {
      bool values[std::size_t(count) + 1] = {}, gradients[std::size_t(count) + 1] = {};
    };
    static constexpr auto in_place = [] {
      places_of_activations p;
      for_index<count>([&](auto k) { p.values[k] = overwrites<k>(), p.gradients[k] = k + 1 < count && elementwise<k>(); });
      return p;
    }();
    // Whose memory an edge lies in: that of an edge, of x (0) or of y (count). For gradients the outer ones are dx and dy.
    template <bool Values>
    static constexpr auto owners_of() {
      std::array<int, std::size_t(count) + 1> o{};
      const bool* const same = Values ? in_place.values : in_place.gradients;
      o[count] = count;
      for (int k = 1; k < count; ++k) {
        const bool last = k + 1 == count;
        if (step(k - 1)) o[std::size_t(k)] = o[std::size_t(k - 1)];
        else if (Values && same[k - 1]) o[std::size_t(k)] = o[std::size_t(k - 1)];
        else o[std::size_t(k)] = last && (step(k) || (Values && same[k])) ? count : k;
      }
      return o;
    }
    static constexpr auto owners = owners_of<true>(), gradient_owners = owners_of<false>();
    static constexpr edge_groups<count> groups = group_edges<count>(owners.data(), reads.data());
    // Which half of the workspace an edge takes: the other one than the edge before it.
    static constexpr auto halves = [] {
      std::array<int, std::size_t(count) + 1> h{};
      for (int k = 2; k < count; ++k) h[std::size_t(k)] = h[std::size_t(k - 1)] ^ int(!step(k - 1) && !(Pass::training ? in_place.gradients[k - 1] : in_place.values[k - 1]));
      return h;
    }();
  };

  using places = chain_places<S, count, Pass::training>;
  template <class X, class DX>
  using gradient_of = std::conditional_t<Wanted<DX>, DX, X>;   // what stands for dx where nobody wants it
  struct ends {
    S *x = nullptr, *y = nullptr, *dx = nullptr, *dy = nullptr;
  };
  template <class X, class Y, class DX = X, class DY = Y>
  static places lay_out(S* state, S* workspace, index_t batch, bool adjoins, ends outside = {}) {
    places at;
    if constexpr (count == 1) {   // no inner edges: nothing to place, and most of a network's lists are such
      at.state[0] = state;
      at.state_size = round_up(step<0>::template state_size<X, Y>(batch), arena<S>::grain);
      for (auto& way : at.workspace) way[0] = workspace;
      at.workspace_size = round_up(step<0>::template workspace_size<X, Y>(batch), arena<S>::grain);
      return at;
    } else return lay_out_several<X, Y, DX, DY>(at, state, workspace, batch, adjoins, outside);
  }
  template <class X, class Y, class DX, class DY>
  static places lay_out_several(places at, S* state, S* workspace, index_t batch, bool adjoins, const ends& outside) {
    using sharing = shared<X, Y>;
    using gradients = shared<DX, DY>;
    arena<S> free(workspace);
    kept_lengths<count> lengths;
    kept_list keeps = lengths.list(reads_output.data(), same_gradient.data(), sharing::groups);
    for_index<count>([&](auto k) {
      using from = decltype(pick<k == 0, false, edge<k>>(std::declval<X>(), std::declval<Y>(), state, batch));
      using to = decltype(pick<false, k + 1 == count, edge<k + 1>>(std::declval<X>(), std::declval<Y>(), state, batch));
      keeps.needs[k] = round_up(step<k>::template workspace_size<from, to>(batch), arena<S>::grain);
      keeps.states[k] = round_up(step<k>::template state_size<from, to>(batch), arena<S>::grain);
      if constexpr (k > 0) keeps.edges[k] = round_up(layout<k>::size(batch), arena<S>::grain);
    });
    const auto lies = [&](int owner, S* before, S* behind, S* own) { return owner == 0 ? before : owner == count ? behind : own; };
    constexpr const int* halves = std::conditional_t<Pass::training, gradients, sharing>::halves.data();
    constexpr const int* owners = sharing::owners.data();
    constexpr const int* gradient_owners = gradients::gradient_owners.data();
    S* half[2] = {};
    const auto take_halves = [&] {
      index_t size[2] = {0, 0};
      for (int k = 1; k < count; ++k)
        if (Pass::training || owners[k] == k) size[halves[k]] = larger(size[halves[k]], keeps.edges[k]);
      for (int h = 0; h < 2; ++h) half[h] = free.take(size[h]);
    };
    if constexpr (Pass::training) {
      const auto large = [&] { return keeps.state_size * index_t(sizeof(S)) >= Pass::allowed.reuse_from; };
      keeps.place(owners, Pass::allowed.reuse && Pass::allowed.recompute && sharing::groups.any);
      if (keeps.drops && !large()) keeps.place(owners, false);   // by what is left, so that whoever asks what a list keeps knows whether it reuses
      at.state_size = keeps.state_size;
      for (int k = 0; k < count; ++k) {
        at.value[k] = at.again[k] = lies(owners[k], outside.x, outside.y, state ? state + keeps.edge_begin[owners[k]] : nullptr);
        at.state[k] = state ? state + keeps.state_begin[k] : nullptr;
      }
      placement how{};
      if (Pass::allowed.reuse && large()) {
        const auto [most, best] = most_in_the_dead(keeps, adjoins, relabels<0>, relabels<count - 1>);
        how = best;
        at.drops = keeps.drops;
        at.reuses = at.drops || Pass::allowed.reuse_from == 0 || 16 * (keeps.apart() - most) >= keeps.state_size + keeps.apart();
        at.workspace_size = most;
      }
      if (at.reuses) {
        if (state || workspace) {
          dead_places places[count + 1];
          keeps.place_gradients(gradients::step(0), gradients::template possible<count - 1>());
          place_in_the_dead(keeps, adjoins, how, places);
          give_addresses(at, places, keeps, adjoins, state, workspace);
        }
      } else {
        take_halves();
        for (int k = 1; k < count; ++k) at.gradient[k] = half[halves[k]];
      }
      for (int k = 1; k < count; ++k)
        if (gradient_owners[k] == 0 || gradient_owners[k] == count) at.gradient[k] = lies(gradient_owners[k], outside.dx, outside.dy, nullptr);
        else if (gradient_owners[k] != k) at.gradient[k] = at.gradient[gradient_owners[k]];
      if (at.reuses) return at;
    } else {
      take_halves();
      for (int k = 0; k < count; ++k) {
        at.value[k] = lies(owners[k], outside.x, outside.y, half[halves[k]]);
        at.state[k] = state ? state + at.state_size : nullptr;
        at.state_size += keeps.states[k];
      }
    }
    const index_t mark = free.mark();
    for (int k = 0; k < count; ++k) {
      for (auto& way : at.workspace) way[k] = workspace ? workspace + mark : nullptr;
      free.take(keeps.needs[k]);
      free.release(mark);
    }
    at.workspace_size = free.size();
    return at;
  }
  // visitor(depth, first layer, layers, what is done, plan::moves): for people.
  template <class V>
  static void visit_plan(V&& visitor, nested where = {layout<0>::name, layout<count>::name}) {
    [&]<int... K>(std::integer_sequence<int, K...>) { (describe_step<K>(visitor, where), ...); }(indices{});
  }
  template <class X, class Y>
  static index_t state_size(index_t batch) {
    return lay_out<X, Y>(nullptr, nullptr, batch, false).state_size;
  }
  // adjoins: it begins where the state ends, and passes say so.
  template <class X, class Y>
  static index_t workspace_size(index_t batch, bool adjoins = false) {
    return lay_out<X, Y>(nullptr, nullptr, batch, adjoins).workspace_size;
  }

  // Named: as part of a network, where each step has a name of its own; not alone in another layer that knows its name.
  template <bool Named = true, class X, class Y>
  static void forward(Pass& pass, const layers& l, const S* p, X x, Y y, S* state) {
    const places at = lay_out<X, Y>(state, pass.workspace, larger(pass.room, y.batch), pass.adjoins, {x.data, y.data});
    [&]<int... K>(std::integer_sequence<int, K...>) { (forward_step<K, Named>(pass, l, p, x, y, at), ...); }(indices{});
  }
  template <class X, class Y, class DY, class DX>
  static void backward(Pass& pass, const layers& l, const S* p, X x, Y y, DY dy, DX dx, S* g, S* state) {
    ends outside{x.data, y.data, nullptr, dy.data};
    if constexpr (Wanted<DX>) outside.dx = dx.data;
    const places at = lay_out<X, Y, gradient_of<X, DX>, DY>(state, pass.workspace, larger(pass.room, y.batch), pass.adjoins, outside);
    [&]<int... R>(std::integer_sequence<int, R...>) { (backward_step<count - 1 - R>(pass, l, p, x, y, dy, dx, g, at), ...); }(indices{});
  }

  // The path of the first layer whose output, kept in state by the last forward, is not finite; empty if there is none.
  template <class X, class Y>
  static std::string first_not_finite(typename B::context& c, X x, Y y, S* state, index_t room, const std::string& path) {
    const places at = lay_out<X, Y>(state, nullptr, room, false, {x.data, y.data});
    std::string found;
    for_index<count>([&](auto k) {
      constexpr auto& groups = shared<X, Y>::groups;
      if (!found.empty() || (at.drops && k + 1 < count && groups.passing[groups.first[k + 1]])) return;   // not kept: what it does shows further on
      const auto out = pick<false, k + 1 == count, edge<k + 1>>(x, y, at.value[k + 1], y.batch);
      if (!any_not_finite<B>(c, out)) return;
      constexpr int first = steps.steps[k].first;
      using layer = leaf_type<first, layers>;
      const std::string own = nn::path_of(path, nn::path_name<layer>(first));
      if constexpr (requires { layer::template first_not_finite<Pass>(c, x, out, at.state[k], room, own); })
        found = layer::template first_not_finite<Pass>(c, pick<k == 0, false, edge<k>>(x, y, at.value[k], y.batch), out, at.state[k], room, own);
      if (found.empty()) found = own + " (" + layer::label() + ")";
    });
    return found;
  }

private:
  template <int K>
  static constexpr bool relabels = nn::kind_of<leaf_type<steps.steps[K].first, layers>>(Pass::training) == nn::kind::relabel;
  // Which steps leave their gradient where it lies, apart from the first and the last, whose outer edges have layouts of their own.
  static constexpr auto same_gradient = [] {
    std::array<nn::kind, std::size_t(count) + 1> same{};
    for_index<count>([&](auto k) {
      if constexpr (k > 0 && k + 1 < count) {
        using passing = shared<edge<0>, edge<count>>;
        if (passing::template possible<k>()) same[k] = nn::kind::relabel;
        else if (passing::template passes_in_place<k>()) same[k] = nn::kind::elementwise;
      }
    });
    return same;
  }();
  template <int K, class V>
  static void describe_step(V&& visitor, nested where) {
    constexpr planned_step s = steps.steps[K];
    std::string label;
    for_index<s.layers>([&](auto i) {
      using layer = leaf_type<s.first + i, layers>;
      label += (i > 0 ? ", " : "") + layer::label();
    });
    std::string what = leaf_type<s.rule, rules>::name;
    constexpr extents all = form::shapes[std::size_t(s.first + s.layers)], live = alive::shapes[std::size_t(s.first + s.layers)];
    if constexpr (s.layers == 1 && nn::kind_of<leaf_type<s.first, layers>>(Pass::training) == nn::kind::relabel)
      what = shared<edge<0>, edge<count>>::step(K) ? "nothing moves" : "to another layout";
    else if constexpr (shared<edge<0>, edge<count>>::in_place.values[K]) what = "in place";
    if (live != all) what += text(what.empty() ? "" : "; ", "only ", live, " of ", all, " is read");
    const nested inner{K == 0 ? where.before : layout<K>::name, K + 1 == count ? where.after : layout<K + 1>::name, where.depth + 1};
    using first = leaf_type<s.first, layers>;
    constexpr bool opens = requires { first::template visit_plan<pass_of<K>, typename form::template shape<s.first>>(visitor, inner); };
    moves made{.relays = !opens && inner.before != inner.after};   // in a composite one of its own steps does
    if (made.relays) what += text(what.empty() ? "" : "; ", inner.before, " to ", inner.after);
    if constexpr (requires { first::template method<pass_of<K>, edge<K>, edge<K + 1>>(); }) {
      const convolution_method m = first::template method<pass_of<K>, edge<K>, edge<K + 1>>();
      made.copies = m.copies && (K > 0 || where.depth == 0);   // where a list inside a list begins, the edge is the outer one's
      if (!m.how.empty()) what += text(what.empty() ? "" : "; ", m.how, made.copies ? ", of a copy" : "");
    }
    visitor(where.depth, s.first, label, what, made);
    if constexpr (opens) first::template visit_plan<pass_of<K>, typename form::template shape<s.first>>(visitor, inner);
  }
  template <int K, bool Named, class X, class Y>
  static void forward_step(Pass& pass, const layers& l, const S* p, X x, Y y, const places& at) {
    if constexpr (shared<X, Y>::step(K)) return;
    constexpr int first = steps.steps[K].first;
    const auto from = pick<K == 0, false, edge<K>>(x, y, at.value[K], y.batch);
    const auto to = pick<false, K + 1 == count, edge<K + 1>>(x, y, at.value[K + 1], y.batch);
    [[maybe_unused]] const bool dirty = Pass::training && (at.reuses || pass.dirty);
    if constexpr (K + 1 < count && !shared<X, Y>::in_place.values[K])
      if (!Pass::training || dirty || y.batch % layout<K + 1>::together != 0) B::zero_padding(pass.context, to);   // another layout was here, or more samples
    auto own = pass.template inside<live_after<K>>(at.workspace[0][K], first);
    if constexpr (Pass::training) {
      own.dirty = dirty;
      own.prepared = own.prepared && !dirty;
      if constexpr (steps.steps[K].layers > 1 || !nn::Composite<leaf_type<first, layers>>)
        if (dirty) B::fill(pass.context, at.state[K], step<K>::template state_size<decltype(from), decltype(to)>(larger(pass.room, y.batch)), S(0));
    }
    if constexpr (form::statistics_offsets[first] > 0) own.statistics += form::statistics_offsets[first];
    const auto run = [&] { step<K>::template forward<layers, first>(own, l, p + form::offsets[first], from, to, at.state[K]); };
    if constexpr (!guards_finite || !Named) run();
    else {
      constexpr int last = first + steps.steps[K].layers - 1;
      using layer = leaf_type<last, layers>;
      within([] { return nn::path_name<layer>(last); }, [&] {
        run();
        expect_finite<B>(pass.context, to, pass.first_sample, [] { return layer::label(); });
      });
    }
  }
  // The edges from First to Last, which lie in one place, from the one before them.
  template <int Last, int First, class X, class Y>
  static void compute_again(Pass& pass, const layers& l, const S* p, X x, Y y, const places& at) {
    if constexpr (First > 0 && First <= Last && shared<X, Y>::groups.again[First])
      for_index<Last - First + 1>([&](auto i) {
        constexpr int k = First - 1 + i, first = steps.steps[k].first;
        if constexpr (shared<X, Y>::step(k)) return;
        else {
          const auto from = pick<k == 0, false, edge<k>>(x, y, at.again[k], y.batch);
          const auto to = edge<k + 1>{at.again[k + 1], y.batch};
          if constexpr (i == 0) B::zero_padding(pass.context, to);
          auto own = pass.template inside<live_after<k>>(at.again_workspace[Last], first);
          step<k>::template forward_again<layers, first>(own, l, p + form::offsets[first], from, to, at.state[k]);
        }
      });
  }
  // The gradient of the edge before step K as the two steps beside it know it: whether the second gives the slope of the first.
  template <int K, class DY, class V>
  static auto sloped(V v) {
    if constexpr (K == 0 || K >= count) return v;
    else if constexpr (steps.steps[K].layers != 1) return v;
    else return given_slope<Pass, step<K - 1>, leaf_type<steps.steps[K].first, layers>, edge<K>, std::conditional_t<K + 1 == count, DY, edge<K + 1>>>(v);
  }
  template <int K, class X, class Y, class DY, class DX>
  static void backward_step(Pass& pass, const layers& l, const S* p, X x, Y y, DY dy, DX dx, S* g, const places& at) {
    constexpr int first = steps.steps[K].first;
    constexpr bool begin = K == 0, end = K + 1 == count, stop = !Wanted<DX> && K <= first_trained;
    if constexpr ((!Wanted<DX> && K < first_trained) || shared<gradient_of<X, DX>, DY>::step(K)) return;
    if constexpr (Pass::training && !begin)
      if (at.again_workspace[K]) compute_again<K, shared<X, Y>::groups.first[K]>(pass, l, p, x, y, at);
    const auto to = pick<begin || stop, false, edge<K>>(dx, dy, at.gradient[K], y.batch);
    if constexpr (!begin && !stop && !shared<gradient_of<X, DX>, DY>::in_place.gradients[K]) B::zero_padding(pass.context, to);
    auto own = pass.template inside<live_after<K>>(at.workspace[Pass::training ? 1 : 0][K], first);
    if constexpr (form::statistics_offsets[first] > 0) own.statistics += form::statistics_offsets[first];
    const auto from = pick<false, end, edge<K + 1>>(dx, dy, at.gradient[K + 1], y.batch);
    step<K>::template backward<layers, first>(own, l, p + form::offsets[first], pick<begin, false, edge<K>>(x, y, at.again[K], y.batch),
                                              pick<false, end, edge<K + 1>>(x, y, at.again[K + 1], y.batch), sloped<K + 1, DY>(from), sloped<K, DY>(to),
                                              g + form::offsets[first], at.state[K]);
  }
};

}
