// One call checks a network's gradients on the tested backend; the report is shown when it fails.
#pragma once
#include "support/backends.hpp"

#include <cosmoml/nn.hpp>
#include <cosmoml/nn/check_layer.hpp>

namespace tests {

inline void expect_right(const cosmoml::nn::layer_report& report) {
  INFO(report.describe());
  CHECK(report.within(gradient_tolerance<tested::scalar>));
}
template <class Net>
void check_gradients(cosmoml::nn::layer_check_options options = {}) {
  expect_right(cosmoml::nn::check_layer<Net, tested>(cosmoml::key{17}, options));
}

}
