// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>

#include <atomic>
#include <csignal>
#include <initializer_list>
#include <utility>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train {

// While it lives, SIGTERM (or the signals that are named) asks the fits that observe it to end their step, write their checkpoint and return:
//   train::stop_on_signal stop;
//   train::fit(net, training, loss, optimizer, {.epochs = 20}, train::checkpoint{.path = "run.checkpoint"}, stop);
// The handlers that were there before come back with its end. One at a time; any number of fits, in any threads, may share it.
class stop_on_signal {
public:
  explicit stop_on_signal(std::initializer_list<int> signals = {SIGTERM}) {
    int idle = nobody;
    expect<invalid_argument>(flag().compare_exchange_strong(idle, waiting), "train::stop_on_signal", "share the one that is there", "another one alive");
    struct sigaction handler = {};
    handler.sa_handler = [](int number) { flag().store(number); };
    sigemptyset(&handler.sa_mask);
    handler.sa_flags = SA_RESTART;
    for (const int s : signals) {
      struct sigaction before = {};
      if (sigaction(s, &handler, &before) != 0) {
        restore();
        throw invalid_argument("train::stop_on_signal", text("signal ", s), "name signals that a program may catch");
      }
      before_.emplace_back(s, before);
    }
  }
  stop_on_signal(const stop_on_signal&) = delete;
  stop_on_signal& operator=(const stop_on_signal&) = delete;
  ~stop_on_signal() { restore(); }

  bool stop_requested() const { return flag().load() > 0; }
  // The signal that came; 0: none yet.
  int signal() const { return flag().load(); }
  const char* reason() const { return "a signal asked it to stop"; }

private:
  static constexpr int nobody = -1, waiting = 0;
  static std::atomic<int>& flag() {
    static_assert(std::atomic<int>::is_always_lock_free, "cosmoml: a signal handler may only touch atomics without locks");
    static constinit std::atomic<int> value{nobody};
    return value;
  }
  void restore() {
    for (const auto& [s, before] : before_) sigaction(s, &before, nullptr);
    flag().store(nobody);
  }
  std::vector<std::pair<int, struct sigaction>> before_;
};

}
