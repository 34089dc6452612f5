// A recorded training step replays what a plain one does: on a backend of our own that keeps a tape, as exec::cuda keeps a graph. The tape
// fixes every address and number that it was given, and does not run while it records.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <unistd.h>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
struct taped : exec::serial {
  struct context : exec::serial::context {
    std::vector<std::function<void(double&)>>* tape = nullptr;
    int replays = 0;
  };
  static void run(context& c, std::function<void(double&)> call) {
    double ignored = 0;
    if (c.tape) c.tape->push_back(std::move(call));
    else call(ignored);
  }
  template <class F>
  static void for_each(context& c, index_t n, F f) {
    run(c, [n, f](double&) {
      for (index_t i = 0; i < n; ++i) f(i);
    });
  }
  template <class F>
  static double sum_of(context& c, index_t n, F f) {
    double s = NAN;
    auto sum = [n, f](double& to) {
      to = 0;
      for (index_t i = 0; i < n; ++i) to += double(f(i));
    };
    if (c.tape) c.tape->push_back(sum);
    else sum(s);
    return s;
  }
  template <class T>
  static void fill(context& c, T* p, index_t n, std::type_identity_t<T> v) {
    run(c, [=](double&) { std::fill(p, p + n, v); });
  }
  template <class T>
  static void copy(context& c, const T* from, T* to, index_t n) {
    if (n > 0) run(c, [=](double&) { std::memmove(to, from, std::size_t(n) * sizeof(T)); });
  }
  template <class T>
  static void to_host(context& c, const T* from, T* to, index_t n) {
    expect<backend_error>(!c.tape, "copying to the host", "copy after the recorded step", "a recording in progress");
    copy(c, from, to, n);
  }
  template <class T>
  static void from_host(context& c, const T* from, T* to, index_t n) {
    expect<backend_error>(!c.tape, "copying from the host", "copy before the recorded step", "a recording in progress");
    copy(c, from, to, n);
  }
  class recording {
  public:
    template <class Calls>
    recording(context& c, Calls&& calls) {
      c.tape = &calls_;
      calls();
      c.tape = nullptr;
    }
    bool valid(const context&) const { return true; }
    double replay(context& c) {
      double s = NAN;
      for (auto& call : calls_) call(s);
      ++c.replays;
      return s;
    }

  private:
    std::vector<std::function<void(double&)>> calls_;
  };
};
struct tape_backend : backend::portable<double, taped> {
  static constexpr const char* name = "tape";
};
static_assert(Records<tape_backend> && !Records<backend::native<float>>, "a tape is a recording");

using net = sequential<input<3>, dense<11>, relu, dense<9>, dense<4>>;   // the last two are one in predictions, made when parameters change

template <class Optimizer>
void same_history(const Optimizer& optimizer, index_t samples) {
  ndarray<double> x(samples, 3), more(900, 3);
  std::vector<int> labels(static_cast<std::size_t>(samples)), more_labels(900);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal(std::uint64_t(i));
  for (index_t i = 0; i < more.size(); ++i) more[i] = key{3}.normal(std::uint64_t(i));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = int(key{2}.below(4, i));
  for (std::size_t i = 0; i < 900; ++i) more_labels[i] = int(key{4}.below(4, i));
  const auto training = train::pair_up(x, labels);
  const auto held_out = train::pair_up(more, more_labels);   // larger than a batch: the model's memory moves after the first epoch
  model<net, tape_backend> plain(key{5}), recorded(key{5});
  const auto a = train::fit(plain, training, held_out, cross_entropy{}, optimizer, {.epochs = 4, .batch_size = 8, .randomness = key{6}});
  const auto b = train::fit(recorded, training, held_out, cross_entropy{}, optimizer, {.epochs = 4, .batch_size = 8, .randomness = key{6}, .record = true});
  CHECK(plain.context().replays == 0);
  CHECK(recorded.context().replays == 4 * 6 - 3);   // six full batches an epoch; three run plainly because memory moved before them
  for (std::size_t e = 0; e < 4; ++e) {
    CHECK(a.history[e].loss == b.history[e].loss);
    CHECK(a.history[e].validation_loss == b.history[e].validation_loss);
  }
  const auto p = plain.canonical_parameters(), q = recorded.canonical_parameters();
  for (index_t i = 0; i < p.size(); ++i) CHECK(p[i] == q[i]);
}
}

TEST_CASE("train/captured: a recorded fit takes the steps of a plain one, bit for bit") {
  for (index_t samples : {index_t(48), index_t(53)}) {   // whole batches only, and a smaller last one
    same_history(optim::adam{{.learning_rate = 0.02}}, samples);
    same_history(optim::sgd{{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}}, samples);
  }
}

namespace {
template <class Net>
void takes_steps_one_by_one() {
  static_assert(model<Net, tape_backend>::draws_random_numbers);
  ndarray<double> x(32, 3), y(32, 4);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal(std::uint64_t(i));
  for (index_t i = 0; i < y.size(); ++i) y[i] = key{2}.normal(std::uint64_t(i));
  model<Net, tape_backend> plain(key{5}), recorded(key{5});
  train::fit_options options{.epochs = 3, .batch_size = 8, .randomness = key{6}};
  const auto a = train::fit(plain, train::pair_up(x, y), mean_squared_error{}, optim::adam{}, options);
  options.record = true;
  const auto b = train::fit(recorded, train::pair_up(x, y), mean_squared_error{}, optim::adam{}, options);
  CHECK(recorded.context().replays == 0);
  for (std::size_t e = 0; e < 3; ++e) CHECK(a.history[e].loss == b.history[e].loss);
  const auto p = plain.canonical_parameters(), q = recorded.canonical_parameters();
  for (index_t i = 0; i < p.size(); ++i) CHECK(p[i] == q[i]);
}
}
TEST_CASE("train/captured: layers that draw random numbers are not recorded, however deep they lie") {
  takes_steps_one_by_one<sequential<input<3>, dense<6>, dropout<>, dense<4>>>();
  takes_steps_one_by_one<sequential<input<3>, dense<6>, residual<sequential<dense<6>, relu, dropout<>>>, dense<4>>>();
  takes_steps_one_by_one<sequential<input<3>, dense<8>, gaussian_sample>>();
  static_assert(!model<net, tape_backend>::draws_random_numbers);
  static_assert(!model<sequential<input<3>, dense<6>, residual<sequential<dense<6>, relu>>>, tape_backend>::draws_random_numbers);
}

TEST_CASE("train/captured: recorded steps follow a schedule and give the same means and checkpoints; what cannot be recorded is stepped plainly") {
  ndarray<double> x(48, 3);
  std::vector<int> labels(48);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal(std::uint64_t(i));
  for (std::size_t i = 0; i < 48; ++i) labels[i] = int(key{2}.below(4, i));
  const std::string path = "/tmp/cosmoml-captured-" + std::to_string(getpid());
  auto run = [&](const auto& optimizer, train::fit_options o, bool record, const std::string& file = "") {
    o.record = record;
    o.batch_size = 8;
    o.randomness = key{6};
    model<net, tape_backend> m(key{5});
    train::fit(m, train::pair_up(x, labels), cross_entropy{}, optimizer, o, train::checkpoint{.path = file});
    const auto p = m.canonical_parameters();
    return std::pair{std::vector<double>(p.begin(), p.end()), m.context().replays};
  };
  const train::fit_options scheduled{.epochs = 4, .schedule = optim::exponential_decay{{.factor = 0.5}}, .average = {.kind = optim::averaging::exponential, .decay = 0.5}};
  const auto plain = run(optim::adamw{}, scheduled, false), recorded = run(optim::adamw{}, scheduled, true);
  CHECK(recorded.first == plain.first);
  CHECK(recorded.second == 4 * 6 - 2);   // two run plainly: the first, and one after memory moved
  auto cut = scheduled;
  cut.epochs = 2;
  run(optim::adamw{}, cut, true, path);
  cut.epochs = 4;
  CHECK(run(optim::adamw{}, cut, true, path).first == plain.first);
  std::remove(path.c_str());
  for (const auto& o : {scheduled, train::fit_options{.epochs = 2, .clip = {.norm = 0.1}}, train::fit_options{.epochs = 2, .accumulate = 2}, train::fit_options{.epochs = 2, .groups = {{.fields = "0", .rate = 0.5}}}}) {
    const auto a = run(optim::sgd{}, o, false), b = run(optim::sgd{}, o, true);
    CHECK(a.first == b.first);
    CHECK(b.second == 0);
  }
}

TEST_CASE("train/captured: a step on a backend that cannot record is a plain call") {
  backend::native<float>::context c;
  train::captured_step<backend::native<float>> step;
  int calls = 0;
  for (int i = 0; i < 3; ++i) CHECK(step(c, 1, [&] { return double(++calls); }) == i + 1);
  CHECK_FALSE(step.replays());
}

TEST_CASE("train/captured: copies inside a recording are errors") {
  tape_backend::context c;
  tape_backend::buffer<double> b(3);
  double host[3] = {};
  CHECK_THROWS_AS(tape_backend::recording(c, [&] { tape_backend::to_host(c, b.data(), host, 3); }), backend_error);
}
