// planned == unplanned: values and gradients of random networks with each rewrite of products on and off.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

TEST_CASE("laws/plans: fusing changes nothing but rounding") {
  constexpr rewrites alone{.fuse = true, .skip_dead = false, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<7>, dense<19>, relu, dense<3>>, alone>();
  check<sequential<input<7>, dense<19>, relu, relu, dense<3>, relu>, alone>();
  check<sequential<input<7>, relu, dense<5>, dense<33>, relu, parallel<join::concatenate, sequential<dense<9>, relu>, dense<4>>, relu>, alone>();
  check<sequential<input<9>, parallel<join::stack_padded, on<slice<0, 4>, sequential<dense<6>, relu>>, on<slice<4, 5>, dense<11>>>, flatten, dense<2>>, alone>();
}

TEST_CASE("laws/plans: a dense layer of means instead of means of a dense layer changes nothing but rounding") {
  constexpr rewrites alone{.fuse = true, .skip_dead = false, .reassociate = false, .share = false, .tile = false, .choose = false};
  using averaged = sequential<input<7>, dense<19>, average_pool_over<window<3>>, relu, dense<5>>;   // the last output is in no window
  check<averaged, alone>();
  check<sequential<input<9>, dense<16>, average_pool_over<window<2>>, dense<8>, average_pool_over<window<4>>>, alone>();
  check<sequential<input<5>, named<"a", dense<64>>, named<"mean", average_pool_over<window<2>>>, parallel<join::stack, sequential<dense<12>, average_pool_over<window<3>>>, dense<4>>,
                   max_pool_over<window<3, 1>>, flatten>, alone>();   // of four means three are read
  CHECK(tells(plan_of<averaged>(), "0 dense<19>, average_pool(3,): fused: product, bias, mean of outputs"));
  CHECK_FALSE(tells(plan_of<sequential<input<7>, dense<19>, average_pool_over<window<3>, pool_options{.leftover = leftover::partial}>>>(), "mean of outputs"));
  CHECK_FALSE(tells(plan_of<sequential<input<7>, dense<19>, max_pool_over<window<3>>>>(), "mean of outputs"));
}

TEST_CASE("laws/plans: leaving out what nobody reads changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = true, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
  // the third branch feeds no window, nor does the last output of the others
  using dropped = sequential<input<9>, parallel<join::stack, dense<7>, sequential<dense<7>, relu>, dense<7>>, max_pool_over<window<2, 2>>, flatten, dense<2>>;
  check<dropped, alone>();
  const std::string plan = plan_of<dropped>();
  CHECK(tells(plan, "2 dense<7>: skipped: nobody reads it"));
  CHECK(tells(plan, "only (6, 2) of (7, 3) is read"));
  // behind a layer that wants a gradient; the dead branch comes first in one, has its own slice in another
  check<sequential<input<9>, dense<8>, parallel<join::concatenate, sequential<dense<5>, relu>, dense<6>>, average_pool_over<window<4>>, dense<2>>, alone>();
  check<sequential<input<9>, dense<8>, relu, parallel<join::stack_padded, on<slice<0, 3>, dense<3>>, on<slice<3, 5>, sequential<dense<11>, relu>>, on<slice<2, 1>, dense<4>>>,
                   max_pool_over<window<3, 2>>, flatten, dense<2>>, alone>();
  check<sequential<input<6>, dense<5>, parallel<join::stack_padded, dense<2>, dense<9>>, max_pool_over<window<4, 1>>, flatten, dense<3>>, alone>();
  check<sequential<input<4>, dense<13>, relu, max_pool_over<window<5>>, dense<3>>, alone>();
}

TEST_CASE("laws/plans: reassociating linear layers changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .reassociate = true, .share = false, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<7>, dense<19>, dense<3>>, alone>();
  check<sequential<input<7>, dense<11>, relu, dense<40>, dense<30>, dense<2>, relu>, alone>();
  check<sequential<input<12>, named<"inner", dense<40>>, named<"outer", dense<5>>, dense<4>>, alone>();
  check<sequential<input<9>, parallel<join::concatenate, sequential<dense<21>, dense<5>>, dense<6>>, max_pool_over<window<4>>, dense<2>>, alone>();
  CHECK(tells(plan_of<sequential<input<7>, dense<19>, dense<3>>>(), "0 dense<19>, dense<3>: reassociated"));
  CHECK_FALSE(tells(plan_of<sequential<input<100>, dense<10>, dense<100>>>(), "reassociated"));   // it widens again: two products are less work
}

TEST_CASE("laws/plans: what was prepared follows the parameters") {
  using net = sequential<input<7>, dense<19>, dense<3>>;
  model<net, tested> trained(key{1});
  ndarray<S> x(5, 7);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  model<net, tested, mode::inference> still(trained, {.max_batch = 2});
  const ndarray<S> before = still.predict(x);
  equal(before, trained.predict(x));
  equal(before, still.predict(x));   // from what was prepared
  ndarray<S> other = trained.canonical_parameters();
  for (index_t i = 0; i < other.size(); ++i) other[i] *= S(2);
  trained.set_canonical_parameters(other);
  still.set_canonical_parameters(other);
  const ndarray<S> after = still.predict(x);
  equal(after, trained.predict(x));
  model<net, tested, mode::training, none> plain(key{1});
  plain.set_canonical_parameters(other);
  equal(plain.predict(x), after);
  CHECK(std::abs(double(after[0]) - double(before[0])) > 1e-3);
}
