// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/plan/recompute.hpp>

#include <utility>

namespace cosmoml::inline COSMOML_ABI::plan {

struct memory_piece {
  index_t begin = 0, end = 0;
};

// Where gradients of edges, and what a step needs while it runs, lie in memory that nobody reads any more: on the way back what a step
// kept is dead as soon as it is done, and on the way forward what later steps will keep is not yet there. Steps are placed from the last
// to the first, each piece above the living where no other piece lies.
//
// Places count scalars from where the state begins; from `kept`, its end, they are in the workspace, which may be elsewhere: only where
// that `adjoins` may a piece lie across the seam.
class reuse {
public:
  using piece = memory_piece;
  reuse(index_t kept, bool adjoins) : kept_(kept), adjoins_(adjoins) {}

  // The lowest place for `size` scalars from `living` on that neither `a` nor `b` nor `c` takes.
  piece place(index_t size, index_t living, piece a = {}, piece b = {}, piece c = {}) {
    const piece at = find(size, living, a, b, c);
    take(at);
    return at;
  }
  void take(piece at) {
    if (at.end > at.begin && at.end > most_) most_ = at.end;
  }
  piece find(index_t size, index_t living, piece a = {}, piece b = {}, piece c = {}) const {
    if (size == 0) return {living, living};
    piece at{living, living + size};
    for (bool moved = true; moved;) {
      moved = false;
      const auto past = [&](index_t from) { at = {from, from + size}, moved = true; };
      if (meet(at, a)) past(a.end);
      if (meet(at, b)) past(b.end);
      if (meet(at, c)) past(c.end);
      if (!adjoins_ && at.begin < kept_ && at.end > kept_) past(kept_);
    }
    return at;
  }
  // The highest one below what was ever taken, if there is one, else the lowest.
  piece find_high(index_t size, index_t living, piece a, piece b, piece c = {}) const {
    index_t end = larger(this->end(), a.end);
    for (bool moved = size > 0; moved && end - size >= living;) {
      moved = false;
      const piece at{end - size, end};
      const auto below = [&](index_t begin) { end = begin, moved = true; };
      if (meet(at, a)) below(a.begin);
      else if (meet(at, b)) below(b.begin);
      else if (meet(at, c)) below(c.begin);
      else if (!adjoins_ && at.begin < kept_ && at.end > kept_) below(kept_);
      else return at;
    }
    return find(size, living, a, b, c);
  }
  index_t end() const { return larger(most_, kept_); }
  // Of the workspace.
  index_t size() const { return most_ > kept_ ? most_ - kept_ : 0; }
  template <class S>
  S* address(piece at, S* state, S* workspace) const {
    return at.begin < kept_ ? state + at.begin : workspace + (at.begin - kept_);
  }

private:
  static bool meet(piece a, piece b) { return a.begin < b.end && b.begin < a.end; }
  index_t kept_, most_ = 0;
  bool adjoins_;
};

// A list of `count` steps, in scalars; ends count from where the state begins. Not a template, since every list in a network asks.
struct kept_list {
  int count;
  const bool* reads_output;                // of each step, on its way back
  const nn::kind* same;                    // which inner steps leave their gradient where it lies
  index_t *edges, *states, *needs;         // what each edge takes, what each step keeps, and needs while it runs
  index_t *edge_begin, *state_begin, *edge_end, *state_end;
  bool *elsewhere, *with_next;             // of each inner edge: its gradient lies in an outer one's memory, or where the next edge's does
  const int *first, *last;                 // of plan::edge_groups
  const bool *passing, *again;
  bool drops = false;
  index_t state_size = 0;

  // Edges as `owners` says, those that pass left out if it drops them.
  void place(const int* owners, bool drop) {
    drops = drop;
    index_t at = 0;
    for (int k = 0; k < count; ++k) {
      edge_begin[k] = at;
      if (k > 0 && owners[k] == k && !(drops && passing[k])) at += edges[k];
      edge_end[k] = state_begin[k] = at;
      state_end[k] = at += states[k];
    }
    edge_end[count] = state_size = at;
  }
  // Whether the first and the last step leave their gradient where it lies depends on the layouts of the gradients outside.
  void place_gradients(bool first_shares, bool last_shares) {
    const auto inner = [&](int k) { return k == 0 ? first_shares : same[k] == nn::kind::relabel; };
    const auto shares = [&](int k) { return k + 1 == count ? k > 0 && last_shares && !inner(k - 1) : inner(k); };
    for (int k = 1; k < count; ++k) elsewhere[k] = shares(k - 1) ? k == 1 || elsewhere[k - 1] : k + 1 == count && shares(k);
    for (int k = 1; k + 1 < count; ++k)
      with_next[k] = !elsewhere[k] && !elsewhere[k + 1] && (shares(k) || (same[k] == nn::kind::elementwise && !(k + 2 == count && shares(k + 1))));
  }
  // Where what the way back of step k still needs ends.
  index_t living(int k) const { return reads_output[k] ? edge_end[k + 1] : state_end[k]; }
  // The workspace where nothing is reused: about the two largest gradients and the hungriest step.
  index_t apart() const {
    index_t largest = 0, second = 0, need = 0;
    for (int k = 0; k < count; ++k) {
      need = larger(need, needs[k]);
      second = larger(second, edges[k] < largest ? edges[k] : largest);
      largest = larger(largest, edges[k]);
    }
    return largest + second + need;
  }
};
// The memory of one.
template <int Count>
struct kept_lengths {
  index_t numbers[7][Count + 1] = {};
  bool flags[2][Count + 1] = {};
  kept_list list(const bool* reads_output, const nn::kind* same, const edge_groups<Count>& g) {
    auto& n = numbers;
    return {Count, reads_output, same, n[0], n[1], n[2], n[3], n[4], n[5], n[6], flags[0], flags[1], g.first, g.last, g.passing, g.again};
  }
};

// What of one step, and of the edge before it, lies in dead memory. `value` and `again`: the edge on the way forward and back, where it is
// not kept; again_workspace: of the step that computes it again.
struct dead_places {
  memory_piece gradient, value, again, workspace[2], again_workspace;
  bool has_gradient = false, passes = false, computes_again = false;
};

// Where gradients go: at the lowest place, or at the one that leaves most for the next step. Neither is always the better one.
enum class placement { low, looking_ahead };

// Places all that may lie in dead memory and returns the size of the workspace.
inline index_t place_in_the_dead(const kept_list& l, bool adjoins, placement how, dead_places* places) {
  reuse memory(l.state_size, adjoins);
  reuse::piece dy{}, again{}, passing{}, next{};   // passing: what lies at the edge before this step on the way forward; next: behind it
  int again_from = l.count;
  for (int k = l.count - 1; k >= 0; --k) {
    dead_places at{};
    const index_t living = l.living(k);
    const int first = l.drops ? l.first[k] : 0;   // of the edges that lie where edge k does
    const bool begins_back = k > 0 && first > 0 && l.passing[first] && l.last[first] == k;
    next = {};
    if (l.drops && (k + 1 == l.count || l.first[k + 1] != first)) next = passing, passing = {};
    if (begins_back) passing = memory.place(l.edges[first], l.edge_end[k + 1], next);
    at.workspace[0] = memory.place(l.needs[k], l.edge_end[k + 1], passing, next);
    if (k < again_from) again = {};
    if (begins_back && l.again[first]) {
      again = memory.place(l.edges[first], living, dy);
      again_from = l.reads_output[first - 1] ? first - 1 : first;
      index_t need = 0;
      for (int e = first; e <= k; ++e) need = larger(need, l.needs[e - 1]);
      at.computes_again = true;
      at.again_workspace = memory.place(need, living, dy, again);
    }
    at.passes = first > 0 && l.passing[first];
    at.value = passing;
    at.again = at.passes && l.again[first] ? again : passing;
    reuse::piece dx{};
    if (k > 0 && !l.elsewhere[k]) {
      if (l.with_next[k]) dx = dy;
      else if (how == placement::low) dx = memory.place(l.edges[k], living, dy, again);
      else {
        // Low, high, behind all, or behind what the next step back needs.
        const index_t living_next = l.living(k - 1);
        const reuse::piece own = memory.find(l.needs[k], living, dy, again);
        const reuse::piece choices[] = {memory.find(l.edges[k], living, dy, again), memory.find_high(l.edges[k], living, dy, again), memory.find_high(l.edges[k], living, own, dy, again),
                                        memory.find(l.edges[k], larger(own.end, memory.end()), dy, again), memory.find(l.edges[k], larger(living, living_next + l.edges[k - 1]), dy, again),
                                        memory.find(l.edges[k], larger(living, living_next + l.edges[k - 1] + l.needs[k - 1]), dy, again)};
        index_t least = 0;
        for (const reuse::piece& p : choices) {
          reuse after = memory;
          after.take(p);
          after.place(l.needs[k], living, p, dy, again);
          reuse::piece next_dx{};
          if (k > 1 && !l.elsewhere[k - 1]) next_dx = l.with_next[k - 1] ? p : after.place(l.edges[k - 1], living_next, p);
          after.place(l.needs[k - 1], living_next, next_dx, p);
          if (&p == choices || after.size() < least) least = after.size(), dx = p;
        }
        memory.take(dx);
      }
      at.has_gradient = true;
      at.gradient = dx;
    }
    at.workspace[1] = memory.place(l.needs[k], living, dx, dy, again);
    dy = dx;
    if (places) places[k] = at;
  }
  return memory.size();
}
// The size, whatever the layouts of the gradients outside, and how to reach it. first, last: may those steps share their gradients?
inline std::pair<index_t, placement> most_in_the_dead(kept_list l, bool adjoins, bool first, bool last) {
  std::pair<index_t, placement> best{};
  for (placement how : {placement::low, placement::looking_ahead}) {
    index_t most = 0;
    for (int ends_share = 0; ends_share < 4; ++ends_share) {
      const bool first_shares = (ends_share & 1) != 0, last_shares = (ends_share & 2) != 0;
      if ((first_shares && !first) || (last_shares && !last)) continue;
      l.place_gradients(first_shares, last_shares);
      most = larger(most, place_in_the_dead(l, adjoins, how, nullptr));
    }
    if (how == placement::low || most < best.first) best = {most, how};
  }
  return best;
}

// Where things lie. Training: every inner edge and every step's state are kept from forward to backward; gradients of edges take turns
// in two halves of the workspace, or the places of what is dead by then. Inference: the edges themselves take turns.
template <class S, int Count, bool Training>
struct chain_places {
  S* value[Count + 1] = {};
  S* again[Count + 1] = {};      // the same on the way back
  S* gradient[Count + 1] = {};
  S* state[Count + 1] = {};
  S* workspace[Training ? 2 : 1][Count + 1] = {};   // of each step on its way forward, and back
  S* again_workspace[Count + 1] = {};
  bool reuses = false, drops = false;
  index_t state_size = 0, workspace_size = 0;
};
// From places to addresses.
template <class Places, class S>
void give_addresses(Places& at, const dead_places* places, const kept_list& l, bool adjoins, S* state, S* workspace) {
  const reuse memory(l.state_size, adjoins);
  for (int k = 0; k < l.count; ++k) {
    const dead_places& p = places[k];
    if (p.has_gradient) at.gradient[k] = memory.address(p.gradient, state, workspace);
    if (p.passes) at.value[k] = memory.address(p.value, state, workspace), at.again[k] = memory.address(p.again, state, workspace);
    if (p.computes_again) at.again_workspace[k] = memory.address(p.again_workspace, state, workspace);
    for (int way = 0; way < 2; ++way) at.workspace[way][k] = memory.address(p.workspace[way], state, workspace);
  }
}

}
