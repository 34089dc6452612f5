// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <array>
#include <cmath>
#include <cstdint>

namespace cosmoml::inline COSMOML_ABI {

// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011): a counter and a key go in, four random words come out.
struct philox {
  struct block {
    std::uint32_t word[4];
    constexpr bool operator==(const block&) const = default;
  };

  COSMOML_HD static constexpr block at(block counter, std::uint32_t key0, std::uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = std::uint64_t(0xD2511F53u) * counter.word[0], b = std::uint64_t(0xCD9E8D57u) * counter.word[2];
      counter = {{std::uint32_t(b >> 32) ^ counter.word[1] ^ key0, std::uint32_t(b),
                  std::uint32_t(a >> 32) ^ counter.word[3] ^ key1, std::uint32_t(a)}};
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
    return counter;
  }
};

// Explicit randomness. A key is a value; it holds no state, and asking it for number i gives the same bits on every backend,
// in any order and on any number of threads. Integers and uniforms are equal to the bit everywhere; normals pass through each
// platform's log and cosine. Use a key for one purpose and derive others by fold and split.
struct key {
  std::uint64_t value = 0;

  // An independent key for purpose i.
  COSMOML_HD constexpr key fold(std::uint64_t i) const {
    const philox::block b = block_at(i, 0x666f6c64u);
    return {b.word[0] | std::uint64_t(b.word[1]) << 32};
  }
  // Word i of this key's stream.
  COSMOML_HD constexpr std::uint32_t bits32(std::uint64_t i) const { return block_at(i / 4, 0).word[i % 4]; }
  // Words 4 i ... 4 i + 3 of it, at the price of one.
  COSMOML_HD constexpr philox::block words(std::uint64_t i) const { return block_at(i, 0); }
  COSMOML_HD constexpr std::uint64_t bits64(std::uint64_t i) const {
    const philox::block b = block_at(i / 2, 1);
    return b.word[i % 2 * 2] | std::uint64_t(b.word[i % 2 * 2 + 1]) << 32;
  }
  // Number i, uniform in [0, 1): 24 random bits in float, 53 in double.
  template <class S = double>
  COSMOML_HD constexpr S uniform(std::uint64_t i) const {
    if constexpr (sizeof(S) == 4) return S(bits32(i) >> 8) * S(0x1p-24);
    else return S(bits64(i) >> 11) * S(0x1p-53);
  }
  // Integer i, uniform in [0, n). The bias is below n / 2^64.
  COSMOML_HD constexpr std::uint64_t below(std::uint64_t n, std::uint64_t i) const {
    const std::uint64_t r = bits64(i), low = (r & 0xffffffffu) * (n & 0xffffffffu);
    const std::uint64_t a = (r >> 32) * (n & 0xffffffffu), b = (r & 0xffffffffu) * (n >> 32);
    const std::uint64_t middle = (low >> 32) + (a & 0xffffffffu) + (b & 0xffffffffu);
    return (r >> 32) * (n >> 32) + (a >> 32) + (b >> 32) + (middle >> 32);
  }
  // Number i of the standard normal distribution, by Box and Muller.
  template <class S = double>
  COSMOML_HD S normal(std::uint64_t i) const {
    const philox::block b = block_at(i / 2, 2);
    S u, v;
    if constexpr (sizeof(S) == 4) {
      u = (S(b.word[0] >> 8) + S(1)) * S(0x1p-24);
      v = S(b.word[1] >> 8) * S(0x1p-24);
    } else {
      u = (S((b.word[0] | std::uint64_t(b.word[1]) << 32) >> 11) + S(1)) * S(0x1p-53);
      v = S((b.word[2] | std::uint64_t(b.word[3]) << 32) >> 11) * S(0x1p-53);
    }
    const S radius = std::sqrt(S(-2) * std::log(u)), angle = S(6.283185307179586477) * v;
    return radius * (i % 2 ? std::sin(angle) : std::cos(angle));
  }

  constexpr bool operator==(const key&) const = default;

private:
  COSMOML_HD constexpr philox::block block_at(std::uint64_t i, std::uint32_t stream) const {
    return philox::at({{std::uint32_t(i), std::uint32_t(i >> 32), 0, stream}}, std::uint32_t(value), std::uint32_t(value >> 32));
  }
};

// const auto [data_key, net_key] = split<2>(key{7});
template <int N>
constexpr std::array<key, N> split(key k) {
  std::array<key, N> keys{};
  for (int i = 0; i < N; ++i) keys[i] = k.fold(std::uint64_t(i));
  return keys;
}

}
