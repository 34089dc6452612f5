// Direct convolutions with the batch in the vectors against brute force.
#include <cosmoml/kernels/batch_in_vector.hpp>
#include <cosmoml/kernels/blocks.hpp>

#include "support/convolution.hpp"

using namespace cosmoml;
using namespace tests;

namespace {
template <class S, class P>
void check(index_t batch) {
  constexpr int L = kernels::lanes<S>;
  using in = batch_in_vector<typename P::input, L, P::halo_in>;
  using out = batch_in_vector<typename P::output, L, P::halo_out>;
  using filter = blocked_filter<typename P::filter, L, kernels::most_vectors>;
  const index_t vectors = (batch + L - 1) / L;
  const brute_force<P> truth(batch);
  const double tolerance = sizeof(S) == 4 ? 2e-5 : 1e-13;
  CAPTURE(batch);

  stored<S, in> x(batch, truth.x), dx(batch);
  stored<S, out> y(batch), dy(batch, truth.dy);
  stored<S, filter> w(1, truth.w), dw(1);
  stored<S, padded<shape<P::sizes.channels_out>, L>> bias(1, truth.bias);
  exec::serial::buffer<S> rows(larger(kernels::batched::rows_filter<P, false, S>::size, kernels::batched::rows_filter<P, true, S>::size));
  kernels::batched::forward<P, S>(x.grid(), static_cast<const S*>(w.memory.data()), static_cast<const S*>(bias.memory.data()), kernels::same_value{}, y.grid(), vectors, rows.data());
  kernels::zero_tail<out>(y.memory.data(), batch);
  CHECK(y.error(truth.y) < tolerance);

  kernels::batched::input_adjoint<P, S>(dy.grid(), static_cast<const S*>(w.memory.data()), dx.grid(), vectors, rows.data());
  CHECK(dx.error(truth.dx) < tolerance);

  exec::serial::buffer<S> scratch(kernels::batched::weight_form<P, S>::scratch(vectors));
  for (index_t i = 0; i < scratch.size(); ++i) scratch.data()[i] = S(1e30);
  auto expected = truth.dw;
  for (int turn = 1; turn <= 2; ++turn) {
    kernels::batched::weight_adjoint<P, S>(x.grid(), dy.grid(), dw.memory.data(), vectors, scratch.data());
    CHECK(dw.error(expected) < tolerance);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += truth.dw[i];
  }
}
}

TEST_CASE_TEMPLATE("kernels/batch_in_vector: one axis, batches that end within a vector", S, float, double) {
  check<S, problem<3, 5, axes{.w = 17}, 3>>(2);
  check<S, problem<1, 1, axes{.w = 1}, 1>>(1);
  check<S, problem<1, 2, axes{.w = 2}, 3>>(19);
  check<S, problem<9, 15, axes{.w = 31}, 5, 2>>(8);
  check<S, problem<4, 3, axes{.w = 23}, 4, 3, 0>>(17);
}
TEST_CASE_TEMPLATE("kernels/batch_in_vector: two axes, odd sizes and channels, on either side of a vector", S, float, double) {
  check<S, problem<1, 7, axes{.h = 3, .w = 3}, 3>>(9);
  check<S, problem<3, 8, axes{.h = 7, .w = 9}, 5>>(16);
  check<S, problem<11, 10, axes{.h = 9, .w = 5}, 3>>(5);
  check<S, problem<2, 13, axes{.h = 4, .w = 26}, 7>>(11);
  check<S, problem<15, 6, axes{.h = 6, .w = 8}, 1>>(3);
  check<S, problem<2, 3, axes{.h = 9, .w = 12}, 9>>(10);
}
TEST_CASE_TEMPLATE("kernels/batch_in_vector: strides, dilation, no padding, uneven padding", S, float, double) {
  check<S, problem<10, 14, axes{.h = 11, .w = 12}, 3, 2>>(10);
  check<S, problem<6, 9, axes{.h = 14, .w = 13}, 7, 2>>(9);
  check<S, problem<8, 8, axes{.h = 9, .w = 8}, 1, 2>>(8);
  check<S, problem<5, 12, axes{.h = 12, .w = 15}, 3, 1, 0>>(4);
  check<S, problem<5, 12, axes{.h = 12, .w = 15}, 3, 1, 2, 2>>(7);
  check<S, problem<5, 8, axes{.h = 8, .w = 10}, 3, 2, 0, 1, 1>>(13);
  check<S, problem<7, 8, axes{.h = 9, .w = 9}, 2, 3, 0>>(1);
}
TEST_CASE_TEMPLATE("kernels/batch_in_vector: three axes", S, float, double) {
  check<S, problem<3, 9, axes{5, 4, 7}, 3>>(9);
  check<S, problem<12, 8, axes{6, 5, 7}, 3, 2>>(2);
  check<S, problem<1, 8, axes{9, 8, 7}, 3>>(20);
  check<S, problem<2, 13, axes{3, 4, 5}, 2, 1, 0>>(16);
}
TEST_CASE("kernels/batch_in_vector: an empty batch is no work") { check<float, problem<3, 5, axes{.h = 4, .w = 4}, 3>>(0); }
