// What exec::cuda adds: errors without a device, streams of several contexts, a training step recorded as a CUDA graph.
#include "support/worse.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/thrust_cuda.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/papers/wavpool.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace cosmoml;
using gpu = backend::thrust<float, exec::cuda>;
static_assert(Backend<gpu> && Records<gpu>, "it keeps the contract and records");

TEST_CASE("cuda/device: every call without a device is a backend_error that says what to do") {
  if (exec::cuda::devices() > 0) return;
  auto says = [](auto&& call) {
    try {
      call();
    } catch (const backend_error& e) {
      return std::string(e.what()).find("check that a device is present") != std::string::npos;
    }
    return false;
  };
  gpu::context c;
  float x = 1;
  CHECK(says([&] { gpu::buffer<float>(100); }));
  CHECK(says([&] { gpu::for_each(c, 10, cosmoml::detail::touch{}); }));
  CHECK(says([&] { gpu::sum_of(c, 10, cosmoml::detail::count_up{}); }));
  CHECK(says([&] { gpu::fill(c, &x, 1, 2.f); }));
  CHECK(says([&] { gpu::copy(c, static_cast<const float*>(&x), &x, 1); }));
  CHECK(says([&] { gpu::to_host(c, static_cast<const float*>(&x), &x, 1); }));
  CHECK(says([&] { gpu::matmul(c, matrix<float, 1, 1, 1, 1>{&x}, matrix<float, 1, 1, 1, 1>{&x}, matrix<float, 1, 1, 1, 1>{&x}); }));
  CHECK(says([&] { gpu::recording(c, [] {}); }));
  CHECK(says([&] { nn::model<nn::sequential<nn::input<3>, nn::dense<2>>, gpu>(key{1}); }));
}

TEST_CASE("cuda/device: WavPool trains as on the host, step by step and replayed") {
  using net = papers::wavpool::tuned_28;
  ndarray<float> x(96, 784);
  std::vector<int> labels(96);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.uniform<float>(std::uint64_t(i));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = int(key{2}.below(10, i));
  const auto data = train::pair_up(x, labels);
  const optim::adam optimizer{{.learning_rate = 1e-3}};
  const train::fit_options plain{.epochs = 3, .batch_size = 32, .randomness = key{3}};
  train::fit_options recorded = plain;
  recorded.record = true;
  nn::model<net, backend::native<float>> host(key{4});
  nn::model<net, gpu> stepped(key{4}), replayed(key{4});
  const auto a = train::fit(host, data, nn::cross_entropy{}, optimizer, plain);
  const auto b = train::fit(stepped, data, nn::cross_entropy{}, optimizer, plain);
  const auto c = train::fit(replayed, data, nn::cross_entropy{}, optimizer, recorded);
  for (std::size_t e = 0; e < 3; ++e) {
    CHECK(b.history[e].loss == doctest::Approx(a.history[e].loss).epsilon(1e-4));
    CHECK(c.history[e].loss == doctest::Approx(b.history[e].loss).epsilon(1e-5));
  }
  const auto p = stepped.canonical_parameters(), q = replayed.canonical_parameters();
  double worst = 0;
  for (index_t i = 0; i < p.size(); ++i) worst = tests::worse(worst, double(std::abs(p[i] - q[i])));
  CHECK(worst < 1e-5);
}

TEST_CASE("cuda/device: what one context wrote another reads after a copy") {
  gpu::context one, two;
  constexpr index_t n = 1 << 20;
  gpu::buffer<float> a(n), b(n);
  std::vector<float> host(static_cast<std::size_t>(n));
  for (int turn = 1; turn < 20; ++turn) {
    gpu::fill(one, a.data(), n, float(turn));
    gpu::axpby(one, 1.f, a.data(), 0.f, b.data(), n);
    gpu::to_host(two, static_cast<const float*>(b.data()), host.data(), n);
    CHECK(host.front() == float(turn));
    CHECK(host.back() == float(turn));
  }
}
