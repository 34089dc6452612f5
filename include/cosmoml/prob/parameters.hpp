// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>

#include <cmath>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::prob {

// What the covariances of a mixture's components may be: each its own matrix, one matrix for all, axes of their own lengths, balls.
enum class covariance { full, tied, diagonal, spherical };

// The numbers of a Gaussian mixture: weights (K), means (K, d), covariances (K, d, d), whatever their kind.
struct mixture_parameters {
  index_t dimension = 0;
  std::vector<double> weight, mean, covariance;

  mixture_parameters() = default;
  mixture_parameters(index_t components, index_t d)
      : dimension(d), weight(std::size_t(components)), mean(std::size_t(components * d)), covariance(std::size_t(components * d * d)) {}

  index_t components() const { return index_t(weight.size()); }
  double* mean_of(index_t k) { return mean.data() + k * dimension; }
  const double* mean_of(index_t k) const { return mean.data() + k * dimension; }
  double* covariance_of(index_t k) { return covariance.data() + k * dimension * dimension; }
  const double* covariance_of(index_t k) const { return covariance.data() + k * dimension * dimension; }

  // Free numbers of the model, as AIC and BIC count them.
  index_t free(prob::covariance kind = prob::covariance::full) const {
    const index_t k = components(), d = dimension, one = d * (d + 1) / 2;
    const index_t shapes = kind == prob::covariance::full ? k * one : kind == prob::covariance::tied ? one : kind == prob::covariance::diagonal ? k * d : k;
    return shapes + k * d + k - 1;
  }

  // Each number in its place and finite, weights summing to one, covariances symmetric. Throws shape_mismatch or invalid_argument.
  void validate(const char* asked) const {
    const index_t k = components(), d = dimension;
    expect<invalid_argument>(k > 0 && d > 0, asked, "give at least one component of at least one dimension", k, " components of ", d, " dimensions");
    expect<shape_mismatch>(index_t(mean.size()) == k * d, asked, "give (components, dimension) means", mean.size(), " numbers for ", k, " means of ", d, " dimensions");
    expect<shape_mismatch>(index_t(covariance.size()) == k * d * d, asked, "give (components, dimension, dimension) covariances", covariance.size(),
                           " numbers for ", k, " covariances of ", d, " dimensions");
    double sum = 0;
    for (index_t i = 0; i < k; ++i) {
      const double w = weight[std::size_t(i)];
      expect<invalid_argument>(w >= 0 && w <= 1 + 1e-9, asked, "give weights between 0 and 1", "weight ", w, " of component ", i);
      sum += w;
      for (index_t a = 0; a < d; ++a) {
        expect<invalid_argument>(std::isfinite(mean_of(i)[a]), asked, "give finite means", "mean ", mean_of(i)[a], " of component ", i, ", axis ", a);
        for (index_t b = 0; b < d; ++b) {
          const double c = covariance_of(i)[a * d + b], t = covariance_of(i)[b * d + a];
          expect<invalid_argument>(std::isfinite(c) && std::abs(c - t) <= 1e-9 * (std::abs(c) + std::abs(t)), asked, "give finite, symmetric covariances", "covariance ", c,
                                   " and ", t, " at (", a, ", ", b, ") of component ", i);
        }
      }
    }
    expect<invalid_argument>(std::abs(sum - 1) < 1e-6, asked, "give weights that sum to one", "weights that sum to ", sum);
  }
};

}
