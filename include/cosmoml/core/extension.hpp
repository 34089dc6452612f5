// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

namespace cosmoml::inline COSMOML_ABI {

// How a signal x0 ... xe goes on beyond its ends. Names as in PyWavelets. Lengths of transforms: ceil(n / 2) with periodization,
// floor((n + taps - 1) / 2) with all others.
enum class extension {
  symmetric,       // x1 x0 | x0 ... xe | xe xd
  periodization,   // periodic; an odd signal first repeats its last sample
  antisymmetric,   // -x1 -x0 | x0 ... xe | -xe -xd
  reflect,         // x2 x1 | x0 ... xe | xd xc
  antireflect,     // 2 x0 - x2, 2 x0 - x1 | x0 ... xe | 2 xe - xd, 2 xe - xc
  periodic,        // xd xe | x0 ... xe | x0 x1
  zero,            // 0 0 | x0 ... xe | 0 0
  constant,        // x0 x0 | x0 ... xe | xe xe
  smooth           // straight on, by the difference of the last two samples
};

// The number at position p of the extended signal: the sum of weight[i] x[index[i]].
struct extended_sample {
  int count = 0;
  int index[3] = {}, weight[3] = {};

  COSMOML_HD constexpr void add(int at, int times) {
    if (times == 0) return;
    index[count] = at;
    weight[count++] = times;
  }
  // How often sample i is in it.
  COSMOML_HD constexpr int times(int i) const {
    int w = 0;
    for (int j = 0; j < count; ++j) w += index[j] == i ? weight[j] : 0;
    return w;
  }
  // One sample, as it is.
  COSMOML_HD constexpr bool plain() const { return count == 1 && weight[0] == 1; }
};

COSMOML_HD constexpr extended_sample extended(int p, int n, extension mode) {
  extended_sample s;
  const int last = n - 1;
  auto within = [](int q, int period) { return (q % period + period) % period; };
  if (p >= 0 && p < n) {
    s.add(p, 1);
    return s;
  }
  switch (mode) {
    case extension::symmetric:
    case extension::antisymmetric: {
      const int q = within(p, 2 * n);
      s.add(q < n ? q : 2 * n - 1 - q, q < n || mode == extension::symmetric ? 1 : -1);
      break;
    }
    case extension::periodization: {
      const int q = within(p, n + n % 2);
      s.add(q == n ? last : q, 1);
      break;
    }
    case extension::periodic: s.add(within(p, n), 1); break;
    case extension::reflect: {
      const int q = n > 1 ? within(p, 2 * last) : 0;
      s.add(q < n ? q : 2 * last - q, 1);
      break;
    }
    case extension::antireflect: {   // odd about both ends: 2 (xe - x0) more with every period of 2 e
      if (n == 1) {
        s.add(0, 1);
        break;
      }
      const int q = within(p, 2 * last), turns = (p - q) / (2 * last);
      s.add(0, -2 * turns);
      s.add(last, 2 * turns + (q < n ? 0 : 2));
      s.add(q < n ? q : 2 * last - q, q < n ? 1 : -1);
      break;
    }
    case extension::zero: break;
    case extension::constant: s.add(p < 0 ? 0 : last, 1); break;
    case extension::smooth: {
      const int k = n == 1 ? 0 : p < 0 ? -p : p - last, edge = p < 0 ? 0 : last;
      s.add(edge, 1 + k);
      s.add(p < 0 ? 1 : last - 1, -k);
      break;
    }
  }
  return s;
}

constexpr int coefficients_along(int n, int taps, extension mode) {
  return mode == extension::periodization ? (n + 1) / 2 : (n + taps - 1) / 2;
}
// c[k] = sum_t f[t] x[2 k + shift - t]
constexpr int filter_shift(int taps, extension mode) { return mode == extension::periodization ? taps / 2 : 1; }

}
