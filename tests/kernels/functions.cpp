// The elementary functions against long double: every float in strides, doubles of random bits, scalars and whole vectors.
#include <cosmoml/core/key.hpp>
#include <cosmoml/kernels.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

using namespace cosmoml;
using kernels::vec;

namespace {

// The distance in units of the last place of the exact value.
template <class S>
double ulps(S got, long double exact) {
  if (std::isnan(got) || std::isnan(exact)) return std::isnan(got) && std::isnan(exact) ? 0 : 1e9;
  const S rounded = S(exact);
  if (std::isinf(rounded) || std::isinf(got)) return got == rounded ? 0 : 1e9;
  if (exact == 0) return got == 0 && std::signbit(got) == std::signbit(exact) ? 0 : 1e9;
  int e = 0;
  std::frexp(std::max(std::abs(rounded), std::numeric_limits<S>::min()), &e);
  const long double unit = std::ldexp(1.0L, e - std::numeric_limits<S>::digits);
  return double(std::abs((long double)got - exact) / unit);
}

struct result {
  double ulps = 0, at = 0;
};
// The worst of f over argument(i), i < count, in lanes and, for every 16th vector, one by one.
template <class S, class F, class Exact, class Argument>
result worst(F f, Exact exact, index_t count, Argument argument) {
  constexpr int L = kernels::lanes<S>;
  result most;
  auto one = [&](S x, S y) {
    const double u = ulps<S>(y, exact((long double)x));
    if (!(u <= most.ulps)) most = {u, double(x)};
  };
  for (index_t i = 0; i < count; i += L) {
    vec<S> x{};
    for (int l = 0; l < L; ++l) x[l] = argument(i + l);
    const vec<S> y = f(x);
    for (int l = 0; l < L; ++l) one(x[l], y[l]);
    if (i / L % 16 == 0)
      for (int l = 0; l < L; ++l) one(x[l], f(S(x[l])));
  }
  return most;
}

// All arguments: floats in strides of their bits, doubles of random bits, both with every infinity, NaN, zero and subnormal's share.
template <class S>
S any_number(index_t i) {
  if constexpr (sizeof(S) == 4) return __builtin_bit_cast(float, std::uint32_t(i * 4093));
  else return __builtin_bit_cast(double, key{3}.bits64(std::uint64_t(i)));
}
template <class S, class F, class Exact>
void check(const char* name, F f, Exact exact, double bound, double from, double to) {
  const S infinity = std::numeric_limits<S>::infinity(), least = std::numeric_limits<S>::denorm_min(), most = std::numeric_limits<S>::max(),
          normal = std::numeric_limits<S>::min();
  const S corners[] = {0,      -S(0),  infinity, -infinity, std::numeric_limits<S>::quiet_NaN(), least,  -least, most,
                       -most,  normal, -normal,  1,         -1,                                  S(1e-9), S(-1e-9), 2};
  auto report = [&](const char* range, result r) {
    const std::string what = std::string(name) + (sizeof(S) == 4 ? " of float, " : " of double, ") + range + ": " + std::to_string(r.ulps) + " ulp at " + std::to_string(r.at);
    INFO(what);
    CHECK(r.ulps < bound);
  };
  report("corners", worst<S>(f, exact, 16, [&](index_t i) { return corners[i]; }));
  report("all", worst<S>(f, exact, 1 << 20, [](index_t i) { return any_number<S>(i); }));
  const key k{5};
  report("where it bends", worst<S>(f, exact, 400000, [&](index_t i) { return S(from + (to - from) * k.uniform(std::uint64_t(i))); }));
  report("around one", worst<S>(f, exact, 200000, [&](index_t i) { return S(0.5 + 1.5 * k.uniform(std::uint64_t(i))); }));
  report("near zero", worst<S>(f, exact, 200000, [&](index_t i) { return S(0.02 * k.uniform(std::uint64_t(i)) - 0.01); }));
  report("very near zero", worst<S>(f, exact, 200000, [&](index_t i) { return S(std::exp2(-60 * k.uniform(std::uint64_t(i))) * (i % 2 ? 1 : -1)); }));
}

template <class S>
void check_all() {
  using std::abs, std::exp, std::log1p;
  constexpr bool wide = sizeof(S) == 8;
  const double top = wide ? 1024 : 128, bottom = wide ? -1076 : -151, ln_2 = 0.6931471805599453;
  using R = long double;
  check<S>("exp2", [](auto x) { return kernels::exp2(x); }, [](R x) { return std::exp2(x); }, 2, bottom, top);
  check<S>("exp", [](auto x) { return kernels::exp(x); }, [](R x) { return exp(x); }, 2, bottom * ln_2, top * ln_2);
  check<S>("expm1", [](auto x) { return kernels::expm1(x); }, [](R x) { return std::expm1(x); }, 2, -40, top * ln_2);
  check<S>("log", [](auto x) { return kernels::log(x); }, [](R x) { return std::log(x); }, 2, 0.9, 1.1);
  check<S>("log1p", [](auto x) { return kernels::log1p(x); }, [](R x) { return log1p(x); }, 2, -1, 1);
  check<S>("tanh", [](auto x) { return kernels::tanh(x); }, [](R x) { return std::tanh(x); }, 2, wide ? -20 : -9, wide ? 20 : 9);
  check<S>("sigmoid", [](auto x) { return kernels::sigmoid(x); }, [](R x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }, 2, bottom * ln_2, wide ? 38 : 18);
  check<S>("softplus", [](auto x) { return kernels::softplus(x); }, [](R x) { return (x > 0 ? x : R(0)) + log1p(exp(-abs(x))) + (x != x ? x : R(0)); }, 2, bottom * ln_2, wide ? 38 : 18);
  check<S>("erf", [](auto x) { return kernels::erf(x); }, [](R x) { return std::erf(x); }, 2, -6, 6);
}

template <class S>
void check_normal_powers() {
  const key k{8};
  const double from = sizeof(S) == 8 ? -1020.5 : -124.5, to = sizeof(S) == 8 ? 1023.9 : 127.9;
  const auto r = worst<S>([](auto x) { return kernels::exp2_normal(x); }, [](long double x) { return std::exp2(x); }, 400000,
                          [&](index_t i) { return S(from + (to - from) * k.uniform(std::uint64_t(i))); });
  CHECK(r.ulps < 2);
}
template <class S>
void check_turns() {
  constexpr int L = kernels::lanes<S>;
  const double unit = sizeof(S) == 8 ? 0x1p-53 : 0x1p-24;
  double worst = 0;
  auto one = [&](S x, S s, S c) {
    const long double angle = 6.283185307179586476925286766559L * (long double)x;
    worst = std::max({worst, double(std::abs((long double)s - std::sin(angle))), double(std::abs((long double)c - std::cos(angle)))});
  };
  for (int i = 0; i < 200000; i += L) {
    vec<S> x{}, s{}, c{};
    for (int l = 0; l < L; ++l) x[l] = S(key{9}.uniform<S>(std::uint64_t(i + l)) * (i % 3 ? 1 : 8) - (i % 3 ? 0 : 4));
    kernels::sincos_of_turns(x, s, c);
    for (int l = 0; l < L; ++l) one(x[l], s[l], c[l]);
    S sine, cosine;
    kernels::sincos_of_turns(S(x[0]), sine, cosine);
    one(x[0], sine, cosine);
  }
  CHECK(worst < 3 * unit);
}

}

TEST_CASE("kernels/functions: within 2 ulp over the whole range of floats, subnormals, zeros, infinities and NaN included") { check_all<float>(); }
TEST_CASE("kernels/functions: within 2 ulp over the whole range of doubles") { check_all<double>(); }
TEST_CASE("kernels/functions: powers of two with a normal result") {
  check_normal_powers<float>();
  check_normal_powers<double>();
}
TEST_CASE("kernels/functions: sine and cosine of turns") {
  check_turns<float>();
  check_turns<double>();
}
