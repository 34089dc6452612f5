// Inference: no allocation once a model stands, and one const model for several threads.
#include <doctest/doctest.h>

#include <cosmoml/backend/native.hpp>
#include <cosmoml/papers/wavpool.hpp>
#include <cosmoml/nn.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>
#include <vector>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"   // both sides are replaced together
#endif

namespace {
std::atomic<long> allocations{0};
void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  void* p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (!p) throw std::bad_alloc();
  return p;
}
}
void* operator new(std::size_t n) { return counted(n, 16); }
void* operator new[](std::size_t n) { return counted(n, 16); }
void* operator new(std::size_t n, std::align_val_t a) { return counted(n, std::size_t(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return counted(n, std::size_t(a)); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace cosmoml;
using namespace cosmoml::nn;
using B = backend::native<float>;

namespace {
ndarray<float> noise(index_t rows, index_t columns) {
  ndarray<float> x(rows, columns);
  for (index_t i = 0; i < x.size(); ++i) x[i] = float(key{8}.uniform(std::uint64_t(i)));
  return x;
}
template <class Net>
void allocates_nothing() {
  model<Net, B, mode::inference> m(key{1}, {.max_batch = 3});
  typename model<Net, B, mode::inference>::workspace own(m, {.max_batch = 4});
  const auto x = noise(11, m.input_size);
  std::vector<float> out(std::size_t(11 * m.output_size));
  const long before = allocations;
  for (int again = 0; again < 3; ++again) {
    m.predict_into(own, x, out);
    m.infer();
  }
  CHECK(allocations == before);
}
}

TEST_CASE("nn/inference: nothing is allocated after construction") {
  allocates_nothing<sequential<input<7>, dense<19>, relu, dense<3>>>();
  allocates_nothing<papers::wavpool::tuned_28>();
  allocates_nothing<papers::wavpool::baseline_fashion>();
  using winograd = sequential<input<32, 8, 8>, conv<32, 3, conv_options{.padding = 1}>, relu, flatten, dense<3>>;   // stored filters for 17 samples, panels for 16
  model<winograd, B, mode::inference> m(key{1}, {.max_batch = 17});
  decltype(m)::workspace own(m, {.max_batch = 17});
  const auto x = noise(17, m.input_size);
  std::vector<float> out(std::size_t(17 * m.output_size));
  for (index_t n = 1; n <= 17; ++n) {
    const long so_far = allocations;
    m.predict_into(own, ndview<const float>(x.data(), n, index_t(m.input_size)), std::span(out).first(std::size_t(n * m.output_size)));
    CHECK(allocations == so_far);
  }
  const long before = allocations;
  std::vector<int> counts(1);
  CHECK(allocations == before + 1);   // the counter counts
}

TEST_CASE("nn/inference: arrays of the caller are read, in place or not, never written, and not held") {
  using net = sequential<input<4, 6>, flatten, dense<9>, relu, dense<2>>;   // 24 floats: rows without padding
  using padded = sequential<input<5>, dense<9>, relu, dense<2>>;
  auto check = [](auto m) {
    constexpr index_t inputs = m.input_size, outputs = m.output_size, n = 7;
    const auto x = noise(n, inputs);
    const auto before = x;
    typename decltype(m)::workspace own(m, {.max_batch = 3});
    std::vector<float> expected(n * outputs), got(n * outputs);
    for (index_t i = 0; i < n; ++i) m.predict_into(own, ndview<const float>(x.row(i), 1, inputs), std::span(expected).subspan(std::size_t(i * outputs), outputs));
    auto agrees = [&](const auto& samples) {
      m.predict_into(own, samples, got);
      for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::abs(got[i] - expected[i]) < 1e-6f);
    };
    agrees(x);
    std::vector<double> numbers(x.begin(), x.end());
    agrees(numbers);
    std::vector<float> wide(std::size_t(n * (inputs + 3)), -1.0f), columns(std::size_t(n * inputs));
    for (index_t i = 0; i < n; ++i)
      for (index_t e = 0; e < inputs; ++e) wide[std::size_t(i * (inputs + 3) + e)] = columns[std::size_t(e * n + i)] = x.row(i)[e];
    std::vector<double> sparse(std::size_t(n * inputs * 3), -1.0);
    for (index_t i = 0; i < n * inputs; ++i) sparse[std::size_t(i * 3)] = x[i];
    ndview<const double> third(sparse.data(), n, inputs);
    third.stride[0] *= 3, third.stride[1] = 3;
    agrees(third);
    ndview<const float> rows(wide.data(), n, inputs), turned(columns.data(), n, inputs);
    rows.stride[0] = inputs + 3;
    turned.stride[0] = 1;
    turned.stride[1] = n;
    agrees(rows);
    agrees(turned);
    for (index_t i = 0; i < x.size(); ++i) CHECK(x[i] == before[i]);
    m.resize(2);
    const float* const input = m.input().data;
    m.predict(x);
    CHECK(static_cast<const float*>(m.input().data) == input);
  };
  check(model<net, B, mode::inference>(key{1}, {.max_batch = 2}));
  check(model<padded, B, mode::inference>(key{1}, {.max_batch = 2}));
  check(model<net, B>(key{1}));
}

TEST_CASE("nn/inference: predictions go into arrays of any strides and precision, and nowhere else") {
  using net = sequential<input<5>, dense<7>, sigmoid, dense<6>, reshape<2, 3>>;
  constexpr index_t n = 11;
  model<net, B, mode::inference> m(key{1}, {.max_batch = 4});
  decltype(m)::workspace own(m, {.max_batch = 4});
  const auto x = noise(n, 5);
  const auto expected = m.predict(x);
  auto filled = [&](auto number, std::initializer_list<index_t> strides) {   // (n, 2, 3) somewhere in 400 numbers
    std::vector<decltype(number)> memory(400, -7);
    ndview<decltype(number)> out(memory.data() + 150, n, 2, 3);
    int a = 0;
    for (index_t s : strides) out.stride[a++] = s;
    m.predict_into(own, x, out);
    index_t written = 0;
    for (auto v : memory) written += v != -7;
    CHECK(written == n * 6);
    for (index_t i = 0; i < n; ++i)
      for (index_t e = 0; e < 6; ++e) CHECK(out(i, e) == expected[i * 6 + e]);
  };
  filled(1.0f, {6, 3, 1});
  filled(1.0, {6, 3, 1});
  filled(1.0f, {9, 3, 1});          // rows apart
  filled(1.0, {1, n, 2 * n});       // Fortran order
  filled(1.0f, {12, 6, 2});         // every second place
  filled(1.0, {-6, 3, 1});          // last sample first
  filled(1.0f, {6, 1, 2});          // axes exchanged
  std::vector<double> flat(n * 6);
  m.predict_into(own, x, flat);
  CHECK(flat[17] == expected[17]);
  CHECK_THROWS_AS(m.predict_into(own, x, ndview<double>(flat.data(), n - 1, 6)), shape_mismatch);
  CHECK_THROWS_AS(m.predict_into(own, x, ndview<double>(flat.data(), n, 5)), shape_mismatch);
}

TEST_CASE("nn/inference: several threads predict with one const model") {
  using net = sequential<input<28, 28>, flatten, dense<30>, dense<10>>;
  model<net, B, mode::inference> owner(key{1});
  const auto x = noise(50, owner.input_size);
  const auto expected = owner.predict(x);
  const auto& shared = owner;
  std::vector<std::vector<float>> out(4, std::vector<float>(std::size_t(expected.size())));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < out.size(); ++t)
    threads.emplace_back([&, t] {
      decltype(owner)::workspace own(shared, {.max_batch = index_t(t) % 2 * 5 + 1});
      for (int again = 0; again < 20; ++again) shared.predict_into(own, x, out[t]);
    });
  for (auto& t : threads) t.join();
  for (std::size_t t = 0; t < out.size(); ++t) {
    const auto& o = out[t];
    for (index_t i = 0; i < expected.size(); ++i) {
      if (t % 2 == 0) CHECK(o[std::size_t(i)] == expected[i]);
      else CHECK(std::abs(o[std::size_t(i)] - expected[i]) < 1e-5f);   // one sample alone is summed in another order than among many
    }
  }
}

TEST_CASE("nn/inference: a batch that leaves the cache goes in tiles on several threads, allocates nothing and predicts the same") {
  using net = papers::wavpool::tuned_28;
  constexpr index_t many = 301;
  model<net, B, mode::inference> large(key{1}, {.max_batch = many}), small(key{1}, {.max_batch = 16});
  const auto x = noise(many, large.input_size);
  std::vector<float> out(std::size_t(many * large.output_size));
  decltype(large)::workspace own(large, {.max_batch = many});
  const long before = allocations;
  large.predict_into(own, x, out);
  CHECK(allocations == before);
  const auto expected = small.predict(x);
  for (index_t i = 0; i < expected.size(); ++i) CHECK(std::abs(out[std::size_t(i)] - expected[i]) < 1e-5f);
}

TEST_CASE("nn/inference: a wrong length of the result is told") {
  model<sequential<input<7>, dense<3>>, B, mode::inference> m(key{1});
  decltype(m)::workspace own(m);
  std::vector<float> out(5);
  CHECK_THROWS_AS(m.predict_into(own, noise(2, 7), out), shape_mismatch);
}
