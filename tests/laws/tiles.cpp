// planned == unplanned: a batch in tiles, only chosen outputs, inference beside training.
#include "support/plans.hpp"

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace tests;

namespace {
// The tested backend as if its cache held a few samples.
struct small_cache : tested {
  using abilities_of = small_cache;   // all that the tested backend does in one pass is done in tiles, too
  static constexpr index_t cache_bytes = 8 << 10;
  static index_t most_at_once() { return 2; }
  template <class F>
  static void at_once(index_t n, index_t threads, F f) {
    for (index_t i = n; i-- > 0;) f(i, int(i % threads));   // any order will do
  }
};
template <class Net, rewrites R>
outcome in_tiles(index_t batch, bool weighted, double& loss) {
  model<Net, small_cache, mode::training, R> m(key{3});
  ndarray<S> x(batch, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  ndarray<S> host(batch * (m.output_size + 1));
  for (index_t i = 0; i < host.size(); ++i) host[i] = S(key{5}.uniform(std::uint64_t(i)));
  tested::buffer<S> targets(host.size());
  tested::from_host(m.context(), static_cast<const S*>(host.data()), targets.data(), host.size());
  m.load(x);
  // region: tiles
  m.zero_gradients();
  loss = m.add_gradients(mean_squared_error{}, targets.data(), weighted ? targets.data() + batch * m.output_size : nullptr, S(0.5));
  // end region
  outcome o{ndarray<S>(batch * m.output_size), m.canonical_gradients()};
  m.copy_output(o.prediction.data());
  equal(o.prediction, m.predict(x));
  return o;
}
template <class Net>
void check_tiles() {
  for (index_t batch : {1, 15, 16, 17, 161, 320})
    for (bool weighted : {false, true}) {
      double whole = 0, pieces = 0;
      const outcome a = in_tiles<Net, none>(batch, weighted, whole), b = in_tiles<Net, rewrites{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .choose = false}>(batch, weighted, pieces);
      equal(a.prediction, b.prediction);
      equal(a.gradients, b.gradients);
      CHECK(std::abs(whole - pieces) <= tests::tolerance<S>(double(batch)) * whole);
      equal(a.gradients, in_tiles<Net, rewrites{}>(batch, weighted, pieces).gradients);
    }
}
}

TEST_CASE("laws/tiles: a batch in tiles gives what it gives at once") {
  using net = sequential<input<40>, relu, max_pool_over<window<5>>, dense<3>, relu, dense<2>>;
  using form = model<net, small_cache>;
  const plan::tiling t = plan::training_tiles<form::pass_type, form::chain, form::input_view, form::output_view>(320, form::stored_count);
  CHECK(t.samples < 320);
  CHECK(tells(form::summary(), "is trained in tiles of 16 samples"));
  CHECK(t.groups > 1);
  check_tiles<net>();
  check_tiles<sequential<input<30>, dense<40>, relu, parallel<join::stack, dense<4>, sequential<dense<4>, relu>>, max_pool_over<window<2, 2>>, flatten, dense<2>>>();
}

namespace {
template <class Net, rewrites R>
outcome chosen_pass(index_t batch) {
  model<Net, tested, mode::training, R> m(key{3});
  ndarray<S> x(batch, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  std::vector<int> host;
  for (index_t i = 0; i < batch; ++i) host.push_back(int(key{6}.below(std::uint64_t(m.output_size), std::uint64_t(i))));
  tested::buffer<int> which(batch);
  tested::from_host(m.context(), static_cast<const int*>(host.data()), which.data(), batch);
  m.load(x);
  // region: chosen
  chosen_outputs q(m);                       // m.input() holds the states
  const auto y = q.forward(which.data());    // (n, 1): the values of the actions that were taken
  // end region
  outcome o{ndarray<S>(batch), {}};
  tested::to_host(m.context(), static_cast<const S*>(y.data), o.prediction.data(), batch);
  const ndarray<S> all = m.predict(x);
  for (index_t i = 0; i < batch; ++i) CHECK(std::abs(double(o.prediction[i]) - double(all.row(i)[host[std::size_t(i)]])) <= tests::tolerance<S>());
  tested::copy(m.context(), static_cast<const S*>(y.data), q.gradient().data, batch);
  m.zero_gradients();
  q.backward();
  o.gradients = m.canonical_gradients();
  return o;
}
template <class Net>
void check_chosen() {
  for (index_t batch : {1, 6, 37}) {
    const outcome expected = chosen_pass<Net, none>(batch), direct = chosen_pass<Net, rewrites{.fuse = false, .skip_dead = false, .batch_vectors = false, .winograd = false, .reassociate = false, .share = false, .in_place = false, .tile = false}>(batch),
                  all = chosen_pass<Net, rewrites{}>(batch);
    equal(expected.prediction, direct.prediction);
    equal(expected.gradients, direct.gradients);
    equal(expected.prediction, all.prediction);
    equal(expected.gradients, all.gradients);
  }
}
}

TEST_CASE("laws/tiles: computing only chosen outputs changes nothing but rounding") {
  check_chosen<sequential<input<7>, dense<19>, relu, dense<11>>>();
  check_chosen<sequential<input<21>, dense<9>, dense<35>>>();
  check_chosen<sequential<input<5>, dense<3>>>();
  check_chosen<sequential<input<5>, dense<13>, relu>>();   // ends in no dense layer: all are computed
  model<sequential<input<3>, dense<4>>, tested, mode::inference> still(key{1}, {.max_batch = 2});
  ndarray<S> x(2, 3);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(i + 1);
  still.load(x);
  std::vector<int> host{3, 1};
  tested::buffer<int> which(2);
  tested::from_host(still.context(), static_cast<const int*>(host.data()), which.data(), 2);
  chosen_outputs q(still);
  const auto y = q.forward(which.data());
  ndarray<S> picked(2);
  tested::to_host(still.context(), static_cast<const S*>(y.data), picked.data(), 2);
  const auto all = still.predict(x);
  CHECK(std::abs(double(picked[0]) - double(all.row(0)[3])) <= tests::tolerance<S>());
  CHECK(std::abs(double(picked[1]) - double(all.row(1)[1])) <= tests::tolerance<S>());
}

TEST_CASE("laws/tiles: the inference mode predicts what the training mode predicts") {
  using net = sequential<input<9>, dense<21>, relu, parallel<join::stack_padded, dense<4>, sequential<dense<7>, relu>>, max_pool_over<window<2, 2>>, flatten, dense<3>>;
  model<net, tested> trained(key{1});
  ndarray<S> x(11, 9);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  trained.load(x);
  trained.forward();
  ndarray<S> expected(11, 3);
  trained.copy_output(expected.data());
  equal(expected, trained.predict(x));
  model<net, tested, mode::inference> one(trained), four(trained, {.max_batch = 4});
  for (int again = 0; again < 2; ++again) {
    equal(expected, one.predict(x));
    equal(expected, four.predict(x));
  }
}
