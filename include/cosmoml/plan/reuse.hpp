// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

#include <array>
#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::plan {

struct memory_piece {
  index_t begin = 0, end = 0;
};

// Where gradients of edges, and what a step needs while it runs, lie in memory that nobody reads any more: on the way back what a step
// kept is dead as soon as it is done, and on the way forward what later steps will keep is not yet there. Steps are placed from the last
// to the first, each piece at the lowest place above the living that no other piece takes.
//
// Places count scalars from where the state begins; from `kept`, its end, they are in the workspace, which may be elsewhere: only where
// that `adjoins` may a piece lie across the seam.
class reuse {
public:
  using piece = memory_piece;
  reuse(index_t kept, bool adjoins) : kept_(kept), adjoins_(adjoins) {}

  // The lowest place for `size` scalars from `living` on that neither `a` nor `b` takes.
  piece place(index_t size, index_t living, piece a = {}, piece b = {}) {
    if (size == 0) return {living, living};
    piece at{living, living + size};
    for (bool moved = true; moved;) {
      moved = false;
      const auto past = [&](index_t from) { at = {from, from + size}, moved = true; };
      if (meet(at, a)) past(a.end);
      if (meet(at, b)) past(b.end);
      if (!adjoins_ && at.begin < kept_ && at.end > kept_) past(kept_);
    }
    if (at.end > most_) most_ = at.end;
    return at;
  }
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

// What the steps of a list keep and need, in scalars; ends count from where the state begins.
template <int Count>
struct kept_lengths {
  const std::array<bool, std::size_t(Count) + 1>& reads_output;   // of each step, on its way back
  index_t edges[Count + 1] = {}, needs[Count + 1] = {};
  index_t edge_end[Count + 1] = {}, state_end[Count + 1] = {};    // of what is kept up to this edge, up to this step's state
  index_t state_size = 0;

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

// Gradients and workspaces of all steps: at.gradient[k], and at.workspace[0][k] and [1][k] for the way forward and the way back. Returns
// the size of the workspace; without memory, that is all.
template <class Places, int Count, class S>
index_t place_in_the_dead(Places& at, const gradient_places<Count>& gradients, const kept_lengths<Count>& l, bool adjoins, S* state, S* workspace) {
  reuse memory(l.state_size, adjoins);
  const auto address = [&](reuse::piece p) -> S* { return state || workspace ? memory.address(p, state, workspace) : nullptr; };
  reuse::piece dy{};
  for (int k = Count - 1; k >= 0; --k) {
    const index_t living = l.reads_output[std::size_t(k)] ? l.edge_end[k + 1] : l.state_end[k];
    reuse::piece dx{};
    if (k > 0 && !gradients.elsewhere[k]) {
      dx = gradients.with_next[k] ? dy : memory.place(l.edges[k], living, dy);
      at.gradient[k] = address(dx);
    }
    at.workspace[0][k] = address(memory.place(l.needs[k], l.edge_end[k + 1]));
    at.workspace[1][k] = address(memory.place(l.needs[k], living, dx, dy));
    dy = dx;
  }
  return memory.size();
}
// The size, whatever the layouts of the gradients outside.
template <class Places, int Count>
index_t most_in_the_dead(Places at, const std::array<nn::kind, std::size_t(Count) + 1>& same, const kept_lengths<Count>& l, bool adjoins) {
  using S = std::remove_pointer_t<std::remove_reference_t<decltype(at.gradient[0])>>;
  index_t most = 0;
  for (int ends_share = 0; ends_share < 4; ++ends_share)
    most = larger(most, place_in_the_dead<Places, Count, S>(at, {same, (ends_share & 1) != 0, (ends_share & 2) != 0}, l, adjoins, nullptr, nullptr));
  return most;
}

}
