// Canonical parameters and gradients of one network move between backends, scalars and vector widths.
#include "backend/exchange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#define PLACE(name) COSMOML_TEST_ON(name);
COSMOML_TEST_PLACES
#undef PLACE

namespace {
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  CHECK(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}
struct place {
  std::string name;
  std::vector<double> (*run)(const std::vector<double>&, int);
  bool single() const { return name.find("double") == std::string::npos; }
};
#define PLACE(name) {#name, exchange_on_##name},
const std::vector<place> places{COSMOML_TEST_PLACES};
#undef PLACE
}

TEST_CASE("backend/exchange: the same parameters give the same gradients everywhere") {
  CHECK(places.size() >= 5);
  const auto start = exchange_on_native_float({}, 1);   // floats, after one step
  const auto exact = exchange_on_reference_double(start, 0);
  double scale = 0;
  for (double g : exact) scale = std::max(scale, std::abs(g));
  CHECK(scale > 1e-3);
  for (const place& p : places) {
    INFO(p.name);
    CHECK(distance(p.run(start, 0), exact) < (p.single() ? 1e-5 : 1e-13) * scale);
  }
}

TEST_CASE("backend/exchange: training goes on where another backend left it") {
  // ten steps on each in turn, against as many in one place, its optimiser also begun anew every ten
  std::vector<double> moved, stayed;
  for (const place& p : places) {
    moved = p.run(moved, 10);
    stayed = exchange_on_reference_double(stayed, 10);
    INFO(p.name);
    CHECK(distance(moved, stayed) < 1e-4);
  }
  CHECK(distance(moved, exchange_on_reference_double({}, 10)) > 1e-2);   // they did move
}
