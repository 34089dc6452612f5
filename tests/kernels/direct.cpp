// Direct convolutions in channel blocks against brute force.
#include <cosmoml/kernels/direct_weight.hpp>

#include "support/convolution.hpp"

using namespace cosmoml;
using namespace tests;

namespace {
template <class S, class P>
void check(index_t batch) {
  constexpr int L = kernels::lanes<S>;
  using in = blocked<typename P::input, L, P::halo_in>;
  using out = blocked<typename P::output, L, P::halo_out>;
  using filter = blocked_filter<typename P::filter, L, kernels::most_vectors>;
  const brute_force<P> truth(batch);
  const double tolerance = sizeof(S) == 4 ? 2e-5 : 1e-13;
  CAPTURE(batch);

  stored<S, in> x(batch, truth.x), dx(batch);
  stored<S, out> y(batch), dy(batch, truth.dy);
  stored<S, filter> w(1, truth.w), dw(1);
  stored<S, padded<shape<P::sizes.channels_out>, L>> bias(1, truth.bias);
  kernels::direct_forward<P, S>(kernels::grid<const S>(x.grid()), w.memory.data(), static_cast<const S*>(bias.memory.data()), kernels::same_value{}, y.grid(), batch);
  CHECK(y.error(truth.y) < tolerance);

  exec::serial::buffer<S> exchanged(kernels::filter_blocks<S>(P::sizes.channels_in, P::sizes.channels_out, P::sizes.taps()).size());
  kernels::exchange_filter<P>(static_cast<const S*>(w.memory.data()), exchanged.data());
  kernels::direct_input_adjoint<P, S>(kernels::grid<const S>(dy.grid()), exchanged.data(), dx.grid(), batch);
  CHECK(dx.error(truth.dx) < tolerance);

  kernels::direct_weight_adjoint<P, S>(kernels::grid<const S>(x.grid()), dy.grid(), dw.memory.data(), batch);
  CHECK(dw.error(truth.dw) < tolerance);
  exec::serial::buffer<S> scratch(kernels::direct_weight_scratch<P, S>());
  for (index_t i = 0; i < scratch.size(); ++i) scratch.data()[i] = S(1e30);
  kernels::direct_weight_adjoint<P, S>(kernels::grid<const S>(x.grid()), dy.grid(), dw.memory.data(), batch, scratch.data());
  auto twice = truth.dw;
  for (double& v : twice) v *= 2;
  CHECK(dw.error(twice) < tolerance);
}
}

TEST_CASE_TEMPLATE("kernels/direct: one axis", S, float, double) {
  check<S, problem<3, 5, axes{.w = 17}, 3>>(2);
  check<S, problem<9, 40, axes{.w = 31}, 5, 2>>(3);
  check<S, problem<1, 1, axes{.w = 1}, 1>>(1);
  check<S, problem<4, 33, axes{.w = 23}, 4, 3, 0>>(1);
}
TEST_CASE_TEMPLATE("kernels/direct: two axes, odd sizes and channels", S, float, double) {
  check<S, problem<3, 20, axes{.h = 7, .w = 9}, 3>>(1);
  check<S, problem<20, 3, axes{.h = 9, .w = 7}, 3>>(2);
  check<S, problem<17, 70, axes{.h = 5, .w = 13}, 5>>(2);
  check<S, problem<40, 24, axes{.h = 4, .w = 4}, 3>>(5);
  check<S, problem<16, 64, axes{.h = 6, .w = 8}, 1>>(3);
}
TEST_CASE_TEMPLATE("kernels/direct: strides, dilation, no padding, uneven padding", S, float, double) {
  check<S, problem<10, 18, axes{.h = 11, .w = 12}, 3, 2>>(2);
  check<S, problem<6, 9, axes{.h = 14, .w = 13}, 7, 2>>(1);
  check<S, problem<8, 16, axes{.h = 9, .w = 8}, 1, 2>>(2);
  check<S, problem<5, 12, axes{.h = 12, .w = 15}, 3, 1, 0>>(2);
  check<S, problem<5, 12, axes{.h = 12, .w = 15}, 3, 1, 2, 2>>(2);
  check<S, problem<5, 8, axes{.h = 8, .w = 10}, 3, 2, 0, 1, 1>>(2);
  check<S, problem<7, 8, axes{.h = 9, .w = 9}, 2, 3, 0>>(1);
}
TEST_CASE_TEMPLATE("kernels/direct: three axes", S, float, double) {
  check<S, problem<3, 9, axes{5, 4, 7}, 3>>(2);
  check<S, problem<12, 8, axes{6, 5, 7}, 3, 2>>(1);
  check<S, problem<2, 33, axes{3, 4, 5}, 2, 1, 0>>(2);
}
TEST_CASE_TEMPLATE("kernels/direct: gradients of filters as a sum of sums, planes and small maps that do not share out evenly", S, float, double) {
  check<S, problem<9, 12, axes{5, 6, 7}, 3>>(3);
  check<S, problem<16, 24, axes{.h = 7, .w = 9}, 3>>(37);
  check<S, problem<1, 11, axes{9, 8, 7}, 3, 1, 0>>(4);
}
TEST_CASE_TEMPLATE("kernels/direct: one input channel", S, float, double) {
  check<S, problem<1, 8, axes{4, 5, 7}, 3>>(2);
  check<S, problem<1, 20, axes{.h = 12, .w = 15}, 3, 2, 2, 2>>(3);
  check<S, problem<1, 5, axes{.h = 6, .w = 11}, 9>>(1);
}
TEST_CASE("kernels/direct: an empty batch is no work") { check<float, problem<3, 5, axes{.h = 4, .w = 4}, 3>>(0); }
