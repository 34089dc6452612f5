// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/shape.hpp>

#include <string>

namespace cosmoml::inline COSMOML_ABI {

// What lies beyond the border of a map.
enum class edge {
  zeros,
  periodic   // the map again, as in a simulation box
};

// A convolution in numbers. Maps are (channels, spatial axes...), one to three axes; weights (out channels, in channels / groups,
// kernel...), as PyTorch orders them. Result o of an axis reads elements o stride + k dilation - before, k = 0 ... kernel - 1.
struct convolution_geometry {
  static constexpr int most_axes = 3;
  int axes = 0;
  int in_channels = 0, out_channels = 0, groups = 1;
  int in[most_axes] = {1, 1, 1}, out[most_axes] = {1, 1, 1};
  int kernel[most_axes] = {1, 1, 1}, stride[most_axes] = {1, 1, 1}, dilation[most_axes] = {1, 1, 1};
  int before[most_axes] = {}, after[most_axes] = {};   // elements beyond the border that are read
  cosmoml::edge edge = edge::zeros;

  COSMOML_HD constexpr index_t in_size() const { return index_t(in[0]) * in[1] * in[2]; }
  COSMOML_HD constexpr index_t out_size() const { return index_t(out[0]) * out[1] * out[2]; }
  COSMOML_HD constexpr int kernel_size() const { return kernel[0] * kernel[1] * kernel[2]; }
  COSMOML_HD constexpr int group_in() const { return in_channels / groups; }
  COSMOML_HD constexpr int group_out() const { return out_channels / groups; }
  // Products of one sample's forward pass, borders counted as if they were inside.
  constexpr index_t products() const { return out_size() * kernel_size() * group_in() * out_channels; }
  constexpr bool operator==(const convolution_geometry&) const = default;
};

// Results along one axis of n elements; below one if the kernel does not fit.
constexpr int convolved(int n, int kernel, int stride, int dilation, int before, int after) {
  const int room = n + before + after - (kernel - 1) * dilation - 1;
  return room < 0 ? 0 : room / stride + 1;
}

// A geometry as a template argument: types and integers only. In and Out are the maps, all else has one extent a spatial axis.
template <class In, class Out, class Kernel, class Stride, class Dilation, class Before, class After, int Groups, edge Edge>
struct convolution_of {
  static constexpr convolution_geometry value = [] {
    convolution_geometry g;
    g.axes = In::value.rank - 1;
    g.in_channels = In::value[0];
    g.out_channels = Out::value[0];
    g.groups = Groups;
    g.edge = Edge;
    for (int a = 0; a < g.axes; ++a) {
      g.in[a] = In::value[a + 1];
      g.out[a] = Out::value[a + 1];
      g.kernel[a] = Kernel::value[a];
      g.stride[a] = Stride::value[a];
      g.dilation[a] = Dilation::value[a];
      g.before[a] = Before::value[a];
      g.after[a] = After::value[a];
    }
    return g;
  }();
};

// The same convolution as plain sums of products: no backend may trade rounding for speed.
template <class G>
struct direct_sum : G {
  static constexpr bool is_direct_sum = true;
};

// How a backend makes a convolution, for people; whether it works on a copy of its input, since that lies otherwise or has no rim.
struct convolution_method {
  std::string how;
  bool copies = false;
};

}
