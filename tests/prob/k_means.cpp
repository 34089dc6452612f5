// k-means against scikit-learn from equal centres, and its own laws.
#include "support/golden.hpp"

#include <cosmoml/prob/k_means.hpp>

#include <doctest/doctest.h>

using namespace cosmoml;

namespace {
const auto golden = tests::read_golden("mixtures.txt");
}

TEST_CASE("prob/k_means: Lloyd's algorithm ends where scikit-learn's does, dimensions 1 to 10") {
  for (const char* d : {"d1", "d2", "d3", "d5", "d8", "d10"}) {
    const std::string name = d;
    INFO(name);
    const prob::table<double> data(golden.at(name + "_x"));
    const auto r = prob::k_means(data, {}, golden.at(name + "_start_means"));
    CHECK(r.converged);
    CHECK(r.inertia == doctest::Approx(golden.at(name + "_kmeans_inertia")[0]).epsilon(1e-10));
    const auto& centers = golden.at(name + "_kmeans_centers");
    for (index_t i = 0; i < centers.size(); ++i) CHECK(r.centers[i] == doctest::Approx(centers[i]).epsilon(1e-9));
    for (std::size_t i = 0; i < r.labels.size(); ++i) CHECK((r.labels[i] >= 0 && r.labels[i] < centers.rows()));
  }
}

TEST_CASE("prob/k_means: k-means++ finds far clumps, bits do not depend on threads, weights are copies, no cluster stays empty") {
  ndarray<double> x(9000, 2);
  for (index_t i = 0; i < 9000; ++i)
    for (index_t a = 0; a < 2; ++a) x[2 * i + a] = 50 * double(a ? i % 3 : i % 4) + key{1}.normal(std::uint64_t(2 * i + a));
  const auto one = prob::k_means(prob::table<double>(x), {.clusters = 12, .randomness = key{2}, .threads = 1});
  CHECK(one.inertia / 9000 < 2.3);
  for (int threads = 2; threads <= 4; ++threads) {
    const auto more = prob::k_means(prob::table<double>(x), {.clusters = 12, .randomness = key{2}, .threads = threads});
    CHECK(more.labels == one.labels);
    CHECK(more.inertia == one.inertia);
  }
  prob::table<double> weighted(ndarray<double>({4, 1}, {0, 1, 10, 11}));
  weighted.set_weights(std::vector<double>{3, 1, 1, 1});
  const auto w = prob::k_means(weighted, {.starts = 3}, ndarray<double>({2, 1}, {0, 10}));
  CHECK(w.centers[0] == doctest::Approx(0.25));
  const prob::table<double> few(ndarray<double>({4, 1}, {0, 1, 10, 11}));
  const auto moved = prob::k_means(few, {}, ndarray<double>({2, 1}, {5, 1000}));   // the second centre has no row at first
  CHECK(moved.inertia == doctest::Approx(1));
  for (auto start : {prob::k_means_start::plus_plus, prob::k_means_start::random}) CHECK(prob::k_means(few, {.clusters = 4, .start = start}).inertia == 0);
  CHECK_THROWS_AS(prob::k_means(few, {.clusters = 5}), invalid_argument);
  CHECK_THROWS_AS(prob::k_means(few, {}, ndarray<double>(2, 3)), shape_mismatch);
}
