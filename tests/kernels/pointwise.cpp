// Convolutions with one tap against brute force.
#include <cosmoml/kernels/pointwise.hpp>

#include "support/convolution.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

using namespace cosmoml;
using namespace tests;

namespace {
template <class S, class P>
void check(index_t batch) {
  static_assert(kernels::pointwise::applies(P::sizes));
  constexpr int L = kernels::lanes<S>;
  using in = blocked<typename P::input, L, P::halo_in>;
  using out = blocked<typename P::output, L, P::halo_out>;
  using filter = blocked_filter<typename P::filter, L, kernels::most_vectors>;
  using form = kernels::pointwise::form<P, S>;
  using adjoint = kernels::pointwise::exchanged<P>;
  const brute_force<P> truth(batch);
  const double tolerance = sizeof(S) == 4 ? 2e-5 : 1e-13;
  CAPTURE(batch);

  stored<S, in> x(batch, truth.x), dx(batch);
  stored<S, out> y(batch), dy(batch, truth.dy);
  stored<S, filter> w(1, truth.w), dw(1);
  stored<S, padded<shape<P::sizes.channels_out>, L>> bias(1, truth.bias);
  // each pass has what it asks for, and no more: the address sanitizer sees the rest
  exec::serial::buffer<S> scratch(form::forward_scratch()), of_adjoint(kernels::pointwise::form<adjoint, S>::forward_scratch()), of_weight(form::weight_scratch());
  kernels::pointwise::forward<P, false, S>(x.grid(), w.memory.data(), static_cast<const S*>(bias.memory.data()), kernels::same_value{}, y.grid(), batch, scratch.data());
  CHECK(y.error(truth.y) < tolerance);

  exec::serial::buffer<S> exchanged(kernels::filter_blocks<S>(P::sizes.channels_in, P::sizes.channels_out, 1).size());
  kernels::exchange_filter<P>(static_cast<const S*>(w.memory.data()), exchanged.data());
  kernels::pointwise::forward<adjoint, true, S>(dy.grid(), static_cast<const S*>(exchanged.data()), kernels::no_bias{}, kernels::same_value{}, dx.grid(), batch, of_adjoint.data());
  CHECK(dx.error(truth.dx) < tolerance);

  for (int twice = 1; twice <= 2; ++twice) {
    kernels::pointwise::weight_adjoint<P, S>(x.grid(), dy.grid(), dw.memory.data(), batch, of_weight.data());
    auto expected = truth.dw;
    for (double& v : expected) v *= twice;
    CHECK(dw.error(expected) < tolerance);
  }
}
}

TEST_CASE_TEMPLATE("kernels/pointwise: one to three axes, odd channels, batches that fill no tile", S, float, double) {
  check<S, problem<5, 9, axes{.w = 7}, 1>>(1);
  check<S, problem<19, 21, axes{.h = 5, .w = 7}, 1>>(3);
  check<S, problem<130, 33, axes{.h = 2, .w = 2}, 1>>(11);
  check<S, problem<33, 70, axes{.h = 13, .w = 9}, 1>>(2);
  check<S, problem<8, 40, axes{2, 3, 5}, 1>>(2);
  check<S, problem<19, 30, axes{.h = 13, .w = 9}, 1>>(9);
  check<S, problem<1, 1, axes{.w = 1}, 1>>(1);
  check<S, problem<3, 5, axes{.h = 4, .w = 4}, 1>>(0);
}
// Groups of one vector behind wider ones take more pixels together than fit the stage of so many inputs (2512 in float with 32 bytes, 1304 in double).
TEST_CASE("kernels/pointwise: many inputs, an odd number of vectors of outputs") {
  check<float, problem<2512, 24, axes{.h = 5, .w = 5}, 1>>(1);
  check<float, problem<24, 2512, axes{.h = 5, .w = 5}, 1>>(1);
  check<float, problem<2048, 100, axes{.h = 5, .w = 7}, 1>>(1);
  check<double, problem<1304, 12, axes{.h = 5, .w = 5}, 1>>(1);
}
TEST_CASE_TEMPLATE("kernels/pointwise: strides, with a last line that nobody reads", S, float, double) {
  check<S, problem<8, 16, axes{.h = 9, .w = 8}, 1, 2>>(2);
  check<S, problem<20, 3, axes{.h = 7, .w = 10}, 1, 3>>(3);
  check<S, problem<6, 35, axes{4, 5, 6}, 1, 2>>(2);
}
#if defined(_OPENMP)
TEST_CASE("kernels/pointwise: the same bits on one to four threads") {
  using P = problem<70, 50, axes{.h = 13, .w = 9}, 1>;
  constexpr int L = kernels::lanes<float>;
  using form = kernels::pointwise::form<P, float>;
  const index_t batch = 9;
  const brute_force<P> truth(batch);
  stored<float, blocked<P::input, L, P::halo_in>> x(batch, truth.x);
  stored<float, blocked<P::output, L, P::halo_out>> dy(batch, truth.dy);
  stored<float, blocked_filter<P::filter, L, kernels::most_vectors>> w(1, truth.w);
  std::vector<std::vector<float>> seen;
  const int before = omp_get_max_threads();
  for (int threads = 1; threads <= 4; ++threads) {
    omp_set_num_threads(threads);
    stored<float, blocked<P::output, L, P::halo_out>> y(batch);
    stored<float, blocked_filter<P::filter, L, kernels::most_vectors>> dw(1);
    exec::serial::buffer<float> scratch(form::forward_scratch() + form::weight_scratch());
    kernels::pointwise::forward<P, false, float>(x.grid(), w.memory.data(), kernels::no_bias{}, kernels::same_value{}, y.grid(), batch, scratch.data());
    kernels::pointwise::weight_adjoint<P, float>(x.grid(), dy.grid(), dw.memory.data(), batch, scratch.data());
    seen.emplace_back(y.memory.data(), y.memory.data() + y.memory.size());
    seen.back().insert(seen.back().end(), dw.memory.data(), dw.memory.data() + dw.memory.size());
    CHECK(seen.back() == seen.front());
  }
  omp_set_num_threads(before);
}
#endif
