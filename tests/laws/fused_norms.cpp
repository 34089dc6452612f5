// planned == unplanned: a function of each element in the passes of the norm before it.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

namespace {
constexpr rewrites alone{.fuse = true, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .reuse = false, .recompute = false, .tile = false, .choose = false},
    again{.fuse = true, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .reuse = true, .reuse_from = 0, .tile = false, .choose = false};
template <int C>
using same_conv = conv<C, 3, conv_options{.padding = same}>;
}

TEST_CASE("laws/fused_norms: a function behind a norm changes nothing but rounding") {
  check<sequential<input<1, 7, 6>, same_conv<5>, batch_norm<>, leaky_relu<>, same_conv<20>, batch_norm<>, tanh_layer, flatten, dense<2>>, alone>();
  // functions that do not keep zero, channels that fill vectors and channels that do not; a slope that needs what went in; norms of flat samples
  check<sequential<input<2, 9>, conv<16, 3>, batch_norm<>, sigmoid, conv<5, 2>, batch_norm<batch_norm_options{.affine = false}>, softplus<>, batch_norm<>, gelu, flatten, dense<4>, batch_norm<>, relu, dense<2>>, alone>();
  // what the pooling behind it gives; computed again; branches; two functions
  using pooled = sequential<input<2, 8, 9>, same_conv<6>, batch_norm<>, relu, max_pool<2>, residual<sequential<same_conv<6>, batch_norm<>, elu<>, same_conv<6>, batch_norm<>>>, relu, same_conv<17>, batch_norm<>,
                            leaky_relu<>, tanh_layer, average_pool<2>, flatten, dense<2>>;
  check<pooled, alone>();
  check<pooled, again>();
  const std::string plan = plan_of<sequential<input<2, 6, 5>, conv<5, 3>, batch_norm<>, relu, tanh_layer, conv<2, 1>>>();
  CHECK(tells(plan, "1 batch_norm, relu: fused: norm, function"));
  CHECK(tells(plan, "3 tanh: in place"));
}
