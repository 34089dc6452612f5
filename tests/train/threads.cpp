// The same key gives the same bits on one to four threads, resumed on another number of them or not.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using net = sequential<input<1, 12, 12>, conv<16, 3, conv_options{.padding = 1}>, relu, flatten, dense<70>, relu, dropout<dropout_options{.rate = 0.1}>, dense<3>>;
// Winograd's convolutions (in native), statistics of a batch, a maximum.
using deep = sequential<input<1, 12, 12>, conv<32, 3, conv_options{.padding = 1}>, batch_norm<>, relu, conv<32, 3, conv_options{.padding = 1}>, batch_norm<>, relu, max_pool<2>,
                        residual<sequential<conv<32, 3, conv_options{.padding = 1}>, batch_norm<>, relu>>, flatten, dense<3>>;

void use_threads([[maybe_unused]] int n) {
#ifdef _OPENMP
  omp_set_num_threads(n);
#endif
}
template <class Net, class B, class Opt>
std::vector<double> run(const Opt& optimizer, train::fit_options o, const std::string& path = "") {
  ndarray<float> x(index_t(50), index_t(12), index_t(12));
  std::vector<int> label(50);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal<float>(std::uint64_t(i));
  for (std::size_t i = 0; i < 50; ++i) label[i] = int(key{2}.below(3, i));
  model<Net, B> m(key{3});
  const auto r = train::fit(m, train::pair_up(x, label), train::pair_up(x, label), cross_entropy{}, optimizer, o, train::checkpoint{.path = path});
  std::vector<double> all;
  for (const auto v : m.canonical_parameters()) all.push_back(double(v));
  for (const auto v : m.canonical_statistics()) all.push_back(double(v));
  for (const auto& row : r.history) all.push_back(row.loss), all.push_back(row.validation_loss);
  return all;
}
template <class Net, class B, bool Searches = true>
void check() {
  const std::string path = "/tmp/cosmoml-threads-" + std::to_string(getpid());
  train::fit_options o{.epochs = 2, .batch_size = 16, .randomness = key{4}, .clip = {.norm = 0.5}, .average = {.kind = optim::averaging::exponential, .decay = 0.5}};
  const optim::adamw adamw{{.learning_rate = 0.01}};
  const auto search = [] {
    if constexpr (Searches) return run<Net, B>(optim::lbfgs{{.max_iterations = 3}}, {.epochs = 2, .batch_size = 25, .shuffle = false, .accumulate = 2});
    else return 0;
  };
  use_threads(1);
  const auto wanted = run<Net, B>(adamw, o);
  const auto searched = search();
  for (int n = 2; n <= 4; ++n) {
    INFO("threads ", n);
    use_threads(n);
    CHECK(run<Net, B>(adamw, o) == wanted);
    CHECK(search() == searched);
    std::remove(path.c_str());
    auto first = o;
    first.epochs = 1;
    run<Net, B>(adamw, first, path);
    use_threads(5 - n);
    CHECK(run<Net, B>(adamw, o, path) == wanted);
  }
  std::remove(path.c_str());
  use_threads(1);
}
}

TEST_CASE("train/threads: native") { check<net, backend::native<float>>(); }
TEST_CASE("train/threads: native, in double") { check<net, backend::native<double>>(); }
TEST_CASE("train/threads: native, Winograd's convolutions, batch norm and a maximum") {
  using B = backend::native<float>;
  static constexpr rewrites direct{.winograd = false};
  model<deep, B, mode::inference> m(key{3});
  model<deep, B, mode::inference, direct> sums(key{3});
  const std::vector<float> x(2 * 12 * 12, 0.7f);
  const auto a = m.predict(x), b = sums.predict(x);
  CHECK(std::vector<float>(a.begin(), a.end()) != std::vector<float>(b.begin(), b.end()));   // it is Winograd's
  check<deep, B, false>();
}
TEST_CASE("train/threads: reference") { check<net, backend::reference<float>>(); }
