// Losses: values against their formulas, gradients through the checker, weights as repeated samples.
#include "support/backends.hpp"

#include <cosmoml/ad/gradient_check.hpp>
#include <cosmoml/nn/cross_entropy.hpp>
#include <cosmoml/nn/mean_squared_error.hpp>
#include <cosmoml/nn/variational_loss.hpp>
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

TEST_CASE("laws/losses: variational, reconstruction of one number and two latents, sum and mean over latents") {
  std::vector<S> targets(n);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = S(key{2}.uniform(i));
  static_assert(nn::Loss<nn::variational_loss<2>, tested, view<S, layout>>, "it keeps the contract");
  for (bool mean : {false, true})
    check(nn::variational_loss<2>{.beta = 0.3, .mean_over_latents = mean}, targets, [&](const std::vector<double>& y, const std::vector<double>& w) {
      double sum = 0;
      for (std::size_t i = 0; i < std::size_t(n); ++i) {
        const double* p = &y[i * size];
        double kl = 0;
        for (int e = 0; e < 2; ++e) kl -= (1 + p[3 + e] - p[1 + e] * p[1 + e] - std::exp(p[3 + e])) / 2;
        sum += w[i] * ((p[0] - double(targets[i])) * (p[0] - double(targets[i])) + 0.3 * kl / (mean ? 2 : 1));
      }
      return sum;
    });
}
TEST_CASE("laws/losses: variational, three reconstructed numbers: the mean over batch and numbers leaves the divergence whole") {
  std::vector<S> targets(3 * n);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = S(key{2}.uniform(i));
  static_assert(nn::variational_loss<1>::targets(extents{size}) == 3);
  check(nn::variational_loss<1>{.beta = 2}, targets, [&](const std::vector<double>& y, const std::vector<double>& w) {
    double sum = 0;
    for (std::size_t i = 0; i < std::size_t(n); ++i) {
      const double* p = &y[i * size];
      for (int e = 0; e < 3; ++e) sum += w[i] * std::pow(p[e] - double(targets[3 * i + std::size_t(e)]), 2);
      sum += w[i] * 3 * 2 * (std::exp(p[4]) + p[3] * p[3] - 1 - p[4]) / 2;
    }
    return sum;
  });
}
TEST_CASE("laws/losses: variational, known divergences") {
  // Means (.5, -1, 0), variances (.25, 1, .04).
  const std::vector<double> y{0, 0.5, -1, 0, std::log(0.25), 0, std::log(0.04)};
  tensor<tested, shape<7>, tested::layout<shape<7>, 0>> out(context, std::vector<double>(y));
  const auto t = on_backend(std::vector<S>{0});
  const auto at = [&](bool mean) { return nn::variational_loss<3>{.mean_over_latents = mean}.evaluate<tested>(context, out.view(), nothing{}, t.data(), nullptr, S(1)); };
  CHECK(at(true) == doctest::Approx(0.69086166).epsilon(1e-6));
  CHECK(at(false) == doctest::Approx(2.07258499).epsilon(1e-6));
  const auto each = nn::variational_loss<3>::divergences(ndarray<double>({1, 7}, std::vector<double>(y)));
  CHECK(each[1] == doctest::Approx(0.5));
  CHECK(each[0] == doctest::Approx((0.25 + 0.25 - 1 + std::log(4)) / 2).epsilon(1e-12));
  CHECK(each[2] == doctest::Approx((0.04 - 1 + std::log(25)) / 2).epsilon(1e-12));
}
