// Canonical parameters and gradients of one network move between backends, scalars and vector widths.
#include <cosmoml/backend/eigen.hpp>
#include <cosmoml/backend/native.hpp>
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/backend/thrust.hpp>

#include "backend/exchange.hpp"

#if defined(COSMOML_TEST_XTENSOR)
#include <cosmoml/backend/xtensor.hpp>
#endif

#include <doctest/doctest.h>

#include <cmath>

using namespace cosmoml;

namespace {
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  CHECK(a.size() == b.size());
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}
using runner = std::vector<double> (*)(const std::vector<double>&, int);
struct place {
  const char* name;
  runner run;
  bool single;
};
const place places[] = {
    {"reference<double>", exchange::run<backend::reference<double>>, false},
    {"native<double>", exchange::run<backend::native<double>>, false},
    {"native<float>", exchange::run<backend::native<float>>, true},
    {"native<float> at 16 bytes", run_at_16, true},
    {"native<float> at its widest", run_at_64, true},
    {"eigen<float>", exchange::run<backend::eigen<float>>, true},
    {"eigen<double>", exchange::run<backend::eigen<double>>, false},
    {"thrust<float, cpp>", exchange::run<backend::thrust<float, exec::cpp>>, true},
#if defined(COSMOML_TEST_XTENSOR)
    {"xtensor<float>", exchange::run<backend::xtensor<float>>, true},
    {"xtensor<double>", exchange::run<backend::xtensor<double>>, false},
#endif
};
}

TEST_CASE("backend/exchange: the same parameters give the same gradients everywhere") {
  const auto start = exchange::run<backend::reference<float>>({}, 1);   // floats, not the initial ones
  const auto exact = exchange::run<backend::reference<double>>(start, 0);
  double scale = 0;
  for (double g : exact) scale = std::max(scale, std::abs(g));
  CHECK(scale > 1e-3);
  for (const place& p : places) {
    INFO(p.name);
    CHECK(distance(p.run(start, 0), exact) < (p.single ? 1e-5 : 1e-13) * scale);
  }
}

TEST_CASE("backend/exchange: training goes on where another backend left it") {
  // ten steps on each in turn, against the same hundred and more in one place, its optimiser also begun anew every ten
  std::vector<double> moved, stayed;
  for (const place& p : places) {
    moved = p.run(moved, 10);
    stayed = exchange::run<backend::reference<double>>(stayed, 10);
    INFO(p.name);
    CHECK(distance(moved, stayed) < 1e-4);
  }
  CHECK(distance(moved, exchange::run<backend::reference<double>>({}, 10)) > 1e-2);   // they did move
}
