// Inside a caller's parallel region: one const model for all threads, a workspace each; models of their own to fit. Nothing is printed by any part of the library.
#include <doctest/doctest.h>

#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/io.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/prob.hpp>
#include <cosmoml/train.hpp>
#include <cosmoml/wavelet.hpp>
#include <support/scratch.hpp>
#include <support/terminal.hpp>

#include <cmath>
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

TEST_CASE("train/concurrent: nothing is printed, by what succeeds and by what fails") {
  CHECK(tests::printed_by([] { std::fputs("o", stdout), std::fputs("e", stderr), (void)!::write(1, "1", 1), (void)!::write(2, "2", 1); }).size() == 4);
  using B = backend::native<float>;
  const tests::scratch folder;
  int done = 0, refused = 0;
  const auto fails = [&](auto&& call) {
    try {
      call();
    } catch (const error&) {
      ++refused;
    }
  };
  const std::string printed = tests::printed_by([&] {
    // training: with held-out samples, a checkpoint, resumed, stopped by an observer; what diverges, and files that are no checkpoint
    const auto x = samples(40), held_out = samples(20);
    std::vector<int> label(40), held_out_label(20);
    for (std::size_t i = 0; i < label.size(); ++i) label[i] = int(i % 3), held_out_label[i / 2] = int(i % 3);
    const auto training = train::pair_up(x, label), validation = train::pair_up(held_out, held_out_label);
    const train::checkpoint file{.path = folder.file("run.checkpoint"), .every_steps = 1};
    train::fit_options o{.epochs = 2, .batch_size = 16, .keep_good_every = 1};
    model<net, B> m(key{9});
    auto rises = train::stop_after_rises({.from = 1, .rises = 3});
    train::fit(m, training, validation, cross_entropy{}, optim::adam{}, o, file, rises);
    o.epochs = 4;
    done += train::fit(m, training, validation, cross_entropy{}, optim::adam{}, o, file, rises).resumed;
    m.load(x);
    m.forward();
    done += std::isfinite(cross_entropy{}.evaluate<B>(m.context(), m.output(), nothing{}, label.data(), nullptr, 1.0f));
    done += m.predict(x).rows() == 40;
    done += !m.summary().empty();
    fails([&] { train::fit(m, training, validation, cross_entropy{}, optim::sgd{{.learning_rate = 1e30}}, o); });
    io::write_npy(folder.file("run.checkpoint"), x);
    fails([&] { train::fit(m, training, validation, cross_entropy{}, optim::adam{}, o, file, rises); });
    fails([&] { m.predict(std::vector<float>(7)); });
    // mixtures: one that converges, one of more components than the data have clouds and one of a single place
    ndarray<double> cloud(60, 2), point(60, 2);
    for (index_t i = 0; i < cloud.size(); ++i) cloud[i] = key{4}.normal(std::uint64_t(i)), point[i] = 3;
    for (const auto* data : {&cloud, &point}) {
      prob::mixture_parameters p(2, 2);
      p.weight = {0.5, 0.5};
      p.mean = {0, 0, 1, 1};
      for (index_t k = 0; k < 2; ++k) p.covariance_of(k)[0] = p.covariance_of(k)[3] = 1;
      fails([&] { done += prob::fit_em(p, prob::table<double>(*data), {.reg_covar = 0}).status == prob::em_status::converged; });
    }
    // files that are whole, cut short, and of another kind
    io::npz().add("x", x).write(folder.file("x.npz"));
    io::write_npy(folder.file("x.npy"), x);
    io::write_csv(folder.file("x.csv"), cloud, {"a", "b"});
    done += io::npz(folder.file("x.npz")).get<float>("x").rows() == 40;
    done += io::read_npy<double>(folder.file("x.npy")).rows() == 40;
    done += io::read_csv(folder.file("x.csv")).values.rows() == 60;
    for (const char* name : {"x.npz", "x.npy", "x.csv", "none"}) {
      const std::string path = folder.file(name);
      if (name != std::string("none")) {
        auto b = io::read_file(path);
        b.resize(b.size() / 2);
        b[0] ^= 255;
        io::write_file(path, b.data(), b.size());
      }
      fails([&] { io::npz(path).get<float>("x"); });
      fails([&] { io::read_npy<float>(path); });
      fails([&] { io::read_csv(path); });
      fails([&] { io::read_safetensors(path); });
    }
    // wavelets
    const std::vector<double> signal(64, 1.0);
    done += wavelet::packets<wavelet::daubechies<4>, double>(signal, 3).rows() == 8;
    fails([&] { wavelet::stationary<wavelet::haar, double>(std::span<const double>(signal.data(), 7), 3); });
  });
  CHECK(printed == "");
  CHECK(done == 9);
  CHECK(refused >= 19);
}
