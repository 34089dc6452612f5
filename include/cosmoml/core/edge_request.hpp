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
  int widest = 0;                  // the most channels, on either side, of the convolutions that do; all from most_channels on are alike
  bool batched = false;            // vectors may run over the samples: there are many, as in training, and nobody outside looks at it

  static constexpr int most_channels = 127;
  constexpr edge_request merged(edge_request other) const {
    return {halo > other.halo ? halo : other.halo, first_axis_inner || other.first_axis_inner, convolved || other.convolved, widest > other.widest ? widest : other.widest, batched || other.batched};
  }
  constexpr edge_request in_training() const {
    edge_request r = *this;
    r.batched = true;
    return r;
  }
  constexpr int code() const {
    const int channels = widest < most_channels ? widest : most_channels;
    return ((halo * (most_channels + 1) + channels) * 2 + int(batched)) * 4 + 2 * int(convolved) + int(first_axis_inner);
  }
  static constexpr edge_request of(int code) {
    return {code / 8 / (most_channels + 1), code % 2 == 1, code % 4 >= 2, code / 8 % (most_channels + 1), code / 4 % 2 == 1};
  }
  constexpr bool operator==(const edge_request&) const = default;
};

}
