// One network whose parameters move between backends; each backend in a file of its own.
#pragma once
#include <vector>

// Gradients of sum(y * y) / 2 for a batch of fixed numbers, at canonical parameters p, in canonical order; if `steps` is not 0, the
// parameters after so many steps of Adam. Without p from the first guess.
#define COSMOML_TEST_ON(name) std::vector<double> exchange_on_##name(const std::vector<double>& p, int steps)
