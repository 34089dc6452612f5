// Gradients of weights that are sums of few terms, one for each sample and pixel: a direct sum is next to exact there, and whatever the plan
// takes is within ten times of it.
#include "support/convolution_errors.hpp"

#include <doctest/doctest.h>

using namespace tests;

namespace {
template <class Case>
void check(std::initializer_list<index_t> batches) {
  for (index_t batch : batches) {
    const convolution_errors e = errors_of_convolution<Case>(batch, 5);
    CAPTURE(batch);
    for (int p = 0; p < 3; ++p) {
      CAPTURE(p);
      CHECK(e.planned[p] < 2e-4);
      CHECK(e.planned[p] <= 10 * e.direct[p]);
    }
  }
}
}

TEST_CASE("backend/few_terms: tiles of four for kernels of five") { check<convolution_case<32, 32, 2, 8, 5>>({1, 9, 16, 64, 127, 128}); }
TEST_CASE("backend/few_terms: tiles of five") {
  check<convolution_case<64, 64, 2, 5, 3>>({1, 8, 32, 64, 81, 82});
  check<convolution_case<16, 16, 2, 10, 3>>({5, 10, 20, 21});
}
TEST_CASE("backend/few_terms: boxes") {
  check<convolution_case<16, 16, 3, 8, 3>>({1, 2, 3});
  check<convolution_case<32, 32, 3, 4, 3>>({2, 4, 15, 16});
}
