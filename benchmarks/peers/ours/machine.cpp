// SPDX-License-Identifier: BSL-1.0
// What the machine can do: multiply-adds in registers, and the triad a[i] = b[i] + s c[i] through memory.
#include "../server.hpp"

#include <cosmoml/kernels/lanes.hpp>
#include <cosmoml/kernels/threads.hpp>
#include <cosmoml/version.hpp>

using namespace cosmoml;

static const std::string named = std::string("cosmoml ") + cosmoml::version;
const char* const peers::library = named.c_str();

namespace {
constexpr int chains = 12, rounds = 1'000'000;
volatile float sink;

// The widest vectors of the instruction set, whatever the library's are: with narrower ones two wide units would do half of what they can.
#if defined(__AVX512F__)
constexpr int bytes = 64;
#else
constexpr int bytes = kernels::vector_bytes;
#endif

// Every thread multiplies and adds chains x rounds vectors; the note says how many operations that is.
template <class S>
struct multiply_add : peers::workload {
  void call() override {
    kernels::share(peers::threads(), 1, true, [](index_t first, index_t last, int) {
      for (index_t t = first; t < last; ++t) {
        typedef S vec __attribute__((vector_size(bytes)));
        vec acc[chains];
        for (int i = 0; i < chains; ++i) acc[i] = vec{} + S(i + 1);
        S half = S(0.5);
        asm volatile("" : "+m"(half));
        const vec a = vec{} + half;
        for (int r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
          for (int i = 0; i < chains; ++i) acc[i] = acc[i] * a + a;
        }
        for (int i = 1; i < chains; ++i) acc[0] += acc[i];
        for (int l = 0; l < bytes / int(sizeof(S)); ++l) sink = float(acc[0][l]);
      }
    });
  }
  std::string note() const override { return std::to_string(2.0 * chains * rounds * (bytes / sizeof(S)) * peers::threads()); }
};

struct triad : peers::workload {
  static constexpr index_t n = 10'000'000;
  std::vector<float> a = std::vector<float>(n), b = std::vector<float>(n, 1.0f), c = std::vector<float>(n, 2.0f);
  void call() override {
    kernels::share(n, 1024, true, [&, s = 0.5f](index_t first, index_t last, int) {
      for (index_t i = first; i < last; ++i) a[std::size_t(i)] = b[std::size_t(i)] + s * c[std::size_t(i)];
    });
    sink = a[0];
  }
  std::string note() const override { return std::to_string(3.0 * sizeof(float) * n); }
};

const peers::add float_peak("machine/fma_float", [](const peers::store&) { return std::make_unique<multiply_add<float>>(); });
const peers::add double_peak("machine/fma_double", [](const peers::store&) { return std::make_unique<multiply_add<double>>(); });
const peers::add bandwidth("machine/triad", [](const peers::store&) { return std::make_unique<triad>(); });
}
