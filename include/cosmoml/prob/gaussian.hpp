// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/mixture.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// One Gaussian, N(x | m, C): a mixture of one, whose entropy, divergence and mutual information are known in closed form.
template <int D = any_dimension>
class gaussian {
public:
  // mean (d), covariance (d, d) of any host arrays. Errors as mixture's.
  template <HostArray M, HostArray C>
  gaussian(const M& mean, const C& covariance) : whole_(std::vector<double>{1}, flat_mean(mean), covariance, "prob::gaussian") {}
  explicit gaussian(mixture<> one) : whole_(one.parameters(), "prob::gaussian") {
    expect<invalid_argument>(one.components() == 1, "prob::gaussian", "give a mixture of one component", one.components(), " components");
  }

  index_t dimension() const { return whole_.dimension(); }
  double mean(index_t i) const { return whole_.mean(0, i); }
  double covariance(index_t i, index_t j) const { return whole_.covariance(0, i, j); }
  const mixture<D>& as_mixture() const { return whole_; }

  template <HostArray X>
  ndarray<double> log_prob(const X& x) const {
    return whole_.log_prob(x);
  }
  double log_prob_at(const double* x) const { return whole_.log_prob_at(x); }
  ndarray<double> sample(index_t n, key k) const { return whole_.sample(n, k); }
  gaussian<> marginal(const std::vector<index_t>& axes) const { return gaussian<>(whole_.marginal(axes)); }
  gaussian<> conditional(const std::vector<index_t>& given, const std::vector<double>& values) const { return gaussian<>(whole_.conditional(given, values)); }

  // d/2 (1 + ln 2 pi) + ln |C| / 2, nat.
  double entropy() const { return 0.5 * (double(dimension()) * 2.83787706640934548356 + log_determinant(dimension(), whole_.root(0))); }
  // KL(this || q) >= 0, nat. Errors: shape_mismatch.
  template <int E>
  double divergence(const gaussian<E>& q) const {
    const index_t d = dimension();
    expect<shape_mismatch>(q.dimension() == d, "prob::gaussian::divergence", "compare densities of equal dimension", d, " and ", q.dimension(), " dimensions");
    const double *l = whole_.root(0), *r = q.as_mixture().root(0);
    std::vector<double> v(static_cast<std::size_t>(d));
    double sum = log_determinant(d, r) - log_determinant(d, l) - double(d);
    for (index_t j = 0; j < d; ++j) {   // trace of q's inverse covariance times this one, a column of the root at a time
      for (index_t i = 0; i < d; ++i) v[std::size_t(i)] = l[i * d + j];
      solve_lower(d, r, v.data());
      for (double z : v) sum += z * z;
    }
    for (index_t i = 0; i < d; ++i) v[std::size_t(i)] = mean(i) - q.mean(i);
    solve_lower(d, r, v.data());
    for (double z : v) sum += z * z;
    return 0.5 * sum;
  }

private:
  template <class M>
  static ndarray<double> flat_mean(const M& mean) {
    const auto v = as_ndview(mean);
    std::vector<double> m;
    for (index_t n = 0; n < v.rows(); ++n)
      for (index_t e = 0; e < v.row_size(); ++e) m.push_back(double(v(n, e)));
    const index_t d = index_t(m.size());
    return ndarray<double>({1, d}, std::move(m));
  }
  mixture<D> whole_;
};

}
