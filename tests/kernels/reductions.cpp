// Sums, dot products and transforms of native: the same bits on one to four threads, and right.
#include <doctest/doctest.h>

#include <cosmoml/backend/native.hpp>
#include <cosmoml/kernels/threads.hpp>
#include <cosmoml/tensor/tensor.hpp>
#include <cosmoml/wavelet.hpp>

#include <cmath>
#include <cstring>
#include <vector>

using namespace cosmoml;

namespace {
template <class F>
auto on_threads(int threads, F f) {
#if defined(_OPENMP)
  const int before = omp_get_max_threads();
  omp_set_num_threads(threads);
  auto result = f();
  omp_set_num_threads(before);
  return result;
#else
  (void)threads;
  return f();
#endif
}
template <class S>
std::vector<S> numbers(index_t n, std::uint64_t stream) {
  std::vector<S> x(static_cast<std::size_t>(n));
  for (index_t i = 0; i < n; ++i) x[std::size_t(i)] = S(2 * key{stream}.uniform(std::uint64_t(i)) - 1);
  return x;
}
template <class S>
void check_dot() {
  using B = backend::native<S>;
  for (index_t n : {0, 1, 7, 8, 9, 63, 64, 65, 257, 1000, 16384, 100003}) {
    const auto x = numbers<S>(n, 1), y = numbers<S>(n, 2);
    long double exact = 0;
    for (index_t i = 0; i < n; ++i) exact += (long double)x[std::size_t(i)] * (long double)y[std::size_t(i)];
    typename B::context c;
    const double one = on_threads(1, [&] { return B::dot(c, x.data(), y.data(), n); });
    CHECK(std::abs(one - double(exact)) <= 1e-15 * double(n + 1));
    for (int threads = 2; threads <= 4; ++threads) {
      const double more = on_threads(threads, [&] { return B::dot(c, x.data(), y.data(), n); });
      CHECK(std::memcmp(&one, &more, sizeof one) == 0);
    }
  }
}
// One array that the threads share, and many that they split among them.
template <class Shape, class W, int Axes>
void check_transform(index_t batch) {
  using B = backend::native<float>;
  using layer = wavelet::transform<W, wavelet::transform_options{.axes = Axes, .levels = 3}>;
  constexpr auto z = layer::coefficients(Shape::value);
  ndarray<float> samples(batch, Shape::value.size());
  for (index_t i = 0; i < samples.size(); ++i) samples[i] = float(key{3}.uniform(std::uint64_t(i)));
  auto transformed = [&] {
    B::context c;
    const tensor<B, Shape> x(c, samples);
    tensor<B, shape<int(z.size())>> y(batch);
    ops::wavelet_analysis<B>(c, z, wavelet::extension::symmetric, wavelet::decomposition<W, float>(), 1, x.view(), y.view());
    return y.to_host(c);
  };
  const auto one = on_threads(1, transformed);
  for (int threads = 2; threads <= 4; ++threads) {
    const auto more = on_threads(threads, transformed);
    CHECK(std::memcmp(one.data(), more.data(), std::size_t(one.size()) * sizeof(float)) == 0);
  }
}
}

TEST_CASE("kernels/reductions: dot products are right, with the same bits on one to four threads") {
  check_dot<float>();
  check_dot<double>();
}
TEST_CASE("kernels/reductions: wavelet transforms have the same bits on one to four threads") {
  check_transform<shape<70001>, wavelet::daubechies<4>, 1>(1);
  check_transform<shape<70001>, wavelet::daubechies<4>, 1>(5);
  check_transform<shape<211, 190>, wavelet::haar, 2>(1);
  check_transform<shape<211, 190>, wavelet::daubechies<2>, 2>(3);
  check_transform<shape<37, 41, 43>, wavelet::daubechies<2>, 3>(1);
}
