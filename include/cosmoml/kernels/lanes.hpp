// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// The target's vector. Its width is a constant of the instruction set and never wider than it: a 64-byte vector on AVX2 made a
// training step ten times slower. 32 bytes also with AVX-512: less padding, and registers.hpp makes up for it where that costs speed.
inline constexpr int vector_bytes = COSMOML_VECTOR_BYTES;
#if defined(__AVX512F__)
static_assert(vector_bytes <= 64, "cosmoml: COSMOML_VECTOR_BYTES is at most 64 on this target");
#elif defined(__AVX__)
static_assert(vector_bytes <= 32, "cosmoml: COSMOML_VECTOR_BYTES is at most 32 on this target");
#else
static_assert(vector_bytes <= 16, "cosmoml: COSMOML_VECTOR_BYTES is at most 16 on this target");
#endif

// Vector registers at hand.
#if defined(__AVX512VL__) || defined(__aarch64__)
inline constexpr int registers = 32;
#else
inline constexpr int registers = 16;
#endif

template <class S>
inline constexpr int lanes = vector_bytes / int(sizeof(S));

template <class S>
struct vector_of {
  typedef S type __attribute__((vector_size(vector_bytes)));
  typedef S unaligned __attribute__((vector_size(vector_bytes), aligned(sizeof(S)), may_alias));
};
template <class S>
using vec = typename vector_of<S>::type;

template <class S>
[[gnu::always_inline]] inline vec<S> load(const S* p) {
  return *reinterpret_cast<const typename vector_of<S>::unaligned*>(p);
}
template <class S>
[[gnu::always_inline]] inline void store(S* p, vec<S> v) {
  *reinterpret_cast<typename vector_of<S>::unaligned*>(p) = v;
}
template <class S>
[[gnu::always_inline]] inline vec<S> broadcast(S s) {
  return s - vec<S>{};
}
template <class S>
[[gnu::always_inline]] inline vec<S> maximum(vec<S> a, vec<S> b) {
  return a > b ? a : b;
}
template <class S>
[[gnu::always_inline]] inline S sum_of_lanes(vec<S> v) {
  S s = 0;
  for (int i = 0; i < lanes<S>; ++i) s += v[i];
  return s;
}

// The first `count` lanes from memory, zeros in the others; nothing behind them is read.
template <class S>
[[gnu::always_inline]] inline vec<S> load_first(const S* p, int count) {
#if defined(__AVX512F__) && COSMOML_VECTOR_BYTES == 64
  if constexpr (sizeof(S) == 4) return __builtin_ia32_loadups512_mask(p, vec<float>{}, static_cast<unsigned short>((1u << count) - 1));
  else if constexpr (sizeof(S) == 8) return __builtin_ia32_loadupd512_mask(p, vec<double>{}, static_cast<unsigned char>((1u << count) - 1));
#elif defined(__AVX__) && COSMOML_VECTOR_BYTES == 32
  if constexpr (sizeof(S) == 4) {
    typedef int int8 __attribute__((vector_size(32)));
    const int8 mask = int8{0, 1, 2, 3, 4, 5, 6, 7} < count;
    return __builtin_ia32_maskloadps256(reinterpret_cast<const vec<float>*>(p), mask);
  } else if constexpr (sizeof(S) == 8) {
    typedef long long int4 __attribute__((vector_size(32)));
    const int4 mask = int4{0, 1, 2, 3} < count;
    return __builtin_ia32_maskloadpd256(reinterpret_cast<const vec<double>*>(p), mask);
  }
#endif
  vec<S> v{};
  for (int i = 0; i < count; ++i) v[i] = p[i];
  return v;
}
template <class S>
[[gnu::always_inline]] inline void store_first(S* p, vec<S> v, int count) {
  for (int i = 0; i < count; ++i) p[i] = v[i];
}

}
