// Losses: values against their formulas, gradients through the checker, weights as repeated samples.
#include "support/backends.hpp"

#include <cosmoml/ad/gradient_check.hpp>
#include <cosmoml/nn/cross_entropy.hpp>
#include <cosmoml/nn/mean_squared_error.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <vector>

using namespace cosmoml;
using tests::tested;
using S = tested::scalar;

namespace {
constexpr int size = 5;
constexpr index_t n = 7;
tested::context context;
using layout = tested::layout<shape<size>, 0>;

template <class T>
tested::buffer<T> on_backend(const std::vector<T>& host) {
  tested::buffer<T> b(index_t(host.size()));
  tested::from_host(context, host.data(), b.data(), index_t(host.size()));
  return b;
}

// The loss at y (and its gradient); exact is the same formula in double.
template <class L, class T, class Exact>
void check(const L& loss, const std::vector<T>& targets, Exact exact) {
  std::vector<double> y(n * size), w(n);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = double(S(4 * key{1}.uniform(i) - 2));
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = double(S(0.25 * double(i)));
  const auto t = on_backend(targets);
  const auto weights = on_backend(std::vector<S>(w.begin(), w.end()));
  tensor<tested, shape<size>, layout> out(context, y), gradient(n);
  tested::assign(context, gradient.view(), S(NAN));

  const double value = loss.template evaluate<tested>(context, out.view(), gradient.view(), t.data(), weights.data(), S(0.1));
  CHECK(std::abs(value - exact(y, w)) < tests::tolerance<S>(100) * 10);
  CHECK(loss.template evaluate<tested>(context, out.view(), nothing{}, t.data(), weights.data(), S(0.1)) == doctest::Approx(value));
  const std::vector<double> one(n, 1.0);
  CHECK(std::abs(loss.template evaluate<tested>(context, out.view(), nothing{}, t.data(), nullptr, S(0)) - exact(y, one)) < tests::tolerance<S>(100) * 10);

  const auto got = gradient.to_host(context);
  std::vector<double> g(got.begin(), got.end());
  const auto r = ad::check_gradient([&] { return 0.1 * exact(y, w); }, y, g);
  INFO(r.describe());
  CHECK(r.within(tests::gradient_tolerance<S>));
}
}

TEST_CASE("laws/losses: cross-entropy") {
  const std::vector<int> labels{0, 4, 2, 2, 1, 3, 0};
  static_assert(nn::Loss<nn::cross_entropy, tested, view<S, layout>>, "it keeps the contract");
  check(nn::cross_entropy{}, labels, [&](const std::vector<double>& y, const std::vector<double>& w) {
    double sum = 0;
    for (std::size_t i = 0; i < std::size_t(n); ++i) {
      double z = 0;
      for (std::size_t c = 0; c < size; ++c) z += std::exp(y[i * size + c]);
      sum += w[i] * (std::log(z) - y[i * size + std::size_t(labels[i])]);
    }
    return sum;
  });
}

TEST_CASE("laws/losses: cross-entropy neither overflows nor underflows") {
  std::vector<S> y{S(1000), S(-1000), S(0), S(0), S(0)};
  const auto labels = on_backend(std::vector<int>{1});
  tensor<tested, shape<size>, layout> out(context, std::span<const S>(y)), gradient(1);
  const double value = nn::cross_entropy{}.evaluate<tested>(context, out.view(), gradient.view(), labels.data(), nullptr, S(1));
  CHECK(value == doctest::Approx(2000));
  const auto g = gradient.to_host(context);
  CHECK(double(g[0]) == doctest::Approx(1));
  CHECK(double(g[1]) == doctest::Approx(-1));
}

TEST_CASE("laws/losses: mean squared error") {
  std::vector<S> targets(n * size);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = S(key{2}.uniform(i));
  static_assert(nn::Loss<nn::mean_squared_error, tested, view<S, layout>>, "it keeps the contract");
  check(nn::mean_squared_error{}, targets, [&](const std::vector<double>& y, const std::vector<double>& w) {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += w[i / size] * (y[i] - double(targets[i])) * (y[i] - double(targets[i]));
    return sum;
  });
}
