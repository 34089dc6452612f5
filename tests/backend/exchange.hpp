// One network whose parameters move between backends; each backend in a file of its own.
#pragma once
#include <string>
#include <vector>

// Gradients of sum(y * y) / 2 for a batch of fixed numbers, at canonical parameters p, in canonical order; if `steps` is not 0, the
// parameters after so many steps of Adam. Without p from the first guess.
#define COSMOML_TEST_ON(name) std::vector<double> exchange_on_##name(const std::vector<double>& p, int steps)
struct checkpointed {
  std::vector<double> parameters;
  bool resumed = false;
};
// A fit of fixed numbers up to so many epochs, which goes on from the checkpoint at `path` if there is one and leaves one there.
#define COSMOML_TEST_CHECKPOINT_ON(name) checkpointed checkpoint_on_##name(const std::string& path, int epochs)
