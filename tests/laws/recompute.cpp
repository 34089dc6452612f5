// Maps that are computed again on the way back, and edges that nobody keeps: the same values and gradients, in less memory.
#include "support/plans.hpp"

#include <array>
#include <cmath>
#include <string>

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

namespace {
constexpr rewrites alone{.fuse = false, .skip_dead = false, .reassociate = false, .share = false, .in_place = false, .reuse = true, .reuse_from = 0, .recompute = true, .tile = false, .choose = false};
constexpr rewrites kept_all{.reuse_from = 0, .recompute = false, .tile = false};
constexpr rewrites with_others{.reuse_from = 0, .tile = false};
constexpr conv_options kept{.padding = same};

// The same bits: what is computed again is the same sums of the same numbers, and where gradients lie is no matter.
template <class Net>
void law() {
  check<Net, alone>();
  const outcome expected = one_pass<Net, kept_all>(), o = one_pass<Net, with_others>();
  for (index_t i = 0; i < expected.prediction.size(); ++i) CHECK(o.prediction[i] == expected.prediction[i]);
  for (index_t i = 0; i < expected.gradients.size(); ++i) CHECK(o.gradients[i] == expected.gradients[i]);
}
template <class Net>
std::array<nn::training_memory, 2> bytes(index_t batch) {
  return {model<Net, tested, mode::training, kept_all>::training_bytes(batch), model<Net, tested, mode::training, with_others>::training_bytes(batch)};
}
}

TEST_CASE("laws/recompute: the results of lists that keep less are the same") {
  law<sequential<input<2, 9, 8>, conv<3, 3>, batch_norm<>, relu, conv<2, 3>>>();
  law<sequential<input<3, 7>, conv<17, 3, kept>, batch_norm<>, conv<2, 3>, batch_norm<batch_norm_options{.affine = false}>, relu, conv<1, 1>>>();
  law<sequential<input<2, 9, 8>, batch_norm<>, relu, conv<4, 3, kept>, gelu, max_pool<2>, conv<3, 3>, silu, flatten, dense<4>, tanh_layer, dense<2>>>();
  // lists inside lists, whose first and last edges are others'
  using unit = sequential<batch_norm<>, relu, conv<5, 3, kept>>;
  law<sequential<input<2, 7, 6>, conv<5, 3, kept>, residual<sequential<unit, unit>>, relu, parallel<join::concatenate, unit, sequential<batch_norm<>, leaky_relu<>>>, conv<3, 3>, flatten, dense<3>>>();
  law<sequential<input<2, 6, 5>, conv<5, 3, kept>, sequential<batch_norm<>, conv<5, 3, kept>>, sequential<batch_norm<>>, relu, conv<3, 3>>>();
  law<sequential<input<2, 6, 5>, conv<5, 3, kept>, batch_norm<>, relu, batch_norm<>, conv<3, 3>>>();   // what reads it again has a workspace
  // edges that nobody reads on the way back, one after the other, beside normalised ones, before what only changes its shape
  law<sequential<input<2, 6, 6>, conv<3, 3, kept>, upsample<2>, pad<1>, dropout<dropout_options{.rate = 0.25}>, conv<4, 3>, batch_norm<>, upsample<2>, dropout<>, average_pool<2>, conv<2, 3>>>();
  law<sequential<input<4, 3, 2>, conv<6, 1>, batch_norm<>, relu, flatten, dense<5>, reshape<5, 1>, batch_norm<>, selu, flatten, dense<3>>>();
  law<sequential<input<1, 4, 4>, conv<3, 1>, batch_norm<batch_norm_options{.domains = 2}>, relu, conv<2, 1>>>();
}

TEST_CASE("laws/recompute: what is not kept is saved") {
  using net = sequential<input<3, 16, 16>, conv<16, 3, kept>, batch_norm<>, relu, conv<16, 3, kept>, batch_norm<>, relu, conv<16, 3, kept>, batch_norm<>, relu, conv<16, 1>, flatten, dense<2>>;
  const auto [all, less] = bytes<net>(8);
  const index_t map = 16 * 16 * 16 * 8 * index_t(sizeof(S));
  CHECK(all.activations - less.activations >= 3 * map);
  CHECK(all.total() - less.total() >= map);   // one of them is there again while its convolution goes back, beside two gradients
  using unread = sequential<input<3, 16, 16>, conv<16, 3, kept>, upsample<2>, dropout<>, conv<4, 3, kept>, flatten, dense<2>>;
  const auto [every, few] = bytes<unread>(8);
  CHECK(every.activations - few.activations >= map + 4 * map);
}

TEST_CASE("laws/recompute: a diverging run still says where") {
  using net = sequential<input<2, 8, 8>, conv<3, 3, kept>, batch_norm<>, relu, named<"last", conv<2, 3>>>;
  model<net, tested, mode::training, with_others> m(key{1});
  ndarray<S> x(3, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(i % 7) - 3;
  m.load(x);
  CHECK(m.not_finite() == "");
  auto p = m.canonical_parameters();
  p[p.size() - 1] = S(INFINITY);
  m.set_canonical_parameters(p);
  CHECK(m.not_finite().find("last") != std::string::npos);
}
