// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>
#include <cosmoml/plan/recompute.hpp>

#include <array>
#include <type_traits>
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

// What the steps of a list need, in scalars, and where what they keep lies, counted from where the state begins.
template <int Count>
struct kept_lengths {
  const std::array<bool, std::size_t(Count) + 1>& reads_output;   // of each step, on its way back
  index_t edges[Count + 1] = {}, states[Count + 1] = {}, needs[Count + 1] = {};
  index_t edge_begin[Count + 1] = {}, state_begin[Count + 1] = {};
  index_t edge_end[Count + 1] = {}, state_end[Count + 1] = {};    // of what is kept up to this edge, up to this step's state
  index_t state_size = 0;

  // Edges as `owners` says, those of `dropped` left out.
  void place(const int* owners, const edge_groups<Count>* dropped) {
    index_t at = 0;
    for (int k = 0; k < Count; ++k) {
      edge_begin[k] = at;
      if (k > 0 && owners[k] == k && !(dropped && dropped->passing[k])) at += edges[k];
      edge_end[k] = state_begin[k] = at;
      state_end[k] = at += states[k];
    }
    edge_end[Count] = state_size = at;
  }
  // Where what the way back of step k still needs ends.
  index_t living(int k) const { return reads_output[std::size_t(k)] ? edge_end[k + 1] : state_end[k]; }
  // The workspace where nothing is reused: about the two largest gradients and the hungriest step.
  index_t apart() const {
    index_t largest = 0, second = 0, need = 0;
    for (int k = 0; k < Count; ++k) {
      need = larger(need, needs[k]);
      second = larger(second, edges[k] < largest ? edges[k] : largest);
      largest = larger(largest, edges[k]);
    }
    return largest + second + need;
  }
};

// Of each inner edge: does its gradient lie in an outer one's memory, or where the next edge's does? `same` says of the inner steps which
// ones leave a gradient where it lies; whether the first and the last do depends on the layouts of the gradients outside.
template <int Count>
struct gradient_places {
  bool elsewhere[Count + 1] = {}, with_next[Count + 1] = {};
  gradient_places(const std::array<nn::kind, std::size_t(Count) + 1>& same, bool first_shares, bool last_shares) {
    bool shares[Count + 1] = {};
    for (int k = 0; k < Count; ++k)
      shares[k] = k + 1 == Count ? k > 0 && last_shares && !shares[k - 1] : k == 0 ? first_shares : same[std::size_t(k)] == nn::kind::relabel;
    for (int k = 1; k < Count; ++k) elsewhere[k] = shares[k - 1] ? k == 1 || elsewhere[k - 1] : k + 1 == Count && shares[k];
    for (int k = 1; k + 1 < Count; ++k)
      with_next[k] = !elsewhere[k] && !elsewhere[k + 1] && (shares[k] || (same[std::size_t(k)] == nn::kind::elementwise && !(k + 2 == Count && shares[k + 1])));
  }
};

// Where gradients go: at the lowest place, or at the one that leaves most for the next step. Neither is always the better one.
enum class placement { low, looking_ahead };

// Gradients and workspaces of all steps: at.gradient[k], and at.workspace[0][k] and [1][k] for the way forward and the way back; of edges
// that are `dropped`, at.value[k] and at.again[k] for the two ways, and at.again_workspace[k] of the step that computes them again.
// Returns the size of the workspace; without memory, that is all.
template <class Places, int Count, class S>
index_t place_in_the_dead(Places& at, const gradient_places<Count>& gradients, const kept_lengths<Count>& l, const edge_groups<Count>* dropped, bool adjoins, placement how, S* state, S* workspace) {
  reuse memory(l.state_size, adjoins);
  const auto address = [&](reuse::piece p) -> S* { return state || workspace ? memory.address(p, state, workspace) : nullptr; };
  reuse::piece dy{}, again{}, passing{}, next{};   // passing: what lies at the edge before this step on the way forward; next: behind it
  int again_from = Count;
  for (int k = Count - 1; k >= 0; --k) {
    const index_t living = l.living(k);
    const int first = dropped ? dropped->first[k] : 0;   // of the edges that lie where edge k does
    const bool begins_back = Count > 1 && first > 0 && dropped->passing[first] && dropped->last[first] == k;
    next = {};
    if (dropped && (k + 1 == Count || dropped->first[k + 1] != first)) next = passing, passing = {};
    if (begins_back) {
      passing = memory.place(l.edges[first], l.edge_end[k + 1], next);
      for (int e = first; e <= k; ++e) at.value[e] = at.again[e] = address(passing);
    }
    at.workspace[0][k] = address(memory.place(l.needs[k], l.edge_end[k + 1], passing, next));
    if (k < again_from) again = {};
    if (begins_back && dropped->again[first]) {
      again = memory.place(l.edges[first], living, dy);
      again_from = l.reads_output[std::size_t(first - 1)] ? first - 1 : first;
      index_t need = 0;
      for (int e = first; e <= k; ++e) at.again[e] = address(again), need = larger(need, l.needs[e - 1]);
      at.again_workspace[k] = address(memory.place(need, living, dy, again));
    }
    reuse::piece dx{};
    if (k > 0 && !gradients.elsewhere[k]) {
      if (gradients.with_next[k]) dx = dy;
      else if (how == placement::low) dx = memory.place(l.edges[k], living, dy, again);
      else {
        // Low, high, behind all, or behind what the next step back needs.
        const index_t living_next = l.living(k - 1);
        const reuse::piece own = memory.find(l.needs[k], living, dy, again);
        const reuse::piece places[] = {memory.find(l.edges[k], living, dy, again), memory.find_high(l.edges[k], living, dy, again), memory.find_high(l.edges[k], living, own, dy, again),
                                       memory.find(l.edges[k], larger(own.end, memory.end()), dy, again), memory.find(l.edges[k], larger(living, living_next + l.edges[k - 1]), dy, again),
                                       memory.find(l.edges[k], larger(living, living_next + l.edges[k - 1] + l.needs[k - 1]), dy, again)};
        index_t least = 0;
        for (const reuse::piece& p : places) {
          reuse after = memory;
          after.take(p);
          after.place(l.needs[k], living, p, dy, again);
          reuse::piece next_dx{};
          if (k > 1 && !gradients.elsewhere[k - 1]) next_dx = gradients.with_next[k - 1] ? p : after.place(l.edges[k - 1], living_next, p);
          after.place(l.needs[k - 1], living_next, next_dx, p);
          if (&p == places || after.size() < least) least = after.size(), dx = p;
        }
        memory.take(dx);
      }
      at.gradient[k] = address(dx);
    }
    at.workspace[1][k] = address(memory.place(l.needs[k], living, dx, dy, again));
    dy = dx;
  }
  return memory.size();
}
// The size, whatever the layouts of the gradients outside, and how to reach it.
template <class Places, int Count>
std::pair<index_t, placement> most_in_the_dead(Places at, const std::array<nn::kind, std::size_t(Count) + 1>& same, const kept_lengths<Count>& l, const edge_groups<Count>* dropped, bool adjoins) {
  using S = std::remove_pointer_t<std::remove_reference_t<decltype(at.gradient[0])>>;
  std::pair<index_t, placement> best{};
  for (placement how : {placement::low, placement::looking_ahead}) {
    index_t most = 0;
    for (int ends_share = 0; ends_share < 4; ++ends_share)
      most = larger(most, place_in_the_dead<Places, Count, S>(at, {same, (ends_share & 1) != 0, (ends_share & 2) != 0}, l, dropped, adjoins, how, nullptr, nullptr));
    if (how == placement::low || most < best.first) best = {most, how};
  }
  return best;
}

}
