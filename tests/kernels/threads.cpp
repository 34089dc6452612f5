// The bits of a training run do not depend on the number of threads.
#include <doctest/doctest.h>

#include <cosmoml/backend/native.hpp>
#include <cosmoml/papers/wavpool.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>

#include <cstring>
#include <new>
#include <vector>

using namespace cosmoml;

namespace {
template <class Net, class S, class Optimizer>
ndarray<S> trained(int threads) {
#if defined(_OPENMP)
  omp_set_num_threads(threads);
#else
  (void)threads;
#endif
  using B = backend::native<S>;
  constexpr index_t batch = 203;
  nn::model<Net, B> m(key{5});
  ndarray<S> x(batch, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(key{6}.uniform(std::uint64_t(i)));
  std::vector<int> labels(batch);
  for (index_t i = 0; i < batch; ++i) labels[std::size_t(i)] = int(key{7}.below(std::uint64_t(m.output_size), std::uint64_t(i)));
  m.load(x);
  Optimizer optimizer{};
  typename Optimizer::template state<B> state(m.stored_count);
  for (int step = 0; step < 3; ++step) {
    const auto y = m.forward();
    nn::cross_entropy{}.template evaluate<B>(m.context(), y, m.output_gradient(), labels.data(), static_cast<const S*>(nullptr), S(1) / S(batch));
    m.zero_gradients();
    m.backward();
    optimizer.template step<B>(m.context(), m.parameters().data(), m.gradients().data(), state, m.stored_count);
  }
  return m.canonical_parameters();
}
template <class Net, class S, class Optimizer>
void same_bits() {
  const auto one = trained<Net, S, Optimizer>(1);
  for (int threads = 2; threads <= 4; ++threads) {
    const auto more = trained<Net, S, Optimizer>(threads);
    CHECK(std::memcmp(one.data(), more.data(), std::size_t(one.size()) * sizeof(S)) == 0);
  }
  double moved = 0;
  for (index_t i = 0; i < one.size(); ++i) moved += std::abs(double(one[i]));
  CHECK(moved > 0);
}
}

TEST_CASE("kernels/threads: what a piece of a batch throws reaches the caller") {
#if defined(_OPENMP)
  omp_set_num_threads(4);
#endif
  std::vector<int> done(11);
  const auto run = [&](index_t bad) {
    backend::native<float>::at_once(11, 4, [&](index_t i, int) {
      if (i == bad) throw std::bad_alloc();
      done[std::size_t(i)] = 1;
    });
  };
  for (index_t bad : {0, 7, 10}) CHECK_THROWS_AS(run(bad), std::bad_alloc);
  run(-1);
  for (int d : done) CHECK(d == 1);
}

#if defined(_OPENMP)
TEST_CASE("kernels/threads: training gives the same bits on one to four threads") {
  same_bits<papers::wavpool::tuned_28, float, optim::sgd>();
  same_bits<papers::wavpool::baseline_fashion, double, optim::adam>();
  using two_layers = nn::sequential<nn::input<28, 28>, nn::flatten, nn::dense<120>, nn::relu, nn::dense<10>>;
  same_bits<two_layers, float, optim::adam>();
  using maps = nn::sequential<nn::input<2, 9, 7>, nn::conv<32, 3, nn::conv_options{.padding = 1}>, nn::batch_norm<>, nn::relu, nn::max_pool<2>,
                              nn::conv<33, 3, nn::conv_options{.padding = 1}>, nn::relu, nn::conv<8, 2, nn::conv_options{.stride = 2}>, nn::flatten, nn::dense<3>>;
  same_bits<maps, float, optim::sgd>();
  using odd = nn::sequential<nn::input<14, 14>, nn::flatten, nn::dense<104>, nn::relu, nn::dense<40>, nn::relu, nn::dense<8>>;
  same_bits<odd, float, optim::sgd>();
  using few = nn::sequential<nn::input<1, 9, 8, 7>, nn::conv<7, 3, nn::conv_options{.padding = 1}>, nn::batch_norm<>, nn::relu, nn::max_pool<2>, nn::conv<6, 3, nn::conv_options{.padding = 1}>,
                             nn::relu, nn::flatten, nn::dense<3>>;
  same_bits<few, float, optim::sgd>();
  same_bits<few, double, optim::adam>();
}
TEST_CASE("kernels/threads: what is shared out is shared out whole") {
  omp_set_num_threads(3);
  for (index_t n : {0, 1, 2, 7, 8, 9, 100})
    for (index_t grain : {1, 4, 64}) {
      std::vector<int> seen(std::size_t(n), 0);
      kernels::share(n, grain, true, [&](index_t first, index_t last, int) {
        CHECK_MESSAGE((first == last || first % grain == 0), first);
        for (index_t i = first; i < last; ++i) ++seen[std::size_t(i)];
      });
      for (int s : seen) CHECK(s == 1);
    }
}
#endif
