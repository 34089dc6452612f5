// What a convolution makes of maps, and its weights, as types: shape_at<shapes_of<...>, 0 and 1>.
#pragma once
#include <cosmoml/core/convolution_geometry.hpp>

namespace tests {
using namespace cosmoml;

template <class In, int Out, class Kernel, class Stride, class Dilation, class Before, class After, int Groups, edge Edge>
struct shapes_of {
  static constexpr extents shapes[2] = {[] {
                                          extents e = In::value;
                                          e.dim[0] = Out;
                                          for (int a = 1; a < e.rank; ++a)
                                            e.dim[a] = convolved(In::value[a], Kernel::value[a - 1], Stride::value[a - 1], Dilation::value[a - 1], Before::value[a - 1], After::value[a - 1]);
                                          return e;
                                        }(),
                                        [] {
                                          extents e = In::value;
                                          e.dim[0] = Out;
                                          e.dim[1] = In::value[0] / Groups;
                                          e.rank = Kernel::value.rank + 2;
                                          for (int a = 0; a < Kernel::value.rank; ++a) e.dim[a + 2] = Kernel::value[a];
                                          return e;
                                        }()};
};

}
