// The vector functions against long double, over the whole range of arguments.
#include <cosmoml/core/key.hpp>
#include <cosmoml/kernels/exponential.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cfloat>
#include <limits>

using namespace cosmoml;
using kernels::vec;

namespace {

// The distance in units of the last place of the exact value.
template <class S>
double ulps(S got, long double exact) {
  if (std::isnan(got) || std::isnan(exact)) return std::isnan(got) && std::isnan(exact) ? 0 : 1e9;
  const S rounded = S(exact);
  if (std::isinf(rounded) || std::isinf(got)) return got == rounded ? 0 : 1e9;
  int e = 0;
  std::frexp(std::max(std::abs(rounded), std::numeric_limits<S>::min()), &e);
  const long double unit = std::ldexp(1.0L, e - std::numeric_limits<S>::digits);
  return double(std::abs((long double)got - exact) / unit);
}

template <class S, class Vector, class Exact>
double worst(Vector f, Exact exact, double from, double to, int count, key k, bool logarithmic = false) {
  constexpr int L = kernels::lanes<S>;
  double worst = 0;
  for (int i = 0; i < count; i += L) {
    vec<S> x{};
    for (int l = 0; l < L; ++l) {
      const double u = from + (to - from) * k.uniform(std::uint64_t(i + l));
      x[l] = S(logarithmic ? std::exp2(u) : u);
    }
    const vec<S> y = f(x);
    for (int l = 0; l < L; ++l) worst = std::max(worst, ulps<S>(y[l], exact((long double)x[l])));
  }
  return worst;
}

template <class S>
void check_ranges() {
  constexpr bool wide = sizeof(S) == 8;
  const int n = 400000;
  const double bound = 2;   // 1.5 where the compiler fuses multiplications and additions
  auto exp2 = [](vec<S> x) { return kernels::exp2<S>(x); };
  auto exp = [](vec<S> x) { return kernels::exp<S>(x); };
  auto log = [](vec<S> x) { return kernels::log<S>(x); };
  const double top = wide ? 1023.9 : 127.9, bottom = wide ? -1074 : -149;
  auto exact2 = [](long double x) { return std::exp2(x); };
  auto exact = [](long double x) { return std::exp(x); };
  auto exact_log = [](long double x) { return std::log(x); };
  CHECK(worst<S>(exp2, exact2, bottom, top, n, key{1}) < 2);   // subnormal results are rounded twice
  CHECK(worst<S>(exp2, exact2, bottom + (wide ? 53 : 24), top, n, key{11}) < bound);
  CHECK(worst<S>(exp2, exact2, -1, 1, n, key{2}) < bound);
  CHECK(worst<S>(exp, exact, bottom * 0.693, top * 0.6931, n, key{3}) < 2);
  CHECK(worst<S>(exp, exact, (bottom + (wide ? 53 : 24)) * 0.693, top * 0.6931, n, key{12}) < bound);
  CHECK(worst<S>(exp, exact, -1, 1, n, key{4}) < bound);
  CHECK(worst<S>(log, exact_log, bottom, top, n, key{5}, true) < bound);
  CHECK(worst<S>(log, exact_log, 0.5, 2, n, key{6}) < bound);
  CHECK(worst<S>(log, exact_log, 0.999, 1.001, n, key{7}) < bound);
  auto normal = [](vec<S> x) { return kernels::exp2_normal<S>(x); };
  CHECK(worst<S>(normal, exact2, wide ? -1020.5 : -124.5, top, n, key{8}) < 2);
}
template <class S>
void check_special() {
  const S inf = std::numeric_limits<S>::infinity(), nan = std::numeric_limits<S>::quiet_NaN(), least = std::numeric_limits<S>::denorm_min(), most = std::numeric_limits<S>::max();
  auto one = [](vec<S> v) { return v[0]; };
  auto of = [](S v) { return kernels::broadcast(v); };
  CHECK(one(kernels::exp<S>(of(-inf))) == 0);
  CHECK(one(kernels::exp<S>(of(inf))) == inf);
  CHECK(one(kernels::exp<S>(of(most))) == inf);
  CHECK(one(kernels::exp<S>(of(-most))) == 0);
  CHECK(one(kernels::exp<S>(of(0))) == 1);
  CHECK(std::isnan(one(kernels::exp<S>(of(nan)))));
  CHECK(one(kernels::exp2<S>(of(-inf))) == 0);
  CHECK(one(kernels::exp2<S>(of(inf))) == inf);
  CHECK(one(kernels::exp2<S>(of(10))) == 1024);
  CHECK(std::isnan(one(kernels::exp2<S>(of(nan)))));
  CHECK(one(kernels::log<S>(of(0))) == -inf);
  CHECK(one(kernels::log<S>(of(inf))) == inf);
  CHECK(one(kernels::log<S>(of(1))) == 0);
  CHECK(std::isnan(one(kernels::log<S>(of(-1)))));
  CHECK(std::isnan(one(kernels::log<S>(of(-inf)))));
  CHECK(std::isnan(one(kernels::log<S>(of(nan)))));
  CHECK(ulps<S>(one(kernels::log<S>(of(least))), std::log((long double)least)) < 1.5);
  CHECK(ulps<S>(one(kernels::log<S>(of(most))), std::log((long double)most)) < 1.5);
}
template <class S>
void check_turns() {
  constexpr int L = kernels::lanes<S>;
  const double unit = sizeof(S) == 8 ? 0x1p-53 : 0x1p-24;
  double worst = 0;
  for (int i = 0; i < 200000; i += L) {
    vec<S> x{}, s{}, c{};
    for (int l = 0; l < L; ++l) x[l] = S(key{9}.uniform<S>(std::uint64_t(i + l)) * (i % 3 ? 1 : 8) - (i % 3 ? 0 : 4));
    kernels::sincos_of_turns<S>(x, s, c);
    for (int l = 0; l < L; ++l) {
      const long double angle = 6.283185307179586476925286766559L * (long double)x[l];
      worst = std::max({worst, double(std::abs((long double)s[l] - std::sin(angle))), double(std::abs((long double)c[l] - std::cos(angle)))});
    }
  }
  CHECK(worst < 3 * unit);
}

}

TEST_CASE("kernels/exponential: exp2, exp and log stay within 2 ulp over the whole range, subnormals included") {
  check_ranges<double>();
  check_ranges<float>();
}
TEST_CASE("kernels/exponential: zeros, infinities, NaN and the ends of the range") {
  check_special<double>();
  check_special<float>();
}
TEST_CASE("kernels/exponential: sine and cosine of turns") {
  check_turns<double>();
  check_turns<float>();
}
