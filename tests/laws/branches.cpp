// planned == unplanned: rewrites of products inside of branches.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

TEST_CASE("laws/branches: leaving out what nobody reads of padded branches changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = true, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
  // the dead branch comes first in one, has its own slice in another
  check<sequential<input<9>, dense<8>, relu, parallel<join::stack_padded, on<slice<0, 3>, dense<3>>, on<slice<3, 5>, sequential<dense<11>, relu>>, on<slice<2, 1>, dense<4>>>,
                   max_pool_over<window<3, 2>>, flatten, dense<2>>, alone>();
  check<sequential<input<6>, dense<5>, parallel<join::stack_padded, dense<2>, dense<9>>, max_pool_over<window<4, 1>>, flatten, dense<3>>, alone>();
}

TEST_CASE("laws/branches: reassociating the linear layers of one changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = true, .share = false, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<9>, parallel<join::concatenate, sequential<dense<21>, dense<5>>, dense<6>>, max_pool_over<window<4>>, dense<2>>, alone>();
}
