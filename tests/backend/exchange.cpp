// Canonical parameters and gradients of one network move between backends, scalars and vector widths.
#include "support/scratch.hpp"
#include "support/worse.hpp"

#include "backend/exchange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>

#define PLACE(name) COSMOML_TEST_ON(name); COSMOML_TEST_CHECKPOINT_ON(name);
COSMOML_TEST_PLACES
#undef PLACE

namespace {
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  CHECK(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = tests::worse(worst, std::abs(a[i] - b[i]));
  return worst;
}
struct place {
  std::string name;
  std::vector<double> (*run)(const std::vector<double>&, int);
  checkpointed (*fit)(const std::string&, int);
  bool single() const { return name.find("double") == std::string::npos; }
};
#define PLACE(name) {#name, exchange_on_##name, checkpoint_on_##name},
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

// Parameters, Adam's moments and the place in the order of the samples go through the file: of the same scalar, for its bits are kept.
TEST_CASE("backend/exchange: a checkpoint goes on where another backend, or another width of vectors, wrote it") {
  for (const bool single : {true, false}) {
    const tests::scratch folder;
    const std::string moving = folder.file("moving"), staying = folder.file("staying");
    std::vector<place> alike;
    std::copy_if(places.begin(), places.end(), std::back_inserter(alike), [&](const place& p) { return p.single() == single; });
    REQUIRE(alike.size() >= 2);
    int epochs = 0;
    std::vector<double> start;
    for (const place& p : alike) {
      INFO(p.name);
      epochs += 3;
      const checkpointed moved = p.fit(moving, epochs), stayed = alike.front().fit(staying, epochs);
      CHECK(moved.resumed == (epochs > 3));
      CHECK(distance(moved.parameters, stayed.parameters) < (single ? 1e-4 : 1e-11));
      if (start.empty()) start = moved.parameters;
    }
    CHECK(distance(start, alike.back().fit(moving, epochs).parameters) > 1e-3);
  }
}
