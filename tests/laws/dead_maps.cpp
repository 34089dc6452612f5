// planned == unplanned: what nobody reads is left out or not.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

TEST_CASE("laws/dead_maps: leaving out what nobody reads changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = true, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
  // the third branch feeds no window, nor does the last output of the others
  using dropped = sequential<input<9>, parallel<join::stack, dense<7>, sequential<dense<7>, relu>, dense<7>>, max_pool_over<window<2, 2>>, flatten, dense<2>>;
  check<dropped, alone>();
  const std::string plan = plan_of<dropped>();
  CHECK(tells(plan, "2 dense<7>: skipped: nobody reads it"));
  CHECK(tells(plan, "only (6, 2) of (7, 3) is read"));
  // behind a layer that wants a gradient
  check<sequential<input<9>, dense<8>, parallel<join::concatenate, sequential<dense<5>, relu>, dense<6>>, average_pool_over<window<4>>, dense<2>>, alone>();
  check<sequential<input<4>, dense<13>, relu, max_pool_over<window<5>>, dense<3>>, alone>();
}
