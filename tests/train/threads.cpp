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

void use_threads([[maybe_unused]] int n) {
#ifdef _OPENMP
  omp_set_num_threads(n);
#endif
}
template <class B, class Opt>
std::vector<double> run(const Opt& optimizer, train::fit_options o, const std::string& path = "") {
  ndarray<float> x(index_t(50), index_t(12), index_t(12));
  std::vector<int> label(50);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal<float>(std::uint64_t(i));
  for (std::size_t i = 0; i < 50; ++i) label[i] = int(key{2}.below(3, i));
  model<net, B> m(key{3});
  const auto r = train::fit(m, train::pair_up(x, label), train::pair_up(x, label), cross_entropy{}, optimizer, o, train::checkpoint{.path = path});
  std::vector<double> all;
  for (const auto v : m.canonical_parameters()) all.push_back(double(v));
  for (const auto& row : r.history) all.push_back(row.loss), all.push_back(row.validation_loss);
  return all;
}
template <class B>
void check() {
  const std::string path = "/tmp/cosmoml-threads-" + std::to_string(getpid());
  train::fit_options o{.epochs = 2, .batch_size = 16, .randomness = key{4}, .clip = {.norm = 0.5}, .average = {.kind = optim::averaging::exponential, .decay = 0.5}};
  const optim::adamw adamw{{.learning_rate = 0.01}};
  const optim::lbfgs lbfgs{{.max_iterations = 3}};
  const train::fit_options whole{.epochs = 2, .batch_size = 25, .shuffle = false, .accumulate = 2};
  use_threads(1);
  const auto wanted = run<B>(adamw, o), searched = run<B>(lbfgs, whole);
  for (int n = 2; n <= 4; ++n) {
    INFO("threads ", n);
    use_threads(n);
    CHECK(run<B>(adamw, o) == wanted);
    CHECK(run<B>(lbfgs, whole) == searched);
    std::remove(path.c_str());
    auto first = o;
    first.epochs = 1;
    run<B>(adamw, first, path);
    use_threads(5 - n);
    CHECK(run<B>(adamw, o, path) == wanted);
  }
  std::remove(path.c_str());
  use_threads(1);
}
}

TEST_CASE("train/threads: native") { check<backend::native<float>>(); }
TEST_CASE("train/threads: reference") { check<backend::reference<float>>(); }
