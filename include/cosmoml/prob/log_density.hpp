// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/mixture_pass.hpp>

namespace cosmoml::inline COSMOML_ABI::prob::detail {

// Some axes of a mixture: the same weights, parts of the means and covariances.
inline mixture_parameters marginal_of(const mixture_parameters& p, const std::vector<index_t>& axes, const char* asked = "prob::mixture::marginal") {
  expect<invalid_argument>(!axes.empty(), asked, "ask for at least one axis", "no axes");
  for (index_t a : axes) expect<invalid_argument>(a >= 0 && a < p.dimension, asked, "number the axes from 0", "axis ", a, " of ", p.dimension);
  const index_t d = index_t(axes.size());
  mixture_parameters m(p.components(), d);
  m.weight = p.weight;
  for (index_t k = 0; k < p.components(); ++k)
    for (index_t i = 0; i < d; ++i) {
      m.mean_of(k)[i] = p.mean_of(k)[axes[std::size_t(i)]];
      for (index_t j = 0; j < d; ++j) m.covariance_of(k)[i * d + j] = p.covariance_of(k)[axes[std::size_t(i)] * p.dimension + axes[std::size_t(j)]];
    }
  return m;
}
inline std::vector<index_t> axes_between(index_t first, index_t last) {
  std::vector<index_t> a;
  for (index_t i = first; i < last; ++i) a.push_back(i);
  return a;
}

// The logarithm of a mixture's density at points given as columns. Prepared once, then asked for many blocks.
class log_density {
public:
  explicit log_density(const mixture_parameters& p, const char* asked = "prob::log_density") : loops_(mixture_loops<double>::of(p.dimension, p.components(), false)) {
    index_t failed;
    if (!whitening_.prepare(p, failed))
      throw numerical_error(asked, text("the covariance of component ", failed, " is not positive definite"), "raise reg_covar, or give a symmetric, positive definite matrix");
  }
  // out[n] = ln p of (x[0][n], x[1][n], ...). x and out reach to whole vectors beyond `rows`.
  void operator()(const double* const* x, index_t rows, double* out, pass_workspace<double>& work) const {
    pass(loops_, whitening_, x, static_cast<const double*>(nullptr), 0, rows, nullptr, out, work);
    for (index_t n = 0; n < rows; ++n) out[n] *= kernels::detail::ln_2;
  }
  const std::vector<double>& roots() const { return whitening_.root; }

private:
  mixture_loops<double> loops_;
  whitening<double> whitening_;
};

}
