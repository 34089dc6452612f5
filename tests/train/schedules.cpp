// Schedules of the learning rate against PyTorch's.
#include "support/golden.hpp"

#include <cosmoml/optim.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;
using namespace cosmoml::optim;

namespace {
const auto golden = tests::read_golden("schedules.txt");

// Rates after t counts, in steps and in epochs of three steps.
void check(const char* name, const schedule& s, per unit) {
  INFO(name);
  const auto& wanted = golden.at(name);
  const auto& losses = golden.at("losses");
  REQUIRE(wanted.size() == 60);
  for (index_t t = 0; t < 60; ++t) {
    const std::span<const double> seen(losses.data(), std::size_t(t));
    INFO("at ", t);
    CHECK(0.2 * s({t, 1, seen}) == doctest::Approx(wanted[t]).epsilon(1e-9));
    if (unit == per::epoch)
      for (index_t step = 0; step < 3; ++step) CHECK(0.2 * s({3 * t + step, 3, seen}) == doctest::Approx(wanted[t]).epsilon(1e-9));
    else CHECK(0.2 * s({t, 7, {}}) == doctest::Approx(wanted[t]).epsilon(1e-9));
  }
}
}

TEST_CASE("train/schedules: sixty learning rates equal PyTorch's") {
  check("constant", constant_rate{0.3}, per::step);
  check("step_decay", step_decay{{.length = 7, .factor = 0.4}}, per::epoch);
  check("step_decay", step_decay{{.length = 7, .factor = 0.4, .every = per::step}}, per::step);
  check("exponential_decay", exponential_decay{{.factor = 0.93}}, per::epoch);
  check("cosine_restarts", cosine_restarts{{.length = 9, .lowest = 0.1}}, per::epoch);
  check("cosine_growing", cosine_restarts{{.length = 4, .growth = 3}}, per::epoch);
  check("one_cycle", one_cycle{{.length = 60}}, per::step);
  check("one_cycle_linear", one_cycle{{.length = 60, .rising = 0.45, .start = 0.1, .end = 0.001, .linear = true}}, per::step);
  check("triangular", triangular{{.up = 7, .down = 5, .lowest = 0.25}}, per::step);
  check("triangular2", triangular{{.up = 6, .shrink = 0.5}}, per::step);
  check("triangular_decaying", triangular{{.up = 6, .decay = 0.97}}, per::step);
  check("plateau", plateau{{.factor = 0.5, .patience = 3, .threshold = 1e-3, .cooldown = 2, .lowest = 0.05}}, per::epoch);
  check("warm_up_cosine", warm_up{{.length = 8, .start = 0.1, .every = per::epoch}, cosine_restarts{{.length = 10}}}, per::epoch);
  check("warm_up_cosine", warm_up{{.length = 8, .start = 0.1}, cosine_restarts{{.length = 10, .every = per::step}}}, per::step);
  check("warm_up_alone", warm_up{}, per::step);
}

TEST_CASE("train/schedules: sixty momenta equal PyTorch's") {
  const auto momenta = [](const char* name, double highest, const schedule& s) {
    const auto& wanted = golden.at(name);
    REQUIRE(wanted.size() == 60);
    for (index_t t = 0; t < 60; ++t) CHECK(highest * s({t, 1, {}}) == doctest::Approx(wanted[t]).epsilon(1e-9));
  };
  momenta("one_cycle_momentum", 0.95, one_cycle_momentum{{.length = 60}});
  momenta("one_cycle_momentum_linear", 0.8, one_cycle_momentum{{.length = 60, .rising = 0.45, .lowest = 0.75, .linear = true}});
}

TEST_CASE("train/schedules: a warm-up in steps before a schedule in epochs, and before a plateau") {
  const schedule s = warm_up{{.length = 5}, step_decay{{.length = 1, .factor = 0.5}}};
  CHECK(s({4, 4, {}}) == doctest::Approx(1.0 / 3 + 2.0 / 3 * 0.8));
  CHECK(s({5, 4, {}}) == 1);
  CHECK(s({8, 4, {}}) == 1);
  CHECK(s({9, 4, {}}) == 0.5);
  const double losses[] = {9, 1, 1, 1, 1};   // the first epochs, warming up, do not count
  const schedule p = warm_up{{.length = 2, .every = per::epoch}, plateau{{.factor = 0.1, .patience = 1}}};
  CHECK(p({4, 1, {losses, 4}}) == 1);
  CHECK(p({5, 1, {losses, 5}}) == doctest::Approx(0.1));
}

TEST_CASE("train/schedules: mistakes are told") {
  CHECK_THROWS_AS(step_decay{{.length = 0}}({}), invalid_argument);
  CHECK_THROWS_AS(cosine_restarts{{.growth = 0}}({}), invalid_argument);
  CHECK_THROWS_AS(one_cycle{}({}), invalid_argument);
  CHECK_THROWS_AS((one_cycle_momentum{{.length = 9, .rising = 1}}({})), invalid_argument);
  CHECK_THROWS_AS(triangular{{.up = 0}}({}), invalid_argument);
}
