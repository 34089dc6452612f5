// Gradients of whole networks, narrow ones: composites in composites, statistics, dropout and sampling among them.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn/check_layer.hpp>
#include <cosmoml/papers/deepcmb.hpp>
#include <cosmoml/papers/halo_profiles.hpp>
#include <doctest/doctest.h>

using namespace cosmoml;
using namespace cosmoml::nn;

namespace {
template <class Net>
void check(layer_check_options options) {
  const auto report = check_layer<Net, backend::native<double>>(key{17}, options);
  INFO(report.describe());
  CHECK(report.within(1e-6));
}
}

TEST_CASE("papers/gradients: the ResUNet") { check<papers::deepcmb::resunet<8, 2>>({.batch = 2, .entries = 150}); }
TEST_CASE("papers/gradients: the variational encoder with image and radius") {
  using namespace papers::halo_profiles;
  using encode = sequential<block<2>, block<3, false>, flatten, dense<6>>;
  check<papers::halo_profiles::network<6, 3, encode, papers::halo_profiles::decoder<3, 5>>>({.batch = 3, .entries = 100});
}
