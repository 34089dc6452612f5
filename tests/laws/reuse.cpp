// Gradients in the memory of dead activations: the same values and gradients, in less memory.
#include "support/plans.hpp"

#include <type_traits>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

namespace {
constexpr rewrites alone{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .reuse = true, .reuse_from = 0, .recompute = false, .tile = false, .choose = false};
constexpr rewrites with_others{.reuse_from = 0, .tile = false};
constexpr conv_options kept{.padding = same};

template <class Net>
void twice(index_t batch) {
  model<Net, tested, mode::training, none> plain(key{3});
  model<Net, tested, mode::training, with_others> packed(key{3});
  for (index_t rows : {batch, index_t(1), batch}) {   // memory laid out for more samples than there are, and what an earlier step left in it
    ndarray<S> x(rows, plain.input_size);
    for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.fold(std::uint64_t(rows)).uniform(std::uint64_t(i)) - 1);
    const auto step = [&](auto& m, bool to_input) {
      m.load(x);
      m.forward(key{5});
      tested::copy(m.context(), static_cast<const S*>(m.output().data), m.output_gradient().data, m.output().storage());
      m.zero_gradients();
      if (!to_input) {
        m.backward();
        return m.canonical_gradients();
      }
      const auto dx = m.backward_to_input();
      using layout = typename std::remove_cvref_t<decltype(dx)>::layout;
      std::vector<S> host(std::size_t(dx.storage()));
      tested::to_host(m.context(), static_cast<const S*>(dx.data), host.data(), dx.storage());
      ndarray<S> all(rows * m.input_size);
      for (index_t i = 0; i < all.size(); ++i) all[i] = host[std::size_t(layout::offset(i / m.input_size, i % m.input_size))];
      return all;
    };
    equal(step(plain, true), step(packed, true));
    equal(step(plain, false), step(packed, false));
  }
}
}

TEST_CASE("laws/reuse: gradients in the memory of dead activations are the same") {
  using perceptron = sequential<input<7>, dense<19>, tanh_layer, dense<33>, relu, dense<5>, sigmoid, dense<3>>;
  using maps = sequential<input<2, 9, 8>, conv<5, 3>, relu, conv<9, 3, kept>, batch_norm<>, elu<>, max_pool<2>, conv<20, 3, kept>, gelu, max_pool<2>, flatten, dense<4>, tanh_layer, dense<2>>;
  using branches = sequential<input<2, 6, 5>, conv<3, 3, kept>, residual<sequential<batch_norm<>, relu, conv<3, 3, kept>>>, relu,
                              parallel<join::concatenate, sequential<relu, conv<2, 1>, tanh_layer>, identity>, leaky_relu<>, conv<17, 3, kept>, flatten, dense<3>>;
  using relabelled = sequential<input<3, 4>, flatten, relu, dense<6>, reshape<2, 3>, relu, flatten, tanh_layer, dense<4>, relu, reshape<2, 2>>;
  using wide_in_the_middle = sequential<input<1, 4, 4>, conv<3, 1>, upsample<2>, tanh_layer, conv<9, 3, kept>, conv<2, 3>, conv<1, 1>>;
  check<perceptron, with_others>();
  check<maps, with_others>();
  check<branches, with_others>();
  check<relabelled, with_others>();
  check<wide_in_the_middle, with_others>();
#if !defined(COSMOML_TEST_FEW)
  check<perceptron, alone>();
  check<maps, alone>();
  check<relabelled, alone>();
  check<wide_in_the_middle, alone>();
#endif
  check<branches, alone>();
  twice<maps>(5);
  twice<branches>(4);
}

TEST_CASE("laws/reuse: it saves memory, and one backward is all that a forward is good for") {
  using net = sequential<input<1, 6, 6>, conv<8, 3, kept>, max_pool<2>, conv<8, 3, kept>, conv<8, 3, kept>, flatten, dense<2>>;
  using packed = model<net, tested, mode::training, alone>;
  const auto with = packed::training_bytes(4), without = model<net, tested, mode::training, none>::training_bytes(4);
  CHECK(with.activations == without.activations);
  CHECK(with.total() < without.total());
  packed m(key{1});
  m.load(ndarray<S>(4, 36));
  m.forward();
  m.backward();
  CHECK_THROWS_AS(m.backward(), invalid_argument);
  m.forward();
  m.backward();
  model<net, tested, mode::training, none> plain(key{1});
  plain.load(ndarray<S>(4, 36));
  plain.forward();
  plain.backward();
  plain.backward();
}
