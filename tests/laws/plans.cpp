// planned == unplanned: values and gradients of random networks with fused layers and without. Other rewrites of products: averaged_outputs.cpp,
// dead_maps.cpp, linear_chains.cpp, branches.cpp; a compiler takes 0.4 GB a network where the products are Eigen's.
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
