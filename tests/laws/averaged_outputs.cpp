// planned == unplanned: a mean of the outputs of a dense layer.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

TEST_CASE("laws/averaged_outputs: a dense layer of means instead of means of a dense layer changes nothing but rounding") {
  constexpr rewrites alone{.fuse = true, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .tile = false, .choose = false};
  using averaged = sequential<input<7>, dense<19>, average_pool_over<window<3>>, relu, dense<5>>;   // the last output is in no window
  check<averaged, alone>();
  check<sequential<input<9>, dense<16>, average_pool_over<window<2>>, dense<8>, average_pool_over<window<4>>>, alone>();
  check<sequential<input<5>, named<"a", dense<64>>, named<"mean", average_pool_over<window<2>>>, parallel<join::stack, sequential<dense<12>, average_pool_over<window<3>>>, dense<4>>,
                   max_pool_over<window<3, 1>>, flatten>, alone>();   // of four means three are read
  CHECK(tells(plan_of<averaged>(), "0 dense<19>, average_pool(3,): fused: product, bias, mean of outputs"));
  CHECK_FALSE(tells(plan_of<sequential<input<7>, dense<19>, average_pool_over<window<3>, pool_options{.leftover = leftover::partial}>>>(), "mean of outputs"));
  CHECK_FALSE(tells(plan_of<sequential<input<7>, dense<19>, max_pool_over<window<3>>>>(), "mean of outputs"));
}
