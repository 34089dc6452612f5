// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI::plan {

// What a step's way back reads, and whether it can give its output once more from what it kept: cheaply, a pass over a map.
struct step_reads {
  bool input = true, output = true, repeats = false;
};

// Edges of a list by the memory they lie in, and which of them are not kept from forward to backward: those that nobody reads on the way
// back, and those that a normalisation or a function of each element gives again from an input that it keeps anyway.
template <int Count>
struct edge_groups {
  int first[Count + 1] = {}, last[Count + 1] = {};   // of each edge, the first that lies where it does (0: x, Count: y); of that one, the last
  bool passing[Count + 1] = {};                      // of first edges: not kept
  bool again[Count + 1] = {};                        // and computed again on the way back
  bool any = false;
};

template <int Count>
constexpr edge_groups<Count> group_edges(const int* owners, const step_reads* steps) {
  edge_groups<Count> g{};
  bool read[Count + 1] = {}, repeats[Count + 1] = {};
  for (int k = 1; k < Count; ++k) {
    const int a = g.first[k] = owners[k];
    g.last[a] = k;
    const step_reads& before = steps[k - 1];
    if (a == k) repeats[a] = before.repeats && before.input && !g.passing[g.first[k - 1]];
    else repeats[a] = repeats[a] && before.repeats;
    read[a] = read[a] || before.output || steps[k].input;
    if (k + 1 < Count && owners[k + 1] == a) continue;
    if (a > 0 && a < Count && (!read[a] || repeats[a])) g.passing[a] = g.any = true, g.again[a] = read[a];
  }
  return g;
}

}
