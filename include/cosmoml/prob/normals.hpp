// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>
#include <cosmoml/kernels/circular.hpp>
#include <cosmoml/kernels/logarithm.hpp>

namespace cosmoml::inline COSMOML_ABI::prob::detail {

typedef unsigned long long word_vector __attribute__((vector_size(kernels::vector_bytes)));
inline constexpr int word_lanes = kernels::vector_bytes / 8;

// The product of the low halves.
[[gnu::always_inline]] inline word_vector low_product(word_vector a, unsigned long long b) {
#if defined(__AVX2__) && !defined(__clang__) && COSMOML_VECTOR_BYTES == 32
  typedef int ints __attribute__((vector_size(32)));
  return __builtin_bit_cast(word_vector, __builtin_ia32_pmuludq256(__builtin_bit_cast(ints, a), __builtin_bit_cast(ints, word_vector{} + b)));
#else
  return (a & 0xffffffffull) * b;
#endif
}

// philox::at for several counters at once, a 32-bit word to a lane.
[[gnu::always_inline]] inline void philox_lanes(word_vector (&w)[4], key k) {
  std::uint32_t key0 = std::uint32_t(k.value), key1 = std::uint32_t(k.value >> 32);
  for (int round = 0; round < 10; ++round) {
    const word_vector a = low_product(w[0], 0xD2511F53ull), b = low_product(w[2], 0xCD9E8D57ull);
    w[0] = (b >> 32) ^ w[1] ^ key0;
    w[2] = (a >> 32) ^ w[3] ^ key1;
    w[1] = b & 0xffffffffull;
    w[3] = a & 0xffffffffull;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

// Pairs of standard normals: even[i] = k.normal(2 (first + i)), odd[i] = k.normal(2 (first + i) + 1) to rounding, i in [0, count) rounded up
// to whole vectors.
inline void normal_pairs(key k, std::uint64_t first, index_t count, double* even, double* odd) {
  using kernels::vec;
  for (index_t i = 0; i < count; i += word_lanes) {
    word_vector c;
    for (int l = 0; l < word_lanes; ++l) c[l] = first + std::uint64_t(i + l);
    word_vector w[4] = {c & 0xffffffffull, c >> 32, word_vector{}, word_vector{} + 2};
    philox_lanes(w, k);
    // 53 bits as a number: two exact halves, since not every target turns 64-bit integers into doubles
    auto uniform = [](word_vector low, word_vector high) {
      const word_vector whole = (low | high << 32) >> 11;
      const vec<double> top = __builtin_bit_cast(vec<double>, (whole >> 32) | 0x4330000000000000ull) - 0x1p52;
      const vec<double> bottom = __builtin_bit_cast(vec<double>, (whole & 0xffffffffull) | 0x4330000000000000ull) - 0x1p52;
      return top * 0x1p32 + bottom;
    };
    const vec<double> u = (uniform(w[0], w[1]) + 1.0) * 0x1p-53, v = uniform(w[2], w[3]) * 0x1p-53;
    const vec<double> square = -2.0 * kernels::log(u);
    vec<double> radius{}, sine{}, cosine{};
    for (int l = 0; l < word_lanes; ++l) radius[l] = __builtin_sqrt(square[l]);
    kernels::sincos_of_turns(v, sine, cosine);
    kernels::store(even + i, radius * cosine);
    kernels::store(odd + i, radius * sine);
  }
}

}
