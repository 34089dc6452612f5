// Winograd's convolutions against brute force in double: right for any shape, and as accurate as a direct sum of the same numbers
// within a factor of ten; but for gradients of weights that backends leave to direct sums, which are better than that (form::near_enough).
#include <cosmoml/kernels/relayout.hpp>
#include <cosmoml/kernels/winograd.hpp>

#include "support/convolution.hpp"

using namespace cosmoml;
using namespace tests;

namespace {
template <class S, class P, int Outputs>
void check(index_t batch) {
  constexpr int L = kernels::lanes<S>;
  using in = blocked<typename P::input, L, P::halo_in>;
  using out = blocked<typename P::output, L, P::halo_out>;
  using filter = blocked_filter<typename P::filter, L, kernels::most_vectors>;
  using adjoint = kernels::adjoint_sizes<P>;
  using tile = kernels::winograd::tile<Outputs, P::sizes.kernel[2], kernels::winograd::active_axes(P::sizes)>;
  using form = kernels::winograd::form<P, tile, S>;
  using adjoint_form = kernels::winograd::form<adjoint, tile, S>;
  const brute_force<P> truth(batch);
  CAPTURE(batch);
  CAPTURE(Outputs);
  // as Winograd, as a direct sum
  const auto within = [](double error, double direct, bool beside = true) {
    CAPTURE(error);
    CAPTURE(direct);
    CHECK(error < (sizeof(S) == 4 ? 2e-4 : 1e-11));
    if (sizeof(S) == 4 && beside) CHECK(error <= 10 * direct);   // in double both are rounding of the judge
  };
  exec::serial::buffer<S> scratch(larger(larger(form::forward_scratch(batch), adjoint_form::forward_scratch(batch)), form::weight_scratch(batch)));
  for (index_t i = 0; i < scratch.size(); ++i) scratch.data()[i] = S(1e30);   // what others left behind
  stored<S, in> x(batch, truth.x), dx(batch), dx_direct(batch);
  stored<S, out> y(batch), y_direct(batch), dy(batch, truth.dy);
  stored<S, filter> w(1, truth.w), dw(1), dw_direct(1);
  stored<S, padded<shape<P::sizes.channels_out>, L>> bias(1, truth.bias);
  const S* const b = bias.memory.data();
  if constexpr (P::periodic) {
    kernels::fill_rim<in, true>(x.memory.data(), in::groups(batch));
    kernels::fill_rim<out, true>(dy.memory.data(), out::groups(batch));
  }

  kernels::direct_forward<P, S>(kernels::grid<const S>(x.grid()), w.memory.data(), b, kernels::same_value{}, y_direct.grid(), batch);
  kernels::winograd::forward<P, tile, false, S>(x.grid(), w.memory.data(), b, kernels::same_value{}, y.grid(), batch, scratch.data());
  within(y.error(truth.y), y_direct.error(truth.y));

  exec::serial::buffer<S> exchanged(kernels::filter_blocks<S>(P::sizes.channels_in, P::sizes.channels_out, P::sizes.taps()).size());
  kernels::exchange_filter<P>(static_cast<const S*>(w.memory.data()), exchanged.data());
  kernels::direct_input_adjoint<P, S>(kernels::grid<const S>(dy.grid()), exchanged.data(), dx_direct.grid(), batch);
  kernels::winograd::forward<adjoint, tile, true, S>(dy.grid(), w.memory.data(), kernels::no_bias{}, kernels::same_value{}, dx.grid(), batch, scratch.data());
  within(dx.error(truth.dx), dx_direct.error(truth.dx));

  // with scratch memory, as backends call it: shorter sums, which are the more accurate ones
  exec::serial::buffer<S> sums(kernels::direct_weight_scratch<P, S>());
  kernels::direct_weight_adjoint<P, S>(kernels::grid<const S>(x.grid()), dy.grid(), dw_direct.memory.data(), batch, sums.size() > 0 ? sums.data() : nullptr);
  kernels::winograd::weight_adjoint<P, tile, S>(x.grid(), dy.grid(), dw.memory.data(), batch, scratch.data());
  within(dw.error(truth.dw), dw_direct.error(truth.dw), form::near_enough(batch));
  kernels::winograd::weight_adjoint<P, tile, S>(x.grid(), dy.grid(), dw.memory.data(), batch, scratch.data());
  auto twice = truth.dw;
  for (double& v : twice) v *= 2;
  CHECK(dw.error(twice) < (sizeof(S) == 4 ? 4e-4 : 1e-11));
}
}

TEST_CASE("kernels/winograd: two axes, every tile, few tiles and many") {
  check<float, problem<32, 40, axes{.h = 7, .w = 9}, 3>, 2>(3);
  check<float, problem<33, 32, axes{.h = 7, .w = 7}, 3>, 4>(1);
  check<float, problem<35, 50, axes{.h = 25, .w = 13}, 3>, 4>(4);
  check<float, problem<64, 33, axes{.h = 25, .w = 25}, 3>, 5>(3);
  check<float, problem<32, 32, axes{.h = 13, .w = 11}, 3>, 5>(1);
  check<float, problem<32, 40, axes{.h = 17, .w = 30}, 5>, 4>(3);
}
TEST_CASE("kernels/winograd: few channels and tiles of five, the case nearest to the bound") {
  check<float, problem<16, 32, axes{.h = 25, .w = 25}, 3>, 5>(32);
}
TEST_CASE("kernels/winograd: a periodic box") {
  check<float, problem<33, 34, axes{.h = 10, .w = 9}, 3, 1, 1, 1, 1, true>, 4>(3);
  check<float, problem<32, 33, axes{5, 6, 7}, 3, 1, 1, 1, 1, true>, 4>(1);
}
TEST_CASE("kernels/winograd: the fewest channels") {
  check<float, problem<16, 16, axes{.h = 12, .w = 13}, 3>, 4>(7);
  check<float, problem<17, 16, axes{5, 6, 7}, 3>, 4>(2);
}
TEST_CASE("kernels/winograd: filters too large for sums of each thread's own") {
  check<float, problem<128, 145, axes{.h = 12, .w = 13}, 3>, 4>(8);
}
TEST_CASE("kernels/winograd: no padding, more padding than usual") {
  check<float, problem<32, 32, axes{.h = 10, .w = 12}, 3, 1, 0>, 4>(2);
  check<float, problem<32, 34, axes{.h = 10, .w = 9}, 3, 1, 2>, 4>(2);
  check<float, problem<32, 32, axes{.h = 12, .w = 12}, 5, 1, 0>, 4>(9);
}
TEST_CASE("kernels/winograd: three axes") {
  check<float, problem<32, 33, axes{5, 6, 7}, 3>, 4>(1);
  check<float, problem<32, 32, axes{9, 7, 10}, 3>, 4>(5);
  check<float, problem<32, 40, axes{4, 3, 5}, 3>, 2>(2);
}
TEST_CASE("kernels/winograd: in double, and an empty batch") {
  check<double, problem<32, 36, axes{.h = 9, .w = 14}, 3>, 4>(2);
  check<double, problem<32, 32, axes{5, 6, 3}, 3>, 2>(1);
  check<float, problem<32, 32, axes{.h = 7, .w = 9}, 3>, 4>(0);
}
TEST_CASE("kernels/winograd: the tile is chosen from the map") {
  const auto chosen = [](int channels, int extent, int kernel, int axes = 2) {
    kernels::convolution_sizes z;
    z.channels_in = z.channels_out = channels;
    for (int a = 3 - axes; a < 3; ++a) z.in[a] = z.out[a] = extent, z.kernel[a] = kernel, z.before[a] = kernel / 2;
    return kernels::winograd::tile_for(z);
  };
  CHECK(chosen(64, 25, 3) == 5);    // 25 = 5 x 5
  CHECK(chosen(64, 13, 3) == 5);    // 3 tiles of 7 products each for 4 of 6
  CHECK(chosen(64, 7, 3) == 4);
  CHECK(chosen(64, 128, 5) == 4);
  CHECK(chosen(64, 75, 3, 3) == 4);   // never F(5, 3) on three axes
  CHECK(chosen(64, 2, 3) == 2);
  CHECK(chosen(15, 25, 3) == 0);
  CHECK(chosen(16, 25, 3) == 5);
  CHECK(chosen(64, 25, 7) == 0);
  CHECK(chosen(64, 25, 1) == 0);
  CHECK(chosen(64, 25, 3, 1) == 0);
}
