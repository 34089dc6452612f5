// SPDX-License-Identifier: BSL-1.0
// Element-wise functions over a whole buffer: nanoseconds and bytes a second, exp for comparison.
#include "../support.hpp"

#include <cosmoml/kernels.hpp>
#include <cosmoml/nn.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
struct exponential {
  static constexpr bool keeps_zero = false;
  template <class T>
  T operator()(T x) const {
    return kernels::exp(x);
  }
};
template <class S, class F>
void map(benchmark::State& s) {
  using B = backend::native<S>;
  using view = cosmoml::view<S, typename B::template layout<shape<1024>, 0>>;
  const index_t n = s.range(0);
  typename B::context c;
  typename B::template buffer<S> x(n), y(n);
  for (index_t i = 0; i < n; ++i) x.data()[i] = S(8 * key{1}.uniform(std::uint64_t(i)) - 4);
  for (auto _ : s) {
    B::map(c, F{}, view{x.data(), n / 1024}, view{y.data(), n / 1024});
    benchmark::ClobberMemory();
  }
  s.counters["bytes/s"] = benchmarks::per_second(2.0 * sizeof(S) * double(n));
  s.counters["ns/element"] = benchmark::Counter(1e-9 * double(n), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
}

#define COSMOML_EACH(S, n)                                    \
  BENCHMARK(map<S, exponential>)->Arg(n);                     \
  BENCHMARK(map<S, hyperbolic_tangent>)->Arg(n);              \
  BENCHMARK(map<S, logistic>)->Arg(n);                        \
  BENCHMARK(map<S, smooth_rectify<softplus_options{}>>)->Arg(n); \
  BENCHMARK(map<S, gaussian_weighted>)->Arg(n);               \
  BENCHMARK(map<S, sigmoid_weighted>)->Arg(n);                \
  BENCHMARK(map<S, scaled_exponential_linear>)->Arg(n)
COSMOML_EACH(float, 1 << 20);
COSMOML_EACH(float, 1 << 13);
COSMOML_EACH(double, 1 << 20);
COSMOML_EACH(double, 1 << 13);
