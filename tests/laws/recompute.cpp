// Maps that are computed again on the way back, and edges that nobody keeps: the same values and gradients, in less memory.
#include "support/plans.hpp"

#include <array>
#include <cmath>
#include <string>

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

namespace {
constexpr rewrites alone{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .reuse = true, .reuse_from = 0, .recompute = true, .tile = false, .choose = false};
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
#if !defined(COSMOML_TEST_FEW)
  law<sequential<input<3, 7>, conv<17, 3, kept>, batch_norm<>, conv<2, 3>, batch_norm<batch_norm_options{.affine = false}>, relu, conv<1, 1>>>();
#endif
  law<sequential<input<2, 9, 8>, batch_norm<>, relu, conv<4, 3, kept>, gelu, max_pool<2>, conv<3, 3>, silu, flatten, dense<4>, tanh_layer, dense<2>>>();
  // lists inside lists, whose first and last edges are others'
  using unit = sequential<batch_norm<>, relu, conv<5, 3, kept>>;
  law<sequential<input<2, 7, 6>, conv<5, 3, kept>, residual<sequential<unit, unit>>, relu, parallel<join::concatenate, unit, sequential<batch_norm<>, leaky_relu<>>>, conv<3, 3>, flatten, dense<3>>>();
#if !defined(COSMOML_TEST_FEW)
  law<sequential<input<2, 6, 5>, conv<5, 3, kept>, sequential<batch_norm<>, conv<5, 3, kept>>, sequential<batch_norm<>>, relu, conv<3, 3>>>();
  law<sequential<input<2, 6, 5>, conv<5, 3, kept>, batch_norm<>, relu, batch_norm<>, conv<3, 3>>>();   // what reads it again has a workspace
#endif
  // edges that nobody reads on the way back, one after the other, beside normalised ones, before what only changes its shape
  law<sequential<input<2, 6, 6>, conv<3, 3, kept>, upsample<2>, pad<1>, dropout<dropout_options{.rate = 0.25}>, conv<4, 3>, batch_norm<>, upsample<2>, dropout<>, average_pool<2>, conv<2, 3>>>();
#if !defined(COSMOML_TEST_FEW)
  law<sequential<input<4, 3, 2>, conv<6, 1>, batch_norm<>, relu, flatten, dense<5>, reshape<5, 1>, batch_norm<>, selu, flatten, dense<3>>>();
  law<sequential<input<1, 4, 4>, conv<3, 1>, batch_norm<batch_norm_options{.domains = 2}>, relu, conv<2, 1>>>();
#endif
}

namespace {
struct way_back {
  ndarray<S> gradients, dx, dy;
};
// One step; what the layer says it does not read on the way back is not a number by then.
template <class Net, class Layer>
way_back back(bool spoilt) {
  model<Net, tested, mode::training, none> m(key{3});
  auto& c = m.context();
  ndarray<S> x(4, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  m.load(x);
  m.forward(key{5});
  const auto dy = m.output_gradient();
  tested::copy(c, static_cast<const S*>(m.output().data), dy.data, dy.storage());
  if (spoilt && !nn::reads_input_of<Layer>()) tested::assign(c, m.input(), S(NAN));
  if (spoilt && !nn::reads_output_of<Layer>()) tested::assign(c, m.output(), S(NAN));
  m.zero_gradients();
  const auto dx = m.backward_to_input();
  way_back w{m.canonical_gradients(), ndarray<S>(dx.storage()), ndarray<S>(dy.storage())};
  tested::to_host(c, static_cast<const S*>(dx.data), w.dx.data(), dx.storage());
  tested::to_host(c, static_cast<const S*>(dy.data), w.dy.data(), dy.storage());
  if (!spoilt) tested::to_host(c, static_cast<const S*>(m.output().data), w.dy.data(), dy.storage());   // dy as it was
  return w;
}
template <class In, class... Layer>
void claims() {
  const auto same = [](const ndarray<S>& a, const ndarray<S>& b) {
    for (index_t i = 0; i < a.size(); ++i)
      if (!(a[i] == b[i])) return false;
    return true;
  };
  const auto one = [&]<class L>(const L*) {
    const way_back plain = back<sequential<In, L>, L>(false), spoilt = back<sequential<In, L>, L>(true);
    CHECK_MESSAGE(same(plain.gradients, spoilt.gradients), L::label());
    CHECK_MESSAGE(same(plain.dx, spoilt.dx), L::label());
    if (nn::spares_dy<L>()) CHECK_MESSAGE(same(plain.dy, spoilt.dy), L::label());
  };
  (one(static_cast<const Layer*>(nullptr)), ...);
}
}

TEST_CASE("laws/recompute: what layers say of their way back is so") {
  claims<input<3, 6, 5>, dropout<>, dropout<dropout_options{.rate = 0.3, .channels = true}>, upsample<2>, upsample<2, upsample_options{.mode = interpolation::linear}>, pad<1>, slice<1, 2>, flatten,
         reshape<18, 5>, identity, relu, elu<>, gelu, batch_norm<>, layer_norm<>, conv<5, 3, kept>, max_pool<2>, max_pool<3, spatial_pool_options{.stride = 2, .padding = 1}>, average_pool<2>, global_average_pool,
         sequential<flatten, relu>, sequential<conv<4, 3>, batch_norm<>>, sequential<dropout<>, conv<4, 3>>, residual<sequential<conv<3, 3, kept>, batch_norm<>>>, residual<dropout<>>,
         parallel<join::concatenate, identity, dropout<>>, on<slice<0, 2>, relu>>();
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
