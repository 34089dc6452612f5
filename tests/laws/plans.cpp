// planned == unplanned: values and gradients of random networks with fused layers and without. Other rewrites of products: averaged_outputs.cpp,
// dead_maps.cpp, linear_chains.cpp, branches.cpp; a compiler takes 0.4 GB a network where the products are Eigen's.
#include "support/plans.hpp"

#include <cosmoml/optim.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

TEST_CASE("laws/plans: fusing changes nothing but rounding") {
  constexpr rewrites alone{.fuse = true, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<7>, dense<19>, relu, dense<3>>, alone>();
  check<sequential<input<7>, dense<19>, relu, relu, dense<3>, relu>, alone>();
  check<sequential<input<7>, relu, dense<5>, dense<33>, relu, parallel<join::concatenate, sequential<dense<9>, relu>, dense<4>>, relu>, alone>();
  check<sequential<input<9>, parallel<join::stack_padded, on<slice<0, 4>, sequential<dense<6>, relu>>, on<slice<4, 5>, dense<11>>>, flatten, dense<2>>, alone>();
}

namespace {
// From what was prepared, before and after an optimiser's step: in a training model, in an inference model, and in a thread's own workspace.
template <class Net>
void follows() {
  model<Net, tested> trained(key{1});
  const index_t inputs = trained.input_size;
  ndarray<S> x(5, inputs);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  model<Net, tested, mode::inference> still(trained, {.max_batch = 2});
  typename model<Net, tested, mode::inference>::workspace own(still, {.max_batch = 3});
  model<Net, tested, mode::training, none> plain(key{1});
  ndarray<S> before;
  auto state = typename optim::sgd::template state<tested>(trained.stored_count);
  for (int step = 0; step < 3; ++step) {
    plain.set_canonical_parameters(trained.canonical_parameters());
    still.set_canonical_parameters(trained.canonical_parameters());
    const ndarray<S> expected = plain.predict(x);
    for (int again = 0; again < 2; ++again) {
      equal(expected, trained.predict(x));
      equal(expected, still.predict(x));
      std::vector<S> out(std::size_t(expected.size()));
      still.predict_into(own, x, out);
      ndarray<S> of_thread(expected.extents());
      std::copy(out.begin(), out.end(), of_thread.begin());
      equal(expected, of_thread);
    }
    if (step > 0) CHECK(std::abs(double(expected[0]) - double(before[0])) > 1e-3);
    before = expected;
    trained.load(x);
    trained.forward();
    tested::assign(trained.context(), trained.output_gradient(), S(1));
    trained.zero_gradients();
    trained.backward();
    optim::sgd{{.learning_rate = 0.05}}.template step<tested>(trained.context(), trained.parameters().data(), trained.gradients().data(), state, trained.stored_count);
  }
}
}
TEST_CASE("laws/plans: what was prepared follows the parameters") {
  follows<sequential<input<7>, dense<19>, dense<3>>>();
  follows<sequential<input<7>, dense<19>, average_pool_over<window<3>>, relu, dense<5>>>();
}
