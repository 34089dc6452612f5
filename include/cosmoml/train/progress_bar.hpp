// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/observer.hpp>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::train {

// Draws how far one fit or several are: bar, samples a second, time left, loss. On a terminal it redraws one line ten times a second;
// elsewhere (a file, a pipe) it says nothing.
//
//   progress_bar bar("WavPool");              fit(..., bar)
//   progress_bar bar("three seeds", 3);       auto task = bar.task(i); fit(..., task): from any thread
class progress_bar {
public:
  explicit progress_bar(std::string title, int tasks = 1, std::FILE* to = stderr)
      : title_(std::move(title)), tasks_(std::size_t(tasks)), to_(to), terminal_(isatty(fileno(to)) == 1), start_(clock::now()) {}
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;
  ~progress_bar() {
    if (drawn_) std::fputs("\n", to_);
  }

  // The observer of one of the fits; the fit counts as done when it goes.
  class observer {
  public:
    observer(progress_bar& bar, std::size_t number) : bar_(bar), number_(number) {}
    observer(const observer&) = delete;
    observer& operator=(const observer&) = delete;
    ~observer() { bar_.finish(number_); }
    void on_batch(const progress& p) { bar_.hear(number_, p); }

  private:
    progress_bar& bar_;
    std::size_t number_;
  };
  observer task(int number) { return {*this, std::size_t(number)}; }
  void on_batch(const progress& p) { hear(0, p); }

private:
  using clock = std::chrono::steady_clock;
  struct state {
    double share = 0, samples = 0, loss = 0;
  };
  void hear(std::size_t number, const progress& p) {
    if (!terminal_) return;
    const std::lock_guard lock(mutex_);
    const double epochs_done = p.epoch + double(p.batch) / double(p.batches);
    tasks_[number] = {epochs_done / p.epochs, epochs_done * double(p.samples), p.loss};
    last_ = number;
    draw(false);
  }
  void finish(std::size_t number) {
    if (!terminal_) return;
    const std::lock_guard lock(mutex_);
    tasks_[number].share = 1;
    draw(true);
  }
  void draw(bool now) {
    const double seconds = std::chrono::duration<double>(clock::now() - start_).count();
    if (!now && seconds - shown_at_ < 0.1) return;
    shown_at_ = seconds;
    double share = 0, samples = 0;
    for (const state& t : tasks_) share += t.share / double(tasks_.size()), samples += t.samples;
    const double left = share > 0 ? seconds * (1 / share - 1) : 0;
    constexpr int width = 24;
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < int(share * width + 0.5) ? "#" : ".";
    std::fprintf(to_, "\r%-26s %s %3.0f %%  %.0f samples/s  %d:%02d left  loss %.4f  ", title_.c_str(), bar.c_str(), 100 * share,
                 seconds > 0 ? samples / seconds : 0.0, int(left) / 60, int(left) % 60, tasks_[last_].loss);
    std::fflush(to_);
    drawn_ = true;
  }

  std::string title_;
  std::vector<state> tasks_;
  std::FILE* to_;
  bool terminal_, drawn_ = false;
  clock::time_point start_;
  std::mutex mutex_;
  std::size_t last_ = 0;
  double shown_at_ = -1;
};

}
