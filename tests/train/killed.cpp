// Trainings in child processes that are killed without notice at random moments, and asked to stop by SIGTERM: the checkpoint is always whole,
// and what goes on from it has the bits of a training that was left alone.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include <doctest/doctest.h>
#include <support/scratch.hpp>

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
constexpr int steps_per_epoch = 5;
struct outcome {
  std::vector<double> numbers;   // parameters, statistics and losses at the end
  bool resumed;
  index_t steps;
};
struct task {
  ndarray<double> x{index_t(8 * steps_per_epoch), index_t(3)}, y{index_t(8 * steps_per_epoch), index_t(2)};
  tests::scratch folder;
  std::string path = folder.file("run.checkpoint");
  task() {
    for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.normal(std::uint64_t(i));
    for (index_t i = 0; i < y.size(); ++i) y[i] = key{2}.normal(std::uint64_t(i));
  }
  void forget() const {
    std::remove(path.c_str());
    std::remove((path + ".part").c_str());
  }
  template <class... Observer>
  outcome run(const train::checkpoint& file, int epochs, key start, Observer&&... observers) const {
    model<net, backend_type> m(start);
    const auto r = train::fit(m, train::pair_up(x, y), train::pair_up(x, y), mean_squared_error{}, optim::adam{{.learning_rate = 0.01}},
                              {.epochs = epochs, .batch_size = 8, .randomness = key{4}, .schedule = optim::cosine_restarts{{.length = 4}},
                               .average = {.kind = optim::averaging::exponential, .decay = 0.9}},
                              file, observers...);
    std::vector<double> all;
    for (const float v : m.canonical_parameters()) all.push_back(double(v));
    for (const float v : m.canonical_statistics()) all.push_back(double(v));
    for (const auto& row : r.history) all.push_back(row.loss), all.push_back(row.validation_loss);
    return {all, r.resumed, r.steps};
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
constexpr key begun{3}, other{99};   // of the parameters at the start: a training that resumes has nothing of its own

// In the child: a byte for each step, as long as somebody reads them.
struct tells_steps {
  int to, most = 1000;
  void on_batch(const train::progress&) {
    if (most-- > 0) (void)!::write(to, "", 1);
  }
};
// A process that runs work(tells_steps) and ends with what it returns.
class child {
public:
  template <class F>
  explicit child(F&& work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    id_ = ::fork();
    REQUIRE(id_ >= 0);
    if (id_ == 0) {
      ::close(ends[0]);
      int status = 3;
      try {
        status = work(tells_steps{ends[1]});
      } catch (...) {
      }
      ::_exit(status);
    }
    ::close(ends[1]);
    from_ = ends[0];
  }
  child(const child&) = delete;
  ~child() { ::close(from_); }
  // Waits for so many further steps; false: it ended before.
  bool steps(int n) {
    char c;
    while (n > 0 && ::read(from_, &c, 1) == 1) --n;
    return n == 0;
  }
  // How it ended after this signal.
  int end_by(int signal) {
    int status = -1;
    ::kill(id_, signal);
    REQUIRE(::waitpid(id_, &status, 0) == id_);
    return status;
  }

private:
  pid_t id_ = -1;
  int from_ = -1;
};
}

TEST_CASE("train/killed: kill -9 at fifty random moments") {
  const task t;
  constexpr int epochs = 5, all = epochs * steps_per_epoch;
  const train::checkpoint file{.path = t.path, .every_steps = 1};
  const auto wanted = t.run({}, epochs, begun).numbers;
  CHECK(t.run({}, epochs, other).numbers != wanted);
  const auto start = std::chrono::steady_clock::now();
  CHECK(t.run(file, epochs, begun).numbers == wanted);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CHECK(t.steps_in_file() == all);
  const auto seed = std::uint64_t(start.time_since_epoch().count());
  INFO("seed ", seed);
  int cut = 0, writing = 0;
  for (std::uint64_t number = 0; number < 50; ++number) {
    const key k = key{seed}.fold(number);
    INFO("kill ", number);
    t.forget();
    {
      child c([&](tells_steps tells) { return t.run(file, epochs, begun, tells).resumed ? 1 : 0; });
      REQUIRE(c.steps(int(k.below(all, 0))));   // none to all but one; it is then about to write a file
      std::this_thread::sleep_for(std::chrono::duration<double>(1.5 * seconds / all * k.uniform(1)));
      c.end_by(SIGKILL);
    }
    const std::int64_t steps = t.steps_in_file();
    cut += steps > 0 && steps < all;
    writing += ::access((t.path + ".part").c_str(), F_OK) == 0;
    const auto rest = t.run(file, epochs, steps < 0 ? begun : other);
    CHECK(rest.resumed == (steps >= 0));
    CHECK(rest.numbers == wanted);
    CHECK(t.steps_in_file() == all);
  }
  MESSAGE(cut, " of 50 kills came between the first step and the last, ", writing, " while a file was written");
  CHECK(cut >= 25);
}

TEST_CASE("train/killed: SIGTERM ends the step, writes and leaves, though nothing else writes") {
  const task t;
  const train::checkpoint file{.path = t.path, .every_steps = 0, .every_epochs = 0};
  for (const int told : {1, 3, 5, 8, 40}) {   // within epochs and at their ends
    INFO("after ", told, " steps");
    t.forget();
    child c([&](tells_steps tells) {
      train::stop_on_signal stop;
      const auto r = t.run(file, 100000, begun, stop, tells);
      return stop.signal() == SIGTERM && !r.resumed && t.steps_in_file() == r.steps ? 0 : 1;
    });
    REQUIRE(c.steps(told));
    CHECK(t.steps_in_file() == 0);   // the one that says the path is good
    const int status = c.end_by(SIGTERM);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    const std::int64_t steps = t.steps_in_file();
    CHECK(steps >= told);
    const int epochs = int(steps / steps_per_epoch) + 2;
    const auto rest = t.run(file, epochs, other);
    CHECK(rest.resumed);
    CHECK(rest.numbers == t.run({}, epochs, begun).numbers);
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
    CHECK(t.run({}, 5, begun, stop).steps == 1);
  }
  sigaction(SIGUSR1, nullptr, &now);
  CHECK((now.sa_handler == before.sa_handler));
  train::stop_on_signal again({SIGUSR1});
  CHECK_FALSE(again.stop_requested());
  CHECK_THROWS_AS(([] { train::stop_on_signal impossible({SIGKILL}); }()), invalid_argument);
}
