// Trainings in child processes that are killed without notice at random moments, and asked to stop by SIGTERM: the checkpoint is always whole,
// and what goes on from it has the bits of a training that was left alone.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
using backend_type = backend::native<float>;
using net = sequential<input<3>, dense<17>, batch_norm<>, relu, dropout<dropout_options{.rate = 0.2}>, dense<2>>;
using clock_type = std::chrono::steady_clock;

struct task {
  ndarray<double> x{index_t(40), index_t(3)}, y{index_t(40), index_t(2)};
  std::string path = "/tmp/cosmoml-killed-" + std::to_string(getpid());
  task() {
    for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal(std::uint64_t(i));
    for (index_t i = 0; i < y.size(); ++i) y[i] = key{2}.normal(std::uint64_t(i));
  }
  ~task() { forget(); }
  void forget() const {
    std::remove(path.c_str());
    std::remove((path + ".part").c_str());
  }
  // Parameters, statistics and losses at the end.
  template <class... Observer>
  std::vector<double> run(bool with_file, int epochs, Observer&... observers) const {
    model<net, backend_type> m(key{3});
    const auto r = train::fit(m, train::pair_up(x, y), train::pair_up(x, y), mean_squared_error{}, optim::adam{{.learning_rate = 0.01}},
                              {.epochs = epochs, .batch_size = 8, .randomness = key{4}, .schedule = optim::cosine_restarts{{.length = 4}},
                               .average = {.kind = optim::averaging::exponential, .decay = 0.9}},
                              train::checkpoint{.path = with_file ? path : "", .every_steps = 1}, observers...);
    std::vector<double> all;
    for (const float v : m.canonical_parameters()) all.push_back(double(v));
    for (const float v : m.canonical_statistics()) all.push_back(double(v));
    for (const auto& row : r.history) all.push_back(row.loss), all.push_back(row.validation_loss);
    return all;
  }
  // Steps in the file; -1: there is none. Throws where it is not whole.
  std::int64_t steps_in_file() const {
    if (::access(path.c_str(), F_OK) != 0) return -1;
    train::detail::checkpoint_reader file(path);
    std::int64_t steps = 0;
    file.number("steps", steps);
    return steps;
  }
};
// Runs `work` in a child; the parent goes on with its number.
template <class F>
pid_t child(F&& work) {
  const pid_t id = fork();
  if (id == 0) {
    int status = 3;
    try {
      status = work();
    } catch (...) {
    }
    _exit(status);
  }
  return id;
}
}

TEST_CASE("train/killed: kill -9 at fifty random moments") {
  const task t;
  constexpr int epochs = 5;
  const auto wanted = t.run(false, epochs);
  const auto start = clock_type::now();
  CHECK(t.run(true, epochs) == wanted);
  const double seconds = std::chrono::duration<double>(clock_type::now() - start).count();
  const std::int64_t all = t.steps_in_file();
  CHECK(all == 5 * epochs);
  int cut = 0;
  for (int kill_number = 0; kill_number < 50; ++kill_number) {
    INFO("kill ", kill_number);
    t.forget();
    const pid_t id = child([&] { return t.run(true, epochs).empty() ? 1 : 0; });
    REQUIRE(id > 0);
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds * key{std::uint64_t(clock_type::now().time_since_epoch().count())}.uniform(0)));
    kill(id, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(id, &status, 0) == id);
    const std::int64_t steps = t.steps_in_file();
    cut += steps > 0 && steps < all;
    CHECK(t.run(true, epochs) == wanted);
    CHECK(t.steps_in_file() == all);
  }
  CHECK(cut > 0);
  MESSAGE(cut, " of 50 kills came between two steps that were written");
}

TEST_CASE("train/killed: SIGTERM ends the step, writes and leaves") {
  const task t;
  for (int number = 0; number < 5; ++number) {
    t.forget();
    const pid_t id = child([&] {
      train::stop_on_signal stop;
      t.run(true, 100000, stop);
      return stop.signal() == SIGTERM ? 0 : 1;
    });
    REQUIRE(id > 0);
    const auto begun = clock_type::now();
    while (t.steps_in_file() < 3 + number && clock_type::now() - begun < std::chrono::seconds(60)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(t.steps_in_file() >= 3 + number);
    kill(id, SIGTERM);
    int status = 0;
    REQUIRE(waitpid(id, &status, 0) == id);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    const std::int64_t steps = t.steps_in_file();
    const int epochs = int(steps / 5) + 2;
    CHECK(t.run(true, epochs) == t.run(false, epochs));
  }
}

TEST_CASE("train/killed: handlers of signals are there while asked for, and what was before comes back") {
  struct sigaction before = {}, now = {};
  sigaction(SIGUSR1, nullptr, &before);
  {
    train::stop_on_signal stop({SIGUSR1});
    CHECK_FALSE(stop.stop_requested());
    sigaction(SIGUSR1, nullptr, &now);
    CHECK((now.sa_handler != before.sa_handler));
    CHECK_THROWS_AS(train::stop_on_signal{}, invalid_argument);
    raise(SIGUSR1);
    CHECK(stop.stop_requested());
    CHECK(stop.signal() == SIGUSR1);
    const task t;
    CHECK(t.run(false, 5, stop).size() == t.run(false, 1).size() - 2);   // it left after one step: no row of history
  }
  sigaction(SIGUSR1, nullptr, &now);
  CHECK((now.sa_handler == before.sa_handler));
  train::stop_on_signal again({SIGUSR1});
  CHECK_FALSE(again.stop_requested());
  CHECK_THROWS_AS(([] { train::stop_on_signal impossible({SIGKILL}); }()), invalid_argument);
}
