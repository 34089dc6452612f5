// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

namespace cosmoml::inline COSMOML_ABI {

// What the layers at the two ends of an edge want of its storage. Layers state facts, the chain merges them, the backend decides:
// `B::layout<Shape, request.code()>`. (An integer, because dependent class-type arguments of aliases crash g++ 12.)
struct edge_request {
  int halo = 0;                    // zeros wanted around the spatial axes
  bool first_axis_inner = false;   // pieces arrive as, or are read as, whole runs of the first axis
  bool convolved = false;          // a convolution reads or writes it

  constexpr edge_request merged(edge_request other) const {
    return {halo > other.halo ? halo : other.halo, first_axis_inner || other.first_axis_inner, convolved || other.convolved};
  }
  constexpr int code() const { return halo * 4 + 2 * int(convolved) + int(first_axis_inner); }
  static constexpr edge_request of(int code) { return {code / 4, code % 2 == 1, code % 4 >= 2}; }
  constexpr bool operator==(const edge_request&) const = default;
};

}
