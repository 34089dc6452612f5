// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/lanes.hpp>
#include <cosmoml/kernels/threads.hpp>

#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::kernels {

// A convolution as its kernels see it: three spatial axes (z, y, x), the missing ones of extent 1. Everything is known at compile
// time; kernels take it as a holder `Z` with `Z::sizes`.
struct convolution_sizes {
  int channels_in = 1, channels_out = 1;
  int in[3] = {1, 1, 1}, out[3] = {1, 1, 1}, kernel[3] = {1, 1, 1};
  int stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1}, before[3] = {0, 0, 0};   // before: padding in front

  constexpr int taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  constexpr index_t points_in() const { return index_t(in[0]) * in[1] * in[2]; }
  constexpr index_t points_out() const { return index_t(out[0]) * out[1] * out[2]; }
  // Zeros that the input, or in the adjoint the output, must carry around it.
  constexpr int rim_in(int a) const {
    const int last = (out[a] - 1) * stride[a] - before[a] + (kernel[a] - 1) * dilation[a];
    return before[a] > last - (in[a] - 1) ? before[a] : last - (in[a] - 1) > 0 ? last - (in[a] - 1) : 0;
  }
  constexpr int rim_out(int a) const {
    const int front = ((kernel[a] - 1) * dilation[a] - before[a]) / stride[a], back = (in[a] - 1 + before[a]) / stride[a] - (out[a] - 1);
    const int rim = front > back ? front : back;
    return rim > 0 ? rim : 0;
  }
};

// Vectors on a grid: element (group, z, y, x) is the vector at data + group * group_step + z * plane + y * line + x * Pixel; `data`
// points at (0, 0, 0) of group 0, behind the rim. Of a single channel it may be the scalar there, with a Pixel of 1.
template <class S, int Pixel = lanes<std::remove_const_t<S>>>
struct grid {
  S* data;
  index_t group, plane, line;
  S* at(index_t g, index_t z, index_t y) const { return data + g * group + z * plane + y * line; }
  operator grid<const S, Pixel>() const
    requires(!std::is_const_v<S>)
  {
    return {data, group, plane, line};
  }
};

}
