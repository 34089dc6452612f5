// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/exponential.hpp>
#include <cosmoml/kernels/logarithm.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::prob::detail {

// The inner loops of a mixture, on blocks of vectors that stay in the first cache. Whitened residuals z = L^-1 (x - m), scaled so that the
// density is 2^(c - |z|^2), are computed once for the E step and used again in the M step: as cheap as raw moments, without their
// cancellation. Constants of one component: row i of the scaled L^-1 (i + 1 numbers), then its offset; after all rows c.
// Statistics of one component: sum r, then for each axis i: sum r z_i, sum r z_i z_0 ... sum r z_i z_i.

COSMOML_HD constexpr index_t constants_of(index_t d) { return d * (d + 3) / 2 + 1; }
COSMOML_HD constexpr index_t statistics_of(index_t d) { return 1 + d * (d + 3) / 2; }
COSMOML_HD constexpr index_t row_of(index_t i) { return i * (i + 3) / 2; }
inline constexpr double whitening_scale = 0.84932180028801904272;   // sqrt(log2(e) / 2)

// Where a block of rows lies, and what one component makes of it. z: [vector][axis], e: [vector].
template <class S>
struct density_block {
  const S* const* x;
  index_t first;
  int vectors;
  index_t dimension;
};

// z and e = c - |z|^2 for one component. Up to three axes: everything in registers.
template <class S, int D>
[[gnu::noinline]] void densities_small(density_block<S> o, const S* c, S* z, S* e) {
  constexpr int L = kernels::lanes<S>;
  using kernels::vec;
  const S* x[D];
  for (int i = 0; i < D; ++i) x[i] = o.x[i] + o.first;
  for (int b = 0; b < o.vectors; ++b) {
    vec<S> v[D], q = kernels::broadcast(c[row_of(D)]);
#pragma GCC unroll 8
    for (int i = 0; i < D; ++i) v[i] = kernels::load(x[i] + b * L);
#pragma GCC unroll 8
    for (int i = 0; i < D; ++i) {
      vec<S> s = kernels::broadcast(c[row_of(i) + i + 1]);
#pragma GCC unroll 8
      for (int j = 0; j <= i; ++j) s += c[row_of(i) + j] * v[j];
      kernels::store(z + (b * D + i) * L, s);
      q -= s * s;
    }
    kernels::store(e + b * L, q);
  }
}
// Two axes of G vectors at a time: a load of x serves two products, a broadcast G.
template <class S, int D, int G>
[[gnu::always_inline]] inline void densities_group(const S* const* x, const S* c, S* z, S* e) {
  constexpr int L = kernels::lanes<S>;
  using kernels::vec;
  vec<S> q[G];
#pragma GCC unroll 8
  for (int g = 0; g < G; ++g) q[g] = kernels::broadcast(c[row_of(D)]);
#pragma GCC unroll 8
  for (int i = 0; i < D; i += 2) {
    const int next = i + 1 < D ? i + 1 : i;
    vec<S> s[G], t[G];
#pragma GCC unroll 8
    for (int g = 0; g < G; ++g) s[g] = kernels::broadcast(c[row_of(i) + i + 1]), t[g] = kernels::broadcast(c[row_of(next) + next + 1]);
#pragma GCC unroll 8
    for (int j = 0; j <= i; ++j)
#pragma GCC unroll 8
      for (int g = 0; g < G; ++g) {
        const vec<S> v = kernels::load(x[j] + g * L);
        s[g] += c[row_of(i) + j] * v;
        if (next > i) t[g] += c[row_of(next) + j] * v;
      }
#pragma GCC unroll 8
    for (int g = 0; g < G; ++g) {
      kernels::store(z + (g * D + i) * L, s[g]);
      q[g] -= s[g] * s[g];
      if (next > i) {
        t[g] += c[row_of(next) + next] * kernels::load(x[next] + g * L);
        kernels::store(z + (g * D + next) * L, t[g]);
        q[g] -= t[g] * t[g];
      }
    }
  }
#pragma GCC unroll 8
  for (int g = 0; g < G; ++g) kernels::store(e + g * L, q[g]);
}
template <class S, int D>
[[gnu::noinline]] void densities_large(density_block<S> o, const S* c, S* z, S* e) {
  constexpr int L = kernels::lanes<S>, G = kernels::registers >= 32 ? 4 : 3;
  const S* x[D];
  for (int i = 0; i < D; ++i) x[i] = o.x[i] + o.first;
  int b = 0;
  for (; b + G <= o.vectors; b += G) {
    densities_group<S, D, G>(x, c, z + b * D * L, e + b * L);
    for (int i = 0; i < D; ++i) x[i] += G * L;
  }
  for (; b < o.vectors; ++b) {
    densities_group<S, D, 1>(x, c, z + b * D * L, e + b * L);
    for (int i = 0; i < D; ++i) x[i] += L;
  }
}
// Any number of axes; Diagonal leaves out what is zero.
template <class S, bool Diagonal>
[[gnu::noinline]] void densities_any(density_block<S> o, const S* c, S* z, S* e) {
  constexpr int L = kernels::lanes<S>;
  using kernels::vec;
  const index_t d = o.dimension;
  for (int b = 0; b < o.vectors; ++b) {
    vec<S> q = kernels::broadcast(c[row_of(d)]);
    for (index_t i = 0; i < d; ++i) {
      const S* row = c + row_of(i);
      vec<S> s = kernels::broadcast(row[i + 1]);
      for (index_t j = Diagonal ? i : 0; j <= i; ++j) s += row[j] * kernels::load(o.x[j] + o.first + b * L);
      kernels::store(z + (b * d + i) * L, s);
      q -= s * s;
    }
    kernels::store(e + b * L, q);
  }
}

// Rows [first, last) of the triangle of moments, in registers over the whole block.
template <class S, int D, int First, int Last>
[[gnu::always_inline]] inline void moments_tile(int vectors, const S* r, const S* z, S* sums) {
  constexpr int L = kernels::lanes<S>, begin = First ? int(1 + row_of(First)) : 0, count = int(1 + row_of(Last)) - begin;
  using kernels::vec;
  vec<S> a[count];
#pragma GCC unroll 64
  for (int i = 0; i < count; ++i) a[i] = kernels::load(sums + (begin + i) * L);
  for (int b = 0; b < vectors; ++b) {
    const vec<S> weight = kernels::load(r + b * L);
    if (First == 0) a[0] += weight;
#pragma GCC unroll 16
    for (int i = First; i < Last; ++i) {
      const int at = int(1 + row_of(i)) - begin;
      const vec<S> w = weight * kernels::load(z + (b * D + i) * L);
      a[at] += w;
#pragma GCC unroll 16
      for (int j = 0; j <= i; ++j) a[at + 1 + j] += w * kernels::load(z + (b * D + j) * L);
    }
  }
#pragma GCC unroll 64
  for (int i = 0; i < count; ++i) kernels::store(sums + (begin + i) * L, a[i]);
}
// How many rows of the triangle fit into registers beside the operands.
constexpr int tile_end(int first, int d) {
  const int room = kernels::registers - 5;
  int last = first, used = first == 0 ? 1 : 0;
  while (last < d && (last == first || used + last + 2 <= room)) used += last++ + 2;
  return last;
}
template <class S, int D, int First = 0>
[[gnu::always_inline]] inline void moments_tiles(int vectors, const S* r, const S* z, S* sums) {
  constexpr int last = tile_end(First, D);
  moments_tile<S, D, First, last>(vectors, r, z, sums);
  if constexpr (last < D) moments_tiles<S, D, last>(vectors, r, z, sums);
}
template <class S, int D>
[[gnu::noinline]] void moments_fixed(int vectors, index_t, const S* r, const S* z, S* sums) {
  moments_tiles<S, D>(vectors, r, z, sums);
}
template <class S, bool Diagonal>
[[gnu::noinline]] void moments_any(int vectors, index_t d, const S* r, const S* z, S* sums) {
  constexpr int L = kernels::lanes<S>;
  using kernels::load;
  for (int b = 0; b < vectors; ++b) {
    const auto weight = load(r + b * L);
    kernels::store(sums, load(sums) + weight);
    for (index_t i = 0; i < d; ++i) {
      S* row = sums + (1 + row_of(i)) * L;
      const auto w = weight * load(z + (b * d + i) * L);
      kernels::store(row, load(row) + w);
      for (index_t j = Diagonal ? i : 0; j <= i; ++j) kernels::store(row + (1 + j) * L, load(row + (1 + j) * L) + w * load(z + (b * d + j) * L));
    }
  }
}

// e of K components becomes responsibilities times weight; returns the sum of weight * log2 of the density, and writes that logarithm to `rows`
// unless null. One logarithm a block where there are no weights: the sums of exponentials lie in [1, K], so their product does not overflow.
template <class S, int K, bool Weighted>
[[gnu::noinline]] double responsibilities(int components, int vectors, const S* weight, S* e, S* rows) {
  constexpr int L = kernels::lanes<S>;
  using kernels::vec;
  const int count = K ? K : components, stride = vectors * L;
  vec<S> sum{}, product = kernels::broadcast(S(1));
  for (int b = 0; b < vectors; ++b) {
    S* at = e + b * L;
    vec<S> most = kernels::load(at), s{}, p[K ? K : 1];
    const vec<S> w = Weighted ? kernels::load(weight + b * L) : vec<S>{};
    if constexpr (K == 1) {
      sum += Weighted ? w * most : most;
      if (rows) kernels::store(rows + b * L, most);
      kernels::store(at, Weighted ? w : kernels::broadcast(S(1)));
      continue;
    }
    if constexpr (K > 1) {
#pragma GCC unroll 8
      for (int k = 0; k < K; ++k) p[k] = kernels::load(at + k * stride);
#pragma GCC unroll 8
      for (int k = 1; k < K; ++k) most = kernels::maximum<S>(most, p[k]);
#pragma GCC unroll 8
      for (int k = 0; k < K; ++k) p[k] = kernels::exp2_normal(p[k] - most), s += p[k];
    } else {
      for (int k = 1; k < count; ++k) most = kernels::maximum<S>(most, kernels::load(at + k * stride));
      for (int k = 0; k < count; ++k) {
        const vec<S> v = kernels::exp2_normal(kernels::load(at + k * stride) - most);
        kernels::store(at + k * stride, v);
        s += v;
      }
    }
    vec<S> factor;
    if (Weighted || rows) {
      const vec<S> total = most + S(kernels::detail::log2_e) * kernels::log(s);
      if (rows) kernels::store(rows + b * L, total);
      sum += Weighted ? w * total : total;
      factor = (Weighted ? w : kernels::broadcast(S(1))) / s;
    } else {
      sum += most;
      product *= s;
      factor = S(1) / s;
    }
    if constexpr (K > 1) {
#pragma GCC unroll 8
      for (int k = 0; k < K; ++k) kernels::store(at + k * stride, p[k] * factor);
    } else
      for (int k = 0; k < count; ++k) kernels::store(at + k * stride, kernels::load(at + k * stride) * factor);
  }
  if (!Weighted && !rows && count > 1) sum += S(kernels::detail::log2_e) * kernels::log(product);
  double total = 0;
  for (int l = 0; l < L; ++l) total += double(sum[l]);
  return total;
}

// The loops for one dimension and number of components, chosen once a fit.
template <class S>
struct mixture_loops {
  void (*densities)(density_block<S>, const S*, S*, S*);
  void (*moments)(int, index_t, const S*, const S*, S*);
  double (*plain)(int, int, const S*, S*, S*);
  double (*weighted)(int, int, const S*, S*, S*);

  static mixture_loops of(index_t dimension, index_t components, bool diagonal) {
    mixture_loops l{};
    if (diagonal && dimension > 1) l.densities = densities_any<S, true>, l.moments = moments_any<S, true>;
    else switch (dimension) {
        case 1: l.densities = densities_small<S, 1>, l.moments = moments_fixed<S, 1>; break;
        case 2: l.densities = densities_small<S, 2>, l.moments = moments_fixed<S, 2>; break;
        case 3: l.densities = densities_small<S, 3>, l.moments = moments_fixed<S, 3>; break;
        case 4: l.densities = densities_large<S, 4>, l.moments = moments_fixed<S, 4>; break;
        case 5: l.densities = densities_large<S, 5>, l.moments = moments_fixed<S, 5>; break;
        case 6: l.densities = densities_large<S, 6>, l.moments = moments_fixed<S, 6>; break;
        case 7: l.densities = densities_large<S, 7>, l.moments = moments_fixed<S, 7>; break;
        case 8: l.densities = densities_large<S, 8>, l.moments = moments_fixed<S, 8>; break;
        default: l.densities = densities_any<S, false>, l.moments = moments_any<S, false>;
      }
    switch (components) {
      case 1: l.set<1>(); break;
      case 2: l.set<2>(); break;
      case 3: l.set<3>(); break;
      case 4: l.set<4>(); break;
      case 5: l.set<5>(); break;
      case 6: l.set<6>(); break;
      default: l.set<0>();
    }
    return l;
  }

private:
  template <int K>
  void set() {
    plain = responsibilities<S, K, false>;
    weighted = responsibilities<S, K, true>;
  }
};

}
