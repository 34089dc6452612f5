// Inside a caller's parallel region: one const model for all threads, a workspace each; models of their own to fit. Nothing is printed.
#include <doctest/doctest.h>

#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using net = sequential<input<1, 6, 5>, conv<8, 3, conv_options{.padding = 1}>, batch_norm<>, relu, flatten, dense<40>, relu, dropout<dropout_options{.rate = 0.1}>, dense<3>>;

ndarray<float> samples(index_t n) {
  ndarray<float> x(n, index_t(6), index_t(5));
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal<float>(std::uint64_t(i));
  return x;
}
// What the fit of worker `number` gives: its parameters and losses.
template <class B>
std::vector<double> fitted(int number) {
  const auto x = samples(40 + number);
  std::vector<int> label(std::size_t(x.rows()));
  for (std::size_t i = 0; i < label.size(); ++i) label[i] = int(key{2}.below(3, i));
  model<net, B> m(key{std::uint64_t(3 + number)});
  const auto r = train::fit(m, train::pair_up(x, label), cross_entropy{}, optim::adam{{.learning_rate = 0.01}}, {.epochs = 2, .batch_size = 16, .randomness = key{std::uint64_t(number)}});
  std::vector<double> all;
  for (const auto v : m.canonical_parameters()) all.push_back(double(v));
  for (const auto v : m.canonical_statistics()) all.push_back(double(v));
  for (const auto& row : r.history) all.push_back(row.loss);
  return all;
}
template <class B>
std::vector<typename B::scalar> predicted(const model<net, B, mode::inference>& m, index_t n) {
  typename model<net, B, mode::inference>::workspace own(m, {.max_batch = 7});
  std::vector<typename B::scalar> out(std::size_t(n * 3));
  m.predict_into(own, samples(n), std::span(out));
  return out;
}
// Threads of a caller: OpenMP's where there is OpenMP, and the standard library's.
template <class F>
void in_parallel(int workers, bool openmp, F f) {
#ifdef _OPENMP
  if (openmp) {
#pragma omp parallel for num_threads(workers) schedule(static, 1)
    for (int i = 0; i < workers; ++i) f(i);
    return;
  }
#endif
  if (openmp) return;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) threads.emplace_back(f, i);
  for (auto& t : threads) t.join();
}
}

TEST_CASE_TEMPLATE("train/concurrent: fit and predict from a caller's threads give what they give one after the other", B, backend::native<float>, backend::reference<double>) {
  constexpr int workers = 4;
  model<net, B> trained(key{9});
  const model<net, B, mode::inference> shared(trained);
  std::vector<std::vector<double>> fits(workers);
  std::vector<std::vector<typename B::scalar>> predictions(workers);
  for (int i = 0; i < workers; ++i) fits[std::size_t(i)] = fitted<B>(i), predictions[std::size_t(i)] = predicted<B>(shared, 50 + i);
  CHECK(fits[0] != fits[1]);
  for (const bool openmp : {true, false}) {
    std::vector<int> equal(workers, openmp ? 0 : 1);
#ifndef _OPENMP
    if (openmp) continue;
#endif
    in_parallel(workers, openmp, [&](int i) { equal[std::size_t(i)] = fitted<B>(i) == fits[std::size_t(i)] && predicted<B>(shared, 50 + i) == predictions[std::size_t(i)]; });
    for (int s : equal) CHECK(s == 1);
  }
}

#ifdef _OPENMP
TEST_CASE_TEMPLATE("train/concurrent: predictions have the same bits on one to four threads", B, backend::native<float>, backend::reference<double>) {
  using S = typename B::scalar;
  model<net, B> m(key{9});
  using wide = sequential<input<30>, dense<200>, relu, dense<90>, tanh_layer, dense<3>>;
  model<wide, B> w(key{10});
  omp_set_num_threads(1);
  const auto one = m.predict(samples(700)), wide_one = w.predict(samples(3000));
  for (int threads = 2; threads <= 4; ++threads) {
    omp_set_num_threads(threads);
    const auto more = m.predict(samples(700)), wide_more = w.predict(samples(3000));
    CHECK(std::vector<S>(more.begin(), more.end()) == std::vector<S>(one.begin(), one.end()));
    CHECK(std::vector<S>(wide_more.begin(), wide_more.end()) == std::vector<S>(wide_one.begin(), wide_one.end()));
  }
  omp_set_num_threads(1);
}
#endif

TEST_CASE("train/concurrent: nothing is printed by fit, evaluate and predict") {
  std::FILE* const kept = std::tmpfile();
  REQUIRE(kept != nullptr);
  std::fflush(nullptr);
  const int out = dup(1), err = dup(2);
  REQUIRE(dup2(fileno(kept), 1) == 1);
  REQUIRE(dup2(fileno(kept), 2) == 2);
  fitted<backend::native<float>>(0);
  model<net, backend::native<float>> m(key{9});
  m.predict(samples(5));
  bool refused = false;
  try {
    m.predict(std::vector<float>(7));
  } catch (const shape_mismatch&) {
    refused = true;
  }
  std::fflush(nullptr);
  const auto written = lseek(fileno(kept), 0, SEEK_END);
  dup2(out, 1), dup2(err, 2), close(out), close(err);
  std::fclose(kept);
  CHECK(written == 0);
  CHECK(refused);
}
