// L-BFGS: as PyTorch steps; within bounds to the optimum that is known; padding stays zero; a state goes on where it was left.
#include "support/backends.hpp"
#include "support/golden.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>

#include <functional>

using namespace cosmoml;
using tests::tested;
using S = tested::scalar;

namespace {
tested::context context;
const auto golden = tests::read_golden("optimizers.txt");
using vector = std::vector<double>;
using function = std::function<double(const vector&, vector&)>;

double rosenbrock(const vector& p, vector& g) {
  double f = 0;
  g.assign(p.size(), 0);
  for (std::size_t i = 0; i + 1 < p.size(); ++i) {
    const double a = p[i + 1] - p[i] * p[i], b = 1 - p[i];
    f += 100 * a * a + b * b;
    g[i] += -400 * a * p[i] - 2 * b;
    g[i + 1] += 200 * a;
  }
  return f;
}
double bowl(const vector& p, vector& g) {
  double up = 0, down = 0, squares = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double k = double(i + 1);
    up += std::exp(k * p[i] - 1), down += std::exp(-p[i] / k), squares += p[i] * p[i];
  }
  g.assign(p.size(), 0);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double k = double(i + 1);
    g[i] = (k * std::exp(k * p[i] - 1) - std::exp(-p[i] / k) / k) / (up + down) + 0.1 * p[i];
  }
  return std::log(up + down) + 0.05 * squares;
}

// Parameters on the backend and a function of them on the host.
struct problem {
  function f;
  tested::buffer<S> p, g;
  index_t n;
  int evaluations = 0;
  problem(function of, const vector& start) : f(std::move(of)), p(index_t(start.size())), g(index_t(start.size())), n(index_t(start.size())) {
    const std::vector<S> host(start.begin(), start.end());
    tested::from_host(context, host.data(), p.data(), n);
  }
  vector now() const {
    std::vector<S> host(static_cast<std::size_t>(n));
    tested::to_host(context, p.data(), host.data(), n);
    return {host.begin(), host.end()};
  }
  double operator()() {
    vector slope;
    const double value = f(now(), slope);
    const std::vector<S> host(slope.begin(), slope.end());
    tested::from_host(context, host.data(), g.data(), n);
    ++evaluations;
    return value;
  }
  double step(const optim::lbfgs& o, optim::lbfgs::state<tested>& s) { return o.step<tested>(context, p.data(), g.data(), s, n, *this); }
};
vector search_start() {
  const auto& a = golden.at("search_start");
  return {a.begin(), a.end()};
}
void follow(const char* name, const function& f, const optim::lbfgs& o) {
  INFO(name);
  static_assert(SearchesLines<optim::lbfgs, tested>, "it keeps the contract");
  problem at(f, search_start());
  optim::lbfgs::state<tested> state(at.n);
  const auto& path = golden.at(name);
  const index_t steps = sizeof(S) == 4 ? larger(path.rows() / 10, 1) : path.rows();   // the first ones in float: rounding leads to other paths
  for (index_t s = 0; s < steps; ++s) {
    at.step(o, state);
    const vector p = at.now();
    for (std::size_t i = 0; i < p.size(); ++i) {
      INFO("step ", s, ", parameter ", i);
      CHECK(std::abs(p[i] - path.row(s)[i]) < (sizeof(S) == 4 ? 3e-3 : 1e-6));
    }
  }
}
// Steps until nothing changes.
vector minimum(problem& at, const optim::lbfgs& o, int steps = 60) {
  optim::lbfgs::state<tested> state(at.n);
  for (int s = 0; s < steps; ++s) at.step(o, state);
  return at.now();
}
}

TEST_CASE("laws/line_searches: L-BFGS takes PyTorch's steps") {
  follow("lbfgs_rosenbrock", rosenbrock, {{.max_iterations = 1, .max_evaluations = 25}});
  follow("lbfgs_short_history", rosenbrock, {{.learning_rate = 0.7, .max_iterations = 1, .max_evaluations = 25, .history = 3}});
  follow("lbfgs_bowl", bowl, {{.learning_rate = 0.5, .max_iterations = 1, .max_evaluations = 25, .gradient_tolerance = 1e-12, .change_tolerance = 1e-15}});
  if (sizeof(S) == 8) follow("lbfgs_steps_of_twenty", rosenbrock, {{.history = 10}});
}

TEST_CASE("laws/line_searches: a minimum is found, in few evaluations") {
  problem at(rosenbrock, {-1.2, 1.0, -0.5, 0.8});
  for (const double v : minimum(at, {})) CHECK(v == doctest::Approx(1).epsilon(sizeof(S) == 4 ? 3e-2 : 1e-5));
  if (sizeof(S) == 8) CHECK(at.evaluations < 300);
}

TEST_CASE("laws/line_searches: within bounds, the optimum that the conditions of Karush, Kuhn and Tucker name") {
  // (p - a)' A (p - a) / 2 with A = tridiagonal(-1, 2.5, -1): bounds hold some, not always those that the free optimum breaks.
  const std::size_t n = 9;
  vector a(n);
  for (std::size_t i = 0; i < n; ++i) a[i] = key{11}.normal(i);
  const function quadratic = [&](const vector& p, vector& g) {
    g.assign(n, 0);
    double f = 0;
    for (std::size_t i = 0; i < n; ++i) {
      g[i] = 2.5 * (p[i] - a[i]) - (i > 0 ? p[i - 1] - a[i - 1] : 0) - (i + 1 < n ? p[i + 1] - a[i + 1] : 0);
      f += 0.5 * g[i] * (p[i] - a[i]);
    }
    return f;
  };
  problem at(quadratic, vector(n, 5.0));
  const vector p = minimum(at, {{.lower = {-1}, .upper = {0.75}}});
  vector g;
  quadratic(p, g);
  int held = 0;
  for (std::size_t i = 0; i < n; ++i) {
    CHECK(p[i] >= -1);
    CHECK(p[i] <= 0.75);
    const double tolerance = sizeof(S) == 4 ? 1e-4 : 1e-6;
    const bool low = p[i] == -1, high = p[i] == 0.75;
    held += low || high;
    CHECK((low ? g[i] > -tolerance : high ? g[i] < tolerance : std::abs(g[i]) < tolerance));
  }
  CHECK(held > 1);
  CHECK(held < int(n));
}

TEST_CASE("laws/line_searches: within bounds, scipy's optimum of Rosenbrock's function") {
  for (const char* name : {"box_one", "box_two", "box_three"}) {
    const auto& rows = golden.at(name);   // start, lower, upper, optimum
    INFO(name);
    auto row = [&](index_t r) { return vector(rows.row(r), rows.row(r) + rows.row_size()); };
    problem at(rosenbrock, row(0));
    const vector p = minimum(at, {{.lower = row(1), .upper = row(2)}});
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(std::abs(p[i] - rows.row(3)[i]) < (sizeof(S) == 4 ? 3e-2 : 2e-5));
    if (sizeof(S) == 8) CHECK(at.evaluations < 400);
  }
}

TEST_CASE("laws/line_searches: a state that goes out and in again takes the same steps") {
  for (const vector& bound : {vector{}, vector{0.5}}) {
    const optim::lbfgs o{{.max_iterations = 1, .max_evaluations = 25, .history = 4, .upper = bound}};
    problem whole(rosenbrock, search_start()), halves(rosenbrock, search_start());
    optim::lbfgs::state<tested> first(whole.n), second(whole.n), third(whole.n);
    for (int s = 0; s < 14; ++s) whole.step(o, first);
    for (int s = 0; s < 7; ++s) halves.step(o, second);
    std::vector<vector> kept;
    auto out = [&](const char*, auto& v) {
      if constexpr (requires { v.data(); }) {
        std::vector<S> host(static_cast<std::size_t>(v.size()));
        tested::to_host(context, v.data(), host.data(), v.size());
        kept.emplace_back(host.begin(), host.end());
      } else kept.push_back({double(v)});
    };
    std::size_t next = 0;
    auto in = [&](const char*, auto& v) {
      const vector& from = kept[next++];
      if constexpr (requires { v.data(); }) {
        v = tested::buffer<S>(index_t(from.size()));
        const std::vector<S> host(from.begin(), from.end());
        tested::from_host(context, host.data(), v.data(), v.size());
      } else v = std::remove_reference_t<decltype(v)>(from[0]);
    };
    second.visit(out);
    third.visit(in);
    CHECK(next == kept.size());
    for (int s = 0; s < 7; ++s) halves.step(o, third);
    CHECK(whole.now() == halves.now());
  }
}

TEST_CASE("laws/line_searches: padding stays exactly zero") {
  using net = nn::sequential<nn::input<5>, nn::dense<13>, nn::tanh_layer, nn::dense<3>>;
  nn::model<net, tested> m(key{1});
  optim::lbfgs::state<tested> state(m.stored_count);
  ndarray<S> x(6, 5), t(6, 3);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(key{2}.uniform(std::uint64_t(i)));
  for (index_t i = 0; i < t.size(); ++i) t[i] = S(key{3}.normal(std::uint64_t(i)));
  tested::buffer<S> targets(t.size());
  tested::from_host(m.context(), static_cast<const S*>(t.data()), targets.data(), t.size());
  double first = 0, last = 0;
  for (int step = 0; step < 10; ++step) {
    last = optim::lbfgs{}.step<tested>(m.context(), m.parameters().data(), m.gradients().data(), state, m.stored_count, [&] {
      m.parameters_changed();
      m.load(x);
      m.zero_gradients();
      return m.add_gradients(nn::mean_squared_error{}, targets.data(), nullptr, S(1));
    });
    if (step == 0) first = last;
  }
  CHECK(last < 0.05 * first);
  std::vector<S> stored(std::size_t(m.stored_count));
  tested::to_host(m.context(), static_cast<const S*>(m.parameters().data()), stored.data(), m.stored_count);
  std::vector<bool> used(stored.size());
  m.fields([&](const std::string&, const field& f, auto at) {
    for (index_t e = 0; e < f.shape.size(); ++e) used[std::size_t(at(e))] = true;
  });
  for (std::size_t i = 0; i < stored.size(); ++i)
    if (!used[i]) CHECK(stored[i] == 0);
}

TEST_CASE("laws/line_searches: mistakes are told") {
  problem at(rosenbrock, {1, 2, 3});
  optim::lbfgs::state<tested> a(3), b(3), d(3);
  CHECK_THROWS_AS(at.step({{.lower = {1}, .upper = {0}}}, a), invalid_argument);
  CHECK_THROWS_AS(at.step({{.lower = {0, 0}}}, b), shape_mismatch);
  problem wild([](const vector& p, vector& g) { return g = p, double(NAN); }, {1, 2, 3});
  CHECK_THROWS_AS(wild.step({}, d), numerical_error);
}
