// SPDX-License-Identifier: BSL-1.0
// A convolution with random inputs and its three passes by brute force in double: the judge of all kernels.
#pragma once
#include "support/worse.hpp"

#include <doctest/doctest.h>

#include <cosmoml/backend/serial.hpp>
#include <cosmoml/core/blocked.hpp>
#include <cosmoml/core/key.hpp>
#include <cosmoml/core/view.hpp>
#include <cosmoml/kernels/grid.hpp>

#include <cmath>
#include <vector>

namespace tests {

using cosmoml::extents;
using cosmoml::index_t;
using cosmoml::key;
using cosmoml::kernels::convolution_sizes;

// One to three axes of the same kernel, stride and dilation; zeros in front as given, or the map again in a periodic box; output as large
// as the padding allows.
struct axes {
  int d = 0, h = 0, w = 0;
};
template <int In, int Out, axes E, int Kernel, int Stride = 1, int Before = Kernel / 2, int Dilation = 1, int After = Before, bool Periodic = false>
struct problem {
  static constexpr bool periodic = Periodic;
  static constexpr convolution_sizes sizes = [] {
    convolution_sizes z;
    z.channels_in = In;
    z.channels_out = Out;
    const int e[3] = {E.d, E.h, E.w};
    for (int a = 0; a < 3; ++a)
      if (e[a] > 0) {
        z.in[a] = e[a];
        z.kernel[a] = Kernel;
        z.stride[a] = Stride;
        z.dilation[a] = Dilation;
        z.before[a] = Before;
        z.out[a] = (e[a] + Before + After - (Kernel - 1) * Dilation - 1) / Stride + 1;
      }
    return z;
  }();
  template <int C, int D, int H, int W>
  using shape_of = std::conditional_t<(E.d > 0), cosmoml::shape<C, D, H, W>, std::conditional_t<(E.h > 0), cosmoml::shape<C, H, W>, cosmoml::shape<C, W>>>;
  using input = shape_of<In, sizes.in[0], sizes.in[1], sizes.in[2]>;
  using output = shape_of<Out, sizes.out[0], sizes.out[1], sizes.out[2]>;
  static constexpr int most(const int (&v)[3]) { return v[0] > v[1] ? (v[0] > v[2] ? v[0] : v[2]) : (v[1] > v[2] ? v[1] : v[2]); }
  static constexpr int rim_in[3] = {sizes.rim_in(0), sizes.rim_in(1), sizes.rim_in(2)}, rim_out[3] = {sizes.rim_out(0), sizes.rim_out(1), sizes.rim_out(2)};
  static constexpr int halo_in = most(rim_in), halo_out = most(rim_out);
  static constexpr index_t weights = index_t(In) * Out * sizes.taps();
  using filter = cosmoml::shape<Out, In, sizes.taps()>;

  // f(n, o, i, tap, input point, output point) for every product that a convolution is a sum of
  template <class F>
  static void for_products(index_t batch, F f) {
    constexpr convolution_sizes z = sizes;
    for (index_t n = 0; n < batch; ++n)
      for (int q = 0; q < z.points_out(); ++q)
        for (int t = 0; t < z.taps(); ++t) {
          const int out[3] = {q / (z.out[1] * z.out[2]), q / z.out[2] % z.out[1], q % z.out[2]};
          const int tap[3] = {t / (z.kernel[1] * z.kernel[2]), t / z.kernel[2] % z.kernel[1], t % z.kernel[2]};
          index_t p = 0;
          bool inside = true;
          for (int a = 0; a < 3; ++a) {
            int at = out[a] * z.stride[a] + tap[a] * z.dilation[a] - z.before[a];
            if (Periodic) at = (at + z.in[a]) % z.in[a];
            inside = inside && at >= 0 && at < z.in[a];
            p = p * z.in[a] + at;
          }
          if (inside)
            for (int o = 0; o < Out; ++o)
              for (int i = 0; i < In; ++i) f(n, o, i, t, i * z.points_in() + p, o * z.points_out() + q);
        }
  }
};

// Inputs, and what the three passes make of them.
template <class P>
struct brute_force {
  static constexpr index_t in = P::input::value.size(), out = P::output::value.size();
  index_t batch;
  std::vector<double> x, w, dy, bias, y, dx, dw;

  explicit brute_force(index_t samples) : batch(samples) {
    const auto random = [](std::vector<double>& v, index_t n, std::uint64_t stream) {
      v.resize(std::size_t(n));
      for (index_t i = 0; i < n; ++i) v[std::size_t(i)] = double(float(2 * key{91}.fold(stream).uniform(std::uint64_t(i)) - 1));
    };
    random(x, batch * in, 1);
    random(w, P::weights, 2);
    random(dy, batch * out, 3);
    random(bias, P::sizes.channels_out, 4);
    y.resize(dy.size());
    dx.resize(x.size());
    dw.resize(w.size());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = bias[i / std::size_t(P::sizes.points_out()) % bias.size()];
    P::for_products(batch, [&](index_t n, int o, int i, int t, index_t p, index_t q) {
      const std::size_t a = std::size_t(n * in + p), b = std::size_t(n * out + q), c = std::size_t((o * P::sizes.channels_in + i) * P::sizes.taps() + t);
      y[b] += x[a] * w[c];
      dx[a] += dy[b] * w[c];
      dw[c] += x[a] * dy[b];
    });
  }
};

// Values in a layout, padding zero, memory aligned as the library's.
template <class S, class L>
struct stored {
  cosmoml::exec::serial::buffer<S> memory;
  index_t batch;
  explicit stored(index_t samples) : memory(L::size(samples)), batch(samples) {}
  stored(index_t samples, const std::vector<double>& values) : stored(samples) {
    for (index_t n = 0; n < batch; ++n)
      for (index_t e = 0; e < L::shape.size(); ++e) memory.data()[L::offset(n, e)] = S(values[std::size_t(n * L::shape.size() + e)]);
  }
  cosmoml::kernels::grid<S> grid()
    requires requires { L::origin; }
  {
    return {memory.data() + L::origin, L::group_step, L::plane_step, L::line_step};
  }
  // The largest error beside the root mean square of the truth; a padding that is not zero is an infinite one.
  double error(const std::vector<double>& truth) const {
    double worst = 0, square = 0;
    std::vector<bool> reached(std::size_t(memory.size()));
    for (index_t n = 0; n < batch; ++n)
      for (index_t e = 0; e < L::shape.size(); ++e) {
        const double t = truth[std::size_t(n * L::shape.size() + e)], difference = std::abs(double(memory.data()[L::offset(n, e)]) - t);
        worst = tests::worse(worst, difference);
        square += t * t;
        reached[std::size_t(L::offset(n, e))] = true;
      }
    for (index_t i = 0; i < memory.size(); ++i)
      if (!reached[std::size_t(i)] && memory.data()[i] != S(0)) return HUGE_VAL;
    return worst == 0 ? 0 : worst / std::sqrt(square / double(truth.size()));
  }
};

}
