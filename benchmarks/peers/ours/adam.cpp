// SPDX-License-Identifier: BSL-1.0
#include "network.hpp"

using namespace cosmoml;

namespace {
using B = backend::native<float>;
constexpr index_t n = 10'000'000;

struct step : peers::workload {
  explicit step(const peers::store& s) : g(s.read<float>("adam-gradient")) {}
  void reset(int) override {
    std::fill(p.begin(), p.end(), 1.0f);
    moments = optim::adam::state<B>(n);
  }
  void call() override { adam.step<B>(context, p.data(), g.data(), moments, n); }
  std::vector<double> check() override {
    for (int i = 0; i < 3; ++i) call();
    return {p.begin(), p.begin() + 1000};
  }
  optim::adam adam{{.learning_rate = 1e-3}};
  B::context context;
  optim::adam::state<B> moments{n};
  std::vector<float> p = std::vector<float>(n), g;
};

const peers::add added("adam_1e7", [](const peers::store& s) { return std::make_unique<step>(s); },
                       [](const peers::store& s) {
                         std::vector<float> g(n);
                         for (index_t i = 0; i < n; ++i) g[std::size_t(i)] = key{4}.uniform<float>(std::uint64_t(i)) - 0.5f;
                         s.write("adam-gradient", g);
                       });
}
