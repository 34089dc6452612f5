// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/serial.hpp>
#include <cosmoml/kernels/threads.hpp>

#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::exec {

// Loops over pieces of the index range, on OpenMP's threads where the program has them and the range is worth it. A function that writes
// what other cores may have in their caches has a member ahead(i), which asks for the line of element i early.
struct threads : serial {
  template <class F>
  static void for_each(context&, index_t n, F f) {
    kernels::share(n, 1024, n > kernels::sweep_worth, [&](index_t first, index_t last, int) {
      index_t i = first;
      if constexpr (requires { f.ahead(i); }) {
        constexpr index_t together = 64, early = 256;
        for (; i + together <= last; i += together) {
          f.ahead(i + early);
          for (index_t j = 0; j < together; ++j) f(i + j);
        }
      }
      for (; i < last; ++i) f(i);
    });
  }
  template <class T>
  static void fill(context& c, T* p, index_t n, std::type_identity_t<T> v) {
    for_each(c, n, [=](index_t i) { p[i] = v; });
  }
  // In pieces whose number depends on n alone, added in order.
  template <class F>
  static double sum_of(context& c, index_t n, F f) {
    const index_t piece = larger(64, round_up(n / 256, 64)), pieces = (n + piece - 1) / piece;
    double* part = c.template scratch<double>(pieces);
    kernels::share(pieces, 1, n > 256, [&](index_t first, index_t last, int) {
      for (index_t i = first; i < last; ++i) {
        const index_t end = (i + 1) * piece < n ? (i + 1) * piece : n;
        double s[8] = {};   // eight chains of additions: whole vectors where f allows them
        index_t j = i * piece;
        for (; j + 8 <= end; j += 8)
#pragma GCC unroll 8
          for (int l = 0; l < 8; ++l) s[l] += double(f(j + l));
        for (; j < end; ++j) s[0] += double(f(j));
        part[i] = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
      }
    });
    double s = 0;
    for (index_t i = 0; i < pieces; ++i) s += part[i];
    return s;
  }
};

}
