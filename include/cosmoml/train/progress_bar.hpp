// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/observer.hpp>

#include <cstdio>
#include <string>
#include <unistd.h>

namespace cosmoml::inline COSMOML_ABI::train {

// An observer that draws how far a fit is: bar, samples a second, time left, loss. On a terminal it redraws one line ten times a
// second; elsewhere (a file, a pipe) it says nothing.
class progress_bar {
public:
  explicit progress_bar(std::string title, std::FILE* to = stderr) : title_(std::move(title)), to_(to), terminal_(isatty(fileno(to)) == 1) {}
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;
  ~progress_bar() {
    if (drawn_) std::fputs("\n", to_);
  }

  void on_batch(const progress& p) {
    if (!terminal_) return;
    const bool last = p.batch == p.batches;
    if (p.seconds - shown_at_ < 0.1 && !(last && p.epoch + 1 == p.epochs)) return;
    shown_at_ = p.seconds;
    const double epochs_done = p.epoch + double(p.batch) / double(p.batches), share = epochs_done / p.epochs;
    const double rate = p.seconds > 0 ? epochs_done * double(p.samples) / p.seconds : 0, left = share > 0 ? p.seconds * (1 / share - 1) : 0;
    constexpr int width = 24;
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < int(share * width + 0.5) ? "#" : ".";
    std::fprintf(to_, "\r%-22s %s %3.0f %%  epoch %d/%d  %.0f/s  %d:%02d left  loss %.4f  ", title_.c_str(), bar.c_str(), 100 * share, p.epoch + 1, p.epochs,
                 rate, int(left) / 60, int(left) % 60, p.loss);
    std::fflush(to_);
    drawn_ = true;
  }

private:
  std::string title_;
  std::FILE* to_;
  bool terminal_, drawn_ = false;
  double shown_at_ = -1;
};

}
