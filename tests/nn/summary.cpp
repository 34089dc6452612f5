#include <cosmoml/backend/native.hpp>
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

TEST_CASE("nn/summary: where vectors run over the samples: between few channels, in training, unless it is switched off") {
  using few = sequential<input<1, 8, 8>, conv<8, 3>, relu, conv<4, 3>, relu, max_pool<2>, conv<20, 1>, flatten, dense<2>>;
  using B = backend::native<float>;
  const std::string with = model<few, B>(key{1}).summary(), without = model<few, B, mode::training, rewrites{.batch_vectors = false}>(key{1}).summary(),
                    predicting = model<few, B, mode::inference>(key{1}).summary();
  CHECK(with.find("padded rows to batch in vectors") != std::string::npos);
  CHECK(with.find("max_pool<2>: batch in vectors to channel blocks") != std::string::npos);
  CHECK(with.find("3 changes of layout") != std::string::npos);
  CHECK(without.find("batch in vectors") == std::string::npos);
  CHECK(predicting.find("batch in vectors") == std::string::npos);
  CHECK(model<sequential<input<1, 8, 8>, conv<32, 3>, relu, conv<20, 3>, flatten, dense<2>>, B>(key{1}).summary().find("batch in vectors") == std::string::npos);
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
