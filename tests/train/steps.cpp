// What a step may be besides plain: clipped, of several batches, averaged, by groups, with frozen layers, with a line search.
#include "support/backends.hpp"
#include "support/golden.hpp"
#include "support/scratch.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::tested;
using S = tested::scalar;

using tests::message, tests::says;

namespace {
const auto golden = tests::read_golden("schedules.txt");
constexpr double near_enough = sizeof(S) == 4 ? 2e-5 : 1e-11;
using net = sequential<input<3>, named<"body", sequential<dense<7>, tanh_layer>>, named<"head", dense<2>>>;

struct data {
  ndarray<double> x, y;
  explicit data(index_t n) : x(n, 3), y(n, 2) {
    for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal(std::uint64_t(i));
    for (index_t i = 0; i < n; ++i) y[2 * i] = std::sin(x[3 * i]) - x[3 * i + 1], y[2 * i + 1] = x[3 * i + 2] * x[3 * i];
  }
  auto samples() const { return train::pair_up(x, y); }
};
ndarray<S> trained(const auto& optimizer, const train::fit_options& o, index_t rows = 40) {
  const data d(rows);
  model<net, tested> m(key{3});
  train::fit(m, d.samples(), mean_squared_error{}, optimizer, o);
  return m.canonical_parameters();
}
double distance(const ndarray<S>& a, const ndarray<S>& b, index_t from = 0, index_t to = -1) {
  double most = 0;
  for (index_t i = from; i < (to < 0 ? a.size() : to); ++i) most = std::max(most, std::abs(double(a[i]) - double(b[i])));
  return most;
}
tested::buffer<S> on_backend(tested::context& c, const double* from, index_t n) {
  const std::vector<S> host(from, from + n);
  tested::buffer<S> b(n);
  tested::from_host(c, host.data(), b.data(), n);
  return b;
}
std::vector<S> on_host(tested::context& c, const S* from, index_t n) {
  std::vector<S> host(static_cast<std::size_t>(n));
  tested::to_host(c, from, host.data(), n);
  return host;
}
constexpr index_t body = 3 * 7 + 7;   // parameters of the body come first
}

TEST_CASE("train/steps: gradients are clipped as PyTorch clips them") {
  tested::context c;
  const auto& g = golden.at("gradient");
  auto check = [&](const char* name, const optim::clipping& limits) {
    auto b = on_backend(c, g.data(), g.size());
    const optim::stored_range parts[] = {{0, 4}, {4, 5}};
    const double norm = optim::clip_gradients<tested>(c, b.data(), parts, limits);
    const auto got = on_host(c, b.data(), g.size());
    for (index_t i = 0; i < g.size(); ++i) CHECK(double(got[std::size_t(i)]) == doctest::Approx(golden.at(name)[i]).epsilon(near_enough));
    return norm;
  };
  double square = 0;
  for (const double v : g) square += v * v;
  CHECK(check("clipped_norm", {.norm = 0.7}) == doctest::Approx(std::sqrt(square)).epsilon(1e-5));
  check("clipped_value", {.value = 0.4});
  check("not_clipped", {.norm = 100});
}

TEST_CASE("train/steps: means of parameters as PyTorch's AveragedModel") {
  tested::context c;
  const auto& path = golden.at("path");
  for (const auto kind : {optim::averaging::exponential, optim::averaging::equal}) {
    optim::parameter_average<tested> mean(path.row_size());
    for (index_t r = 0; r < path.rows(); ++r) {
      const auto p = on_backend(c, path.row(r), path.row_size());
      mean.add(c, p.data(), {.kind = kind, .decay = 0.9});
    }
    const auto got = on_host(c, mean.data(), mean.size());
    const auto& wanted = golden.at(kind == optim::averaging::equal ? "mean_equal" : "mean_exponential");
    for (index_t i = 0; i < wanted.size(); ++i) CHECK(double(got[std::size_t(i)]) == doctest::Approx(wanted[i]).epsilon(near_enough * 10));
  }
}

TEST_CASE("train/steps: a clipped fit takes other steps, of the length that is allowed") {
  const optim::sgd o{{.learning_rate = 1}};
  const data d(40);
  model<net, tested> m(key{3});
  const auto before = m.canonical_parameters();
  train::fit(m, d.samples(), mean_squared_error{}, o, {.epochs = 1, .batch_size = 40, .clip = {.norm = 0.01}});
  const auto after = m.canonical_parameters();
  double square = 0;
  for (index_t i = 0; i < after.size(); ++i) square += std::pow(double(after[i]) - double(before[i]), 2);
  CHECK(std::sqrt(square) == doctest::Approx(0.01).epsilon(1e-3));
}

TEST_CASE("train/steps: several batches make one step of their samples") {
  const optim::adam o{{.learning_rate = 0.02}};
  for (const index_t rows : {index_t(40), index_t(37)}) {   // 37: the last group is smaller
    const auto large = trained(o, {.epochs = 3, .batch_size = 12, .randomness = key{4}}, rows);
    const auto parts = trained(o, {.epochs = 3, .batch_size = 4, .randomness = key{4}, .accumulate = 3}, rows);
    CHECK(distance(large, parts) < (sizeof(S) == 4 ? 2e-4 : 1e-10));
    CHECK(distance(large, trained(o, {.epochs = 3, .batch_size = 4, .randomness = key{4}}, rows)) > 1e-3);
  }
}

TEST_CASE("train/steps: a schedule changes the rate, and the history tells it") {
  const data d(40);
  model<net, tested> m(key{3}), by_hand(key{3});
  const auto r = train::fit(m, d.samples(), mean_squared_error{}, optim::sgd{{.learning_rate = 0.1}},
                            {.epochs = 3, .batch_size = 10, .shuffle = false, .schedule = optim::exponential_decay{{.factor = 0.5}}});
  for (int e = 0; e < 3; ++e) {
    CHECK(r.history[std::size_t(e)].learning_rate == doctest::Approx(0.1 * std::pow(0.5, e)));
    train::fit(by_hand, d.samples(), mean_squared_error{}, optim::sgd{{.learning_rate = 0.1 * std::pow(0.5, e)}}, {.epochs = 1, .batch_size = 10, .shuffle = false});
  }
  CHECK(distance(m.canonical_parameters(), by_hand.canonical_parameters()) == 0);
  says(message<error>([&] { train::fit(m, d.samples(), mean_squared_error{}, optim::sgd{}, {.schedule = [](const optim::moment&) { return -1.0; }}); }), "a factor of -1 at step 0");
}

namespace {
// One step each epoch, at rate and momentum of the moment, beside steps by hand.
template <class Opt, class Set>
void cycles(Opt o, double momentum, Set set) {
  const data d(40);
  const optim::schedule rate = optim::one_cycle{{.length = 9}}, factor = optim::one_cycle_momentum{{.length = 9, .lowest = 0.5}};
  model<net, tested> m(key{3}), by_hand(key{3});
  train::fit(m, d.samples(), mean_squared_error{}, o, {.epochs = 9, .batch_size = 40, .shuffle = false, .schedule = rate, .momentum = factor});
  const double base = o.options.learning_rate;
  typename Opt::template state<tested> state(by_hand.stored_count);
  typename tested::template buffer<S> target(80);
  for (index_t i = 0; i < 80; ++i) target.data()[i] = S(d.y[i]);
  ndarray<S> x(40, 3);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(d.x[i]);
  by_hand.load(x);
  for (index_t t = 0; t < 9; ++t) {
    o.options.learning_rate = base * rate({t, 1, {}});
    set(o, momentum * factor({t, 1, {}}));
    by_hand.zero_gradients();
    by_hand.add_gradients(mean_squared_error{}, static_cast<const S*>(target.data()), static_cast<const S*>(nullptr), S(1) / S(80));
    o.template step<tested>(by_hand.context(), by_hand.parameters().data(), by_hand.gradients().data(), state, by_hand.stored_count);
    by_hand.parameters_changed();
  }
  CHECK(distance(m.canonical_parameters(), by_hand.canonical_parameters()) < 1e-6);
  CHECK(distance(m.canonical_parameters(), model<net, tested>(key{3}).canonical_parameters()) > 1e-3);
}
}
TEST_CASE("train/steps: a schedule changes the momentum, or the first beta") {
  const auto momentum = [](auto& o, double value) { o.options.momentum = value; };
  const auto beta = [](auto& o, double value) { o.options.beta1 = value; };
  cycles(optim::sgd{{.learning_rate = 0.1, .momentum = 0.9}}, 0.9, momentum);
  cycles(optim::rmsprop{{.learning_rate = 0.01, .momentum = 0.8}}, 0.8, momentum);
  cycles(optim::adam{{.learning_rate = 0.1}}, 0.9, beta);
  cycles(optim::adamw{{.learning_rate = 0.1, .beta1 = 0.95}}, 0.95, beta);
  const data d(40);
  model<net, tested> m(key{3});
  const train::fit_options cycle{.momentum = optim::one_cycle_momentum{{.length = 9}}};
  says(message<error>([&] { train::fit(m, d.samples(), mean_squared_error{}, optim::sgd{}, cycle); }), "a schedule of the momentum for an optimiser without one");
}

TEST_CASE("train/steps: the mean of the parameters is what a fit leaves and validates") {
  const data d(40);
  const optim::sgd o{{.learning_rate = 0.1}};
  // equal weights at the end of each epoch: the mean of fits of one, two, three epochs
  model<net, tested> m(key{3});
  const auto r = train::fit(m, d.samples(), d.samples(), mean_squared_error{}, o,
                            {.epochs = 4, .batch_size = 10, .randomness = key{5}, .average = {.kind = optim::averaging::equal, .from_epoch = 1, .every = 0}});
  ndarray<S> mean(model<net, tested>::parameter_count);
  for (int epochs = 2; epochs <= 4; ++epochs) {
    const auto p = trained(o, {.epochs = epochs, .batch_size = 10, .randomness = key{5}});
    for (index_t i = 0; i < p.size(); ++i) mean[i] += p[i] / 3;
  }
  CHECK(distance(m.canonical_parameters(), mean) < 1e-6);
  const auto y = m.predict(d.x);
  double loss = 0;
  for (index_t i = 0; i < y.size(); ++i) loss += std::pow(double(y[i]) - d.y[i], 2) / double(y.size());
  CHECK(r.history.back().validation_loss == doctest::Approx(loss).epsilon(1e-5));
  // exponential: a decay of zero keeps the last parameters
  CHECK(distance(trained(o, {.epochs = 2, .average = {.kind = optim::averaging::exponential, .decay = 0}}), trained(o, {.epochs = 2})) == 0);
  CHECK(distance(trained(o, {.epochs = 2, .average = {.kind = optim::averaging::exponential, .decay = 0.5}}), trained(o, {.epochs = 2})) > 1e-4);
}

TEST_CASE("train/steps: frozen layers keep their bits, groups have rates and decays of their own") {
  const optim::adamw o{{.learning_rate = 0.01}};
  const train::fit_options plain{.epochs = 2, .batch_size = 10, .randomness = key{6}};
  auto with = [&](std::vector<optim::parameter_group> groups) {
    auto options = plain;
    options.groups = std::move(groups);
    return trained(o, options);
  };
  model<net, tested> start(key{3});
  const auto before = start.canonical_parameters(), all = trained(o, plain);
  const auto frozen = with({{.fields = "body", .frozen = true}});
  CHECK(distance(frozen, before, 0, body) == 0);
  CHECK(distance(frozen, before, body) > 1e-3);
  CHECK(distance(with({{.fields = "body", .rate = 1}}), all) == 0);   // a group that changes nothing changes nothing
  CHECK(distance(with({{.fields = "*.bias", .rate = 1}, {.fields = "head.weight"}}), all) == 0);
  const auto slow = with({{.fields = "head", .rate = 0}});
  CHECK(distance(slow, before, body) == 0);
  CHECK(distance(with({{.fields = "body.0.weight", .weight_decay = 0}}), all) > 1e-6);
  CHECK(distance(with({{.fields = "body", .weight_decay = 0.01}}), all) == 0);   // AdamW's own
  says(message<error>([&] { with({{.fields = "tail", .frozen = true}}); }), "no parameter named tail among body.0.weight, body.0.bias, head.weight, head.bias");
  says(message<error>([&] { with({{.fields = "*", .frozen = true}}); }), "every parameter frozen");
}

TEST_CASE("train/steps: an order of one's own, weighted or stratified draws") {
  const optim::sgd o{{.learning_rate = 0.05}};
  const train::fit_options plain{.epochs = 2, .batch_size = 7, .shuffle = false};
  auto with = [&](train::epoch_order order) {
    auto options = plain;
    options.order = std::move(order);
    return trained(o, options);
  };
  CHECK(distance(with([](index_t n, key) {
                   std::vector<int> rows;
                   for (int i = 0; i < int(n); ++i) rows.push_back(i);
                   return rows;
                 }),
                 trained(o, plain)) == 0);
  CHECK(distance(with([](index_t n, key k) { return train::permutation(n, k); }), trained(o, {.epochs = 2, .batch_size = 7})) == 0);
  std::vector<double> w(40, 0.0);
  w[3] = 2;
  CHECK(distance(with(train::weighted_order{w}), with([](index_t, key) { return std::vector<int>(40, 3); })) == 0);
  std::vector<int> classes(40, 0);
  for (std::size_t i = 0; i < 40; i += 3) classes[i] = 1;
  CHECK(distance(with(train::stratified_order{classes}), trained(o, plain)) > 0);
  says(message<error>([&] { with([](index_t n, key) { return std::vector<int>{int(n)}; }); }), "sample 40 of 40");
  says(message<error>([&] { with([](index_t, key) { return std::vector<int>{}; }); }), "an order of none");
  says(message<error>([&, count = 5](auto&&...) mutable { with([&](index_t, key) { return std::vector<int>(std::size_t(++count), 1); }); }), "as many samples in each epoch");
}

TEST_CASE("train/steps: patterns name paths") {
  using optim::detail::names;
  CHECK(names("a.b", "a.b"));
  CHECK(names("a", "a.b"));
  CHECK_FALSE(names("a", "ab"));
  CHECK(names("*.bias", "x.y.bias"));
  CHECK_FALSE(names("*.bias", "x.y.weight"));
  CHECK(names("a*c", "abbc.d"));
  CHECK(names("*", "anything"));
}

TEST_CASE("train/steps: a fit by L-BFGS, whole, in pieces, with a frozen layer and within bounds") {
  const data d(60);
  const optim::lbfgs o{{.max_iterations = 10}};
  auto fit = [&](train::fit_options options, const optim::lbfgs& by) {
    model<net, tested> m(key{3});
    const auto r = train::fit(m, d.samples(), mean_squared_error{}, by, options);
    return std::pair{r.history.back().loss, m.canonical_parameters()};
  };
  const auto [loss, whole] = fit({.epochs = 8, .batch_size = 60, .shuffle = false}, o);
  CHECK(loss < 0.06);
  const auto [again, parts] = fit({.epochs = 2, .batch_size = 16, .shuffle = false, .accumulate = 4}, o);
  const auto [once, both] = fit({.epochs = 2, .batch_size = 60, .shuffle = false}, o);
  CHECK(again == doctest::Approx(once).epsilon(1e-2));
  model<net, tested> start(key{3});
  const auto frozen = fit({.epochs = 2, .batch_size = 60, .shuffle = false, .groups = {{.fields = "body", .frozen = true}}}, o).second;
  CHECK(distance(frozen, start.canonical_parameters(), 0, body) == 0);
  const auto bounded = fit({.epochs = 8, .batch_size = 60, .shuffle = false}, {{.max_iterations = 10, .lower = {-0.3}, .upper = {0.4}}});
  CHECK(bounded.first < 1.2);
  index_t held = 0;
  for (const S v : bounded.second) {
    CHECK(v >= S(-0.3));
    CHECK(v <= S(0.4));
    held += v == S(-0.3) || v == S(0.4);
  }
  CHECK(held > 3);
  model<net, tested> positive(key{3});   // padding is no parameter: it stays zero where the bounds leave zero out
  train::fit(positive, d.samples(), mean_squared_error{}, optim::lbfgs{{.max_iterations = 5, .lower = {0.05}}}, {.epochs = 2, .batch_size = 60, .shuffle = false});
  for (const S v : positive.canonical_parameters()) CHECK(v >= S(0.05));
  const auto stored = on_host(positive.context(), positive.parameters().data(), positive.stored_count);
  std::vector<bool> used(stored.size());
  positive.fields([&](const std::string&, const field& f, auto at) {
    for (index_t e = 0; e < f.shape.size(); ++e) used[std::size_t(at(e))] = true;
  });
  for (std::size_t i = 0; i < stored.size(); ++i)
    if (!used[i]) CHECK(stored[i] == 0);
  says(message<error>([&] { fit({.clip = {.norm = 1}}, o); }), "do not clip");
}

TEST_CASE("train/steps: a run that diverges goes back to the last copy of good parameters") {
  const data d(40);
  model<net, tested> m(key{3});
  const auto text = message<error>([&] {
    train::fit(m, d.samples(), mean_squared_error{}, optim::sgd{{.learning_rate = 0.01}},
               {.epochs = 2, .batch_size = 10, .shuffle = false, .schedule = [](const optim::moment& now) { return now.step < 6 ? 1.0 : 1e300; }, .keep_good_every = 5});
  });
  INFO(text);
  says(text, "parameters after 5 steps again");
  model<net, tested> five(key{3});
  const data first(50);   // its first forty rows are those of d
  ndarray<double> x(50, 3), y(50, 2);
  for (index_t i = 0; i < 50; ++i) {
    std::copy_n(d.x.row(i % 40), 3, x.row(i));
    std::copy_n(d.y.row(i % 40), 2, y.row(i));
  }
  train::fit(five, train::pair_up(x, y), mean_squared_error{}, optim::sgd{{.learning_rate = 0.01}}, {.epochs = 1, .batch_size = 10, .shuffle = false});
  CHECK(distance(m.canonical_parameters(), five.canonical_parameters()) == 0);
}
