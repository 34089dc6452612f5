// planned == unplanned: linear layers one after the other as one product or not.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

TEST_CASE("laws/linear_chains: reassociating linear layers changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = true, .share = false, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<7>, dense<19>, dense<3>>, alone>();
  check<sequential<input<7>, dense<11>, relu, dense<40>, dense<30>, dense<2>, relu>, alone>();
  check<sequential<input<12>, named<"inner", dense<40>>, named<"outer", dense<5>>, dense<4>>, alone>();
  CHECK(tells(plan_of<sequential<input<7>, dense<19>, dense<3>>>(), "0 dense<19>, dense<3>: reassociated"));
  CHECK_FALSE(tells(plan_of<sequential<input<100>, dense<10>, dense<100>>>(), "reassociated"));   // it widens again: two products are less work
}
