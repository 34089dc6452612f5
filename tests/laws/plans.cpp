// planned == unplanned: values and gradients of random networks with each rewrite on and off.
#include "support/backends.hpp"

#include <cosmoml/nn.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;
using S = tested::scalar;

namespace {
struct outcome {
  ndarray<S> prediction, gradients;
};
template <class Net, rewrites R>
outcome one_pass() {
  model<Net, tested, mode::training, R> m(key{3});
  ndarray<S> x(6, m.input_size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  m.load(x);
  m.forward();
  tested::copy(m.context(), static_cast<const S*>(m.output().data), m.output_gradient().data, m.output().storage());
  m.zero_gradients();
  m.backward();
  outcome o{ndarray<S>(6 * m.output_size), m.canonical_gradients()};
  m.copy_output(o.prediction.data());
  return o;
}
void equal(const ndarray<S>& a, const ndarray<S>& b) {
  double worst = 0, scale = 1e-30;
  for (index_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(double(a[i]) - double(b[i]))), scale = std::max(scale, std::abs(double(a[i])));
  CHECK(worst <= tests::tolerance<S>(100) * scale);
}
// region: switches
constexpr rewrites none{.fuse = false, .skip_dead = false, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
// end region
template <class Net, rewrites R>
void check(const outcome& expected) {
  const outcome o = one_pass<Net, R>();
  equal(expected.prediction, o.prediction);
  equal(expected.gradients, o.gradients);
}
template <class Net, rewrites Alone>
void check() {
  const outcome expected = one_pass<Net, none>();
  check<Net, Alone>(expected);
  check<Net, rewrites{}>(expected);
}
// The plan that a network gets, as summary() tells it.
template <class Net>
std::string plan_of() {
  const std::string s = model<Net, tested>::summary();
  return s.substr(s.find("\nplan\n"));
}
bool tells(const std::string& s, const char* what) { return s.find(what) != std::string::npos; }
}

TEST_CASE("laws/plans: fusing changes nothing but rounding") {
  constexpr rewrites alone{.fuse = true, .skip_dead = false, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<7>, dense<19>, relu, dense<3>>, alone>();
  check<sequential<input<7>, dense<19>, relu, relu, dense<3>, relu>, alone>();
  check<sequential<input<7>, relu, dense<5>, dense<33>, relu, parallel<join::concatenate, sequential<dense<9>, relu>, dense<4>>, relu>, alone>();
  check<sequential<input<9>, parallel<join::stack_padded, on<slice<0, 4>, sequential<dense<6>, relu>>, on<slice<4, 5>, dense<11>>>, flatten, dense<2>>, alone>();
}

TEST_CASE("laws/plans: a dense layer of means instead of means of a dense layer changes nothing but rounding") {
  constexpr rewrites alone{.fuse = true, .skip_dead = false, .reassociate = false, .share = false, .tile = false, .choose = false};
  using averaged = sequential<input<7>, dense<19>, average_pool_over<window<3>>, relu, dense<5>>;   // the last output is in no window
  check<averaged, alone>();
  check<sequential<input<9>, dense<16>, average_pool_over<window<2>>, dense<8>, average_pool_over<window<4>>>, alone>();
  check<sequential<input<5>, named<"a", dense<64>>, named<"mean", average_pool_over<window<2>>>, parallel<join::stack, sequential<dense<12>, average_pool_over<window<3>>>, dense<4>>,
                   max_pool_over<window<3, 1>>, flatten>, alone>();   // of four means three are read
  CHECK(tells(plan_of<averaged>(), "0 dense<19>, average_pool(3,): fused: product, bias, mean of outputs"));
  CHECK_FALSE(tells(plan_of<sequential<input<7>, dense<19>, average_pool_over<window<3>, pool_options{.leftover = ops::leftover::partial}>>>(), "mean of outputs"));
  CHECK_FALSE(tells(plan_of<sequential<input<7>, dense<19>, max_pool_over<window<3>>>>(), "mean of outputs"));
}

TEST_CASE("laws/plans: leaving out what nobody reads changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = true, .reassociate = false, .share = false, .in_place = false, .tile = false, .choose = false};
  // the third branch feeds no window, nor does the last output of the others
  using dropped = sequential<input<9>, parallel<join::stack, dense<7>, sequential<dense<7>, relu>, dense<7>>, max_pool_over<window<2, 2>>, flatten, dense<2>>;
  check<dropped, alone>();
  const std::string plan = plan_of<dropped>();
  CHECK(tells(plan, "2 dense<7>: skipped: nobody reads it"));
  CHECK(tells(plan, "only (6, 2) of (7, 3) is read"));
  // behind a layer that wants a gradient; the dead branch comes first in one, has its own slice in another
  check<sequential<input<9>, dense<8>, parallel<join::concatenate, sequential<dense<5>, relu>, dense<6>>, average_pool_over<window<4>>, dense<2>>, alone>();
  check<sequential<input<9>, dense<8>, relu, parallel<join::stack_padded, on<slice<0, 3>, dense<3>>, on<slice<3, 5>, sequential<dense<11>, relu>>, on<slice<2, 1>, dense<4>>>,
                   max_pool_over<window<3, 2>>, flatten, dense<2>>, alone>();
  check<sequential<input<6>, dense<5>, parallel<join::stack_padded, dense<2>, dense<9>>, max_pool_over<window<4, 1>>, flatten, dense<3>>, alone>();
  check<sequential<input<4>, dense<13>, relu, max_pool_over<window<5>>, dense<3>>, alone>();
}

TEST_CASE("laws/plans: reassociating linear layers changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .reassociate = true, .share = false, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<7>, dense<19>, dense<3>>, alone>();
  check<sequential<input<7>, dense<11>, relu, dense<40>, dense<30>, dense<2>, relu>, alone>();
  check<sequential<input<12>, named<"inner", dense<40>>, named<"outer", dense<5>>, dense<4>>, alone>();
  check<sequential<input<9>, parallel<join::concatenate, sequential<dense<21>, dense<5>>, dense<6>>, max_pool_over<window<4>>, dense<2>>, alone>();
  CHECK(tells(plan_of<sequential<input<7>, dense<19>, dense<3>>>(), "0 dense<19>, dense<3>: reassociated"));
  CHECK_FALSE(tells(plan_of<sequential<input<100>, dense<10>, dense<100>>>(), "reassociated"));   // it widens again: two products are less work
}

TEST_CASE("laws/plans: sharing the memory of what only changes its shape changes nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .reassociate = false, .share = true, .in_place = false, .tile = false, .choose = false};
  check<sequential<input<3, 5>, flatten, dense<6>, reshape<2, 3>, flatten, relu, dense<4>, reshape<2, 2>>, alone>();
  check<sequential<input<3, 5>, flatten, reshape<5, 3>, flatten>, alone>();
  check<sequential<input<3, 5>, flatten, sequential<dense<8>, reshape<4, 2>, flatten>, relu, dense<3>>, alone>();
  check<sequential<input<4, 3>, max_pool_over<window<2, 1>>, flatten, sequential<reshape<2, 3>, flatten>, dense<3>, relu>, alone>();
  check<sequential<input<3, 5>, parallel<join::concatenate, sequential<flatten, dense<4>>, sequential<flatten, relu, dense<3>>>, dense<2>>, alone>();
  check<sequential<input<2>, dense<15>, reshape<3, 5>, parallel<join::concatenate, sequential<flatten, dense<4>>, sequential<flatten, relu, flatten>>, dense<2>>, alone>();
  CHECK(tells(plan_of<sequential<input<3, 5>, flatten, dense<6>>>(), "0 flatten: nothing moves"));
}

TEST_CASE("laws/plans: activations in place change nothing but rounding") {
  constexpr rewrites alone{.fuse = false, .skip_dead = false, .reassociate = false, .share = false, .in_place = true, .tile = false, .choose = false};
  constexpr rewrites both{.fuse = false, .skip_dead = false, .reassociate = false, .share = true, .in_place = true, .tile = false, .choose = false};
  using maps = sequential<input<2, 6, 5>, conv<5, 3>, relu, conv<9, 1>, batch_norm<>, elu<>, gelu, selu, max_pool<2>, sigmoid, relu, flatten, dense<4>, tanh_layer, dense<2>>;
  using branches = sequential<input<2, 5, 5>, conv<3, 3, conv_options{.padding = same}>, residual<sequential<batch_norm<>, relu, conv<3, 3, conv_options{.padding = same}>>>, relu,
                              parallel<join::concatenate, sequential<relu, conv<2, 1>>, identity>, leaky_relu<>, flatten, dense<3>>;
  // what shares memory before an activation and behind it, at both ends
  using relabelled = sequential<input<3, 4>, flatten, relu, dense<6>, reshape<2, 3>, relu, flatten, tanh_layer, dense<4>, relu, reshape<2, 2>>;
  using nested = sequential<input<5>, sequential<dense<6>, relu, reshape<2, 3>>, leaky_relu<>, residual<sequential<flatten, dense<6>, sigmoid, reshape<2, 3>>>, flatten, dense<2>>;
  check<maps, alone>();
  check<maps, both>();
  check<branches, alone>();
  check<branches, both>();
  check<relabelled, alone>();
  check<relabelled, both>();
  check<nested, alone>();
  check<nested, both>();
  using ends = sequential<input<2, 6, 5>, conv<5, 3>, relu, sequential<conv<9, 1>, elu<>>, sequential<conv<3, 3>, selu, relu>>;
  check<ends, alone>();
  check<maps, both>();
  ndarray<S> x(3, 60);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{4}.uniform(std::uint64_t(i)) - 1);
  equal(model<ends, tested, mode::inference, none>(key{3}, {.max_batch = 2}).predict(x), model<ends, tested, mode::inference>(key{3}, {.max_batch = 2}).predict(x));
  CHECK(tells(plan_of<sequential<input<2, 6, 5>, conv<5, 3>, relu, conv<2, 1>>>(), "1 relu: in place"));
  CHECK_FALSE(tells(plan_of<sequential<input<2, 6, 5>, conv<5, 3>, relu, tanh_layer, conv<2, 1>>>(), "2 tanh: in place"));
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

namespace {
// The tested backend as if its cache held a few samples.
struct small_cache : tested {
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
      const outcome a = in_tiles<Net, none>(batch, weighted, whole), b = in_tiles<Net, rewrites{.fuse = false, .skip_dead = false, .reassociate = false, .share = false, .in_place = false, .choose = false}>(batch, weighted, pieces);
      equal(a.prediction, b.prediction);
      equal(a.gradients, b.gradients);
      CHECK(std::abs(whole - pieces) <= tests::tolerance<S>(double(batch)) * whole);
      equal(a.gradients, in_tiles<Net, rewrites{}>(batch, weighted, pieces).gradients);
    }
}
}

TEST_CASE("laws/plans: a batch in tiles gives what it gives at once") {
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
    const outcome expected = chosen_pass<Net, none>(batch), direct = chosen_pass<Net, rewrites{.fuse = false, .skip_dead = false, .reassociate = false, .share = false, .in_place = false, .tile = false}>(batch),
                  all = chosen_pass<Net, rewrites{}>(batch);
    equal(expected.prediction, direct.prediction);
    equal(expected.gradients, direct.gradients);
    equal(expected.prediction, all.prediction);
    equal(expected.gradients, all.gradients);
  }
}
}

TEST_CASE("laws/plans: computing only chosen outputs changes nothing but rounding") {
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

TEST_CASE("laws/plans: the inference mode predicts what the training mode predicts") {
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
