// planned == unplanned: layers that share memory or work in place.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

TEST_CASE("laws/memory_plans: sharing the memory of what only changes its shape changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = true, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<3, 5>, flatten, dense<6>, reshape<2, 3>, flatten, relu, dense<4>, reshape<2, 2>>, alone>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<3, 5>, flatten, reshape<5, 3>, flatten>, alone>();
#endif
  check<sequential<input<3, 5>, flatten, sequential<dense<8>, reshape<4, 2>, flatten>, relu, dense<3>>, alone>();
  check<sequential<input<4, 3>, max_pool_over<window<2, 1>>, flatten, sequential<reshape<2, 3>, flatten>, dense<3>, relu>, alone>();
  check<sequential<input<3, 5>, parallel<join::concatenate, sequential<flatten, dense<4>>, sequential<flatten, relu, dense<3>>>, dense<2>>, alone>();
#if !defined(COSMOML_TEST_FEW)
  check<sequential<input<2>, dense<15>, reshape<3, 5>, parallel<join::concatenate, sequential<flatten, dense<4>>, sequential<flatten, relu, flatten>>, dense<2>>, alone>();
#endif
  CHECK(tells(plan_of<sequential<input<3, 5>, flatten, dense<6>>>(), "0 flatten: nothing moves"));
}

TEST_CASE("laws/memory_plans: activations in place change nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = true, .tile = false, .choose = false};
  constexpr rewrites both{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = true, .in_place = true, .tile = false, .choose = false};
  using maps = sequential<input<2, 6, 5>, conv<5, 3>, relu, conv<9, 1>, batch_norm<>, elu<>, gelu, selu, max_pool<2>, sigmoid, relu, flatten, dense<4>, tanh_layer, dense<2>>;
  using branches = sequential<input<2, 5, 5>, conv<3, 3, conv_options{.padding = same}>, residual<sequential<batch_norm<>, relu, conv<3, 3, conv_options{.padding = same}>>>, relu,
                              parallel<join::concatenate, sequential<relu, conv<2, 1>>, identity>, leaky_relu<>, flatten, dense<3>>;
  // what shares memory before an activation and behind it, at both ends
  using relabelled = sequential<input<3, 4>, flatten, relu, dense<6>, reshape<2, 3>, relu, flatten, tanh_layer, dense<4>, relu, reshape<2, 2>>;
  using nested = sequential<input<5>, sequential<dense<6>, relu, reshape<2, 3>>, leaky_relu<>, residual<sequential<flatten, dense<6>, sigmoid, reshape<2, 3>>>, flatten, dense<2>>;
  check<maps, alone>();
  check<maps, both>();
  check<branches, both>();
  check<relabelled, both>();
  check<nested, both>();
#if !defined(COSMOML_TEST_FEW)
  check<branches, alone>();
  check<relabelled, alone>();
  check<nested, alone>();
#endif
  using ends = sequential<input<2, 6, 5>, conv<5, 3>, relu, sequential<conv<9, 1>, elu<>>, sequential<conv<3, 3>, selu, relu>>;
  check<ends, both>();
#if !defined(COSMOML_TEST_FEW)
  check<ends, alone>();
#endif
  ndarray<S> x(3, 60);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  equal(model<ends, tested, mode::inference, none>(key{3}, {.max_batch = 2}).predict(x), model<ends, tested, mode::inference>(key{3}, {.max_batch = 2}).predict(x));
  CHECK(tells(plan_of<sequential<input<2, 6, 5>, conv<5, 3>, dropout<>, relu, conv<2, 1>>>(), "2 relu: in place"));
  CHECK_FALSE(tells(plan_of<sequential<input<2, 6, 5>, conv<5, 3>, relu, tanh_layer, conv<2, 1>>>(), "2 tanh: in place"));
}
