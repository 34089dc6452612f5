#include <cosmoml/nn.hpp>
#include <cosmoml/papers/wavpool.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;
using namespace cosmoml::nn;

TEST_CASE("nn/summary: names, shapes, counts") {
  const std::string s = summary<sequential<input<3, 4>, flatten, named<"hidden", dense<5>>, relu, dense<2>>>();
  CHECK(s.find("(3, 4)") != std::string::npos);
  CHECK(s.find("hidden") != std::string::npos);
  CHECK(s.find("77 parameters\n") != std::string::npos);
  CHECK(s.find("never") == std::string::npos);
}

TEST_CASE("nn/summary: tells what the floor of a pooling kills") {
  const std::string s = summary<papers::wavpool::tuned_32>();
  CHECK(s.find("201672 parameters, of which 181610 can never change the output") != std::string::npos);
  CHECK(s.find("172704  never read") != std::string::npos);
}

TEST_CASE("nn: shapes, counts and dead parameters are known to the compiler") {
  using net = sequential<input<10>, parallel<join::concatenate, dense<4>, sequential<dense<3>, relu>>, max_pool_over<window<2>>, dense<2>>;
  static_assert(std::is_same_v<net::output, shape<2>>, "two outputs");
  static_assert(net::parameter_count == 44 + 33 + 8, "every layer counts");
  static_assert(net::dead_parameter_count == 11, "the seventh of seven inputs fills no window: one unit of dense<3>");
  using kept = sequential<input<7>, max_pool_over<window<3>, pool_options{.leftover = leftover::keep}>>;
  static_assert(std::is_same_v<kept::output, shape<3>>, "two windows and one element left");
  using partial = sequential<input<8>, max_pool_over<window<3>, pool_options{.leftover = leftover::partial}>>;
  static_assert(std::is_same_v<partial::output, shape<3>>, "three windows, the last of two");
  CHECK(net::dead_parameter_count == 11);
}
