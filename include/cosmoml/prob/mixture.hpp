// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>
#include <cosmoml/prob/log_density.hpp>
#include <cosmoml/prob/parallel.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

inline constexpr int any_dimension = -1;

// A mixture of Gaussians, p(x) = sum_k w_k N(x | m_k, C_k), in D dimensions (known at compile time) or any. Components are counted at run time.
// It is a value: what it was made from it keeps, checked and factored. A Density (prob/density.hpp).
template <int D = any_dimension>
class mixture {
  static_assert(D == any_dimension || D > 0, "cosmoml: a mixture has at least one dimension; write mixture<2>, or mixture<> for any");

public:
  // Throws invalid_argument or shape_mismatch on parameters that make no sense, numerical_error on covariances that are not positive definite.
  explicit mixture(mixture_parameters p, const char* asked = "prob::mixture") : parameters_(checked(std::move(p), asked)), density_(parameters_, asked) {}
  // weights (K), means (K, d), covariances (K, d, d) of any host arrays.
  template <HostArray W, HostArray M, HostArray C>
  mixture(const W& weights, const M& means, const C& covariances, const char* asked = "prob::mixture") : mixture(gathered(weights, means, covariances), asked) {}

  index_t components() const { return parameters_.components(); }
  index_t dimension() const { return parameters_.dimension; }
  const mixture_parameters& parameters() const { return parameters_; }
  double weight(index_t k) const { return parameters_.weight[std::size_t(k)]; }
  double mean(index_t k, index_t i) const { return parameters_.mean_of(k)[i]; }
  double covariance(index_t k, index_t i, index_t j) const { return parameters_.covariance_of(k)[i * dimension() + j]; }

  // ln p of each row of x (n, d): (n), nat. Errors: shape_mismatch, numerical_error on rows that are not finite. Cost n K d^2.
  template <HostArray X>
  ndarray<double> log_prob(const X& x, int threads = 0) const {
    const auto v = as_samples(x, dimension(), "prob::mixture::log_prob");
    const index_t rows = v.rows(), d = dimension(), piece = 1024;
    ndarray<double> out(rows);
    const int team = threads_for(threads);
    std::vector<pass_workspace> work(static_cast<std::size_t>(team));
    parallel_for((rows + piece - 1) / piece, team, [&](index_t i, int thread) {
      const index_t first = i * piece, count = std::min(piece, rows - first);
      auto& w = work[std::size_t(thread)];
      if (w.columns.empty()) {
        w.columns.resize(std::size_t((d + 1) * piece));
        for (index_t c = 0; c < d; ++c) w.pointers.push_back(w.columns.data() + c * piece);
      }
      for (index_t c = 0; c < d; ++c)
        for (index_t n = 0; n < count; ++n) {
          const double value = double(v(first + n, c));
          if (!std::isfinite(value)) throw numerical_error("prob::mixture::log_prob", text(value, " in row ", first + n, ", column ", c), "give finite points");
          w.columns[std::size_t(c * piece + n)] = value;
        }
      double* to = w.columns.data() + d * piece;
      density_(w.pointers.data(), count, to, w.pass);
      std::copy_n(to, count, out.data() + first);
    });
    return out;
  }
  // ln p at one point of d numbers.
  double log_prob_at(const double* x) const {
    const index_t d = dimension();
    double most = -std::numeric_limits<double>::infinity();
    std::vector<double> e(static_cast<std::size_t>(components())), r(static_cast<std::size_t>(d));
    for (index_t k = 0; k < components(); ++k) {
      const double* l = root(k);
      for (index_t i = 0; i < d; ++i) r[std::size_t(i)] = x[i] - mean(k, i);
      solve_lower(d, l, r.data());
      double q = 0;
      for (double z : r) q += z * z;
      e[std::size_t(k)] = std::log(weight(k)) - 0.5 * (q + log_determinant(d, l) + double(d) * 1.83787706640934548356);
      most = std::max(most, e[std::size_t(k)]);
    }
    double sum = 0;
    for (double v : e) sum += std::exp(v - most);
    return most + std::log(sum);
  }
  // The share of each component in each row's density: (n, K).
  template <HostArray X>
  ndarray<double> responsibilities(const X& x) const {
    const auto v = as_samples(x, dimension(), "prob::mixture::responsibilities");
    ndarray<double> r(v.rows(), components());
    const ndarray<double> whole = log_prob(x);
    for (index_t k = 0; k < components(); ++k) {
      mixture_parameters one = detail_component(k);
      const ndarray<double> part = mixture<>(std::move(one)).log_prob(x);
      for (index_t n = 0; n < v.rows(); ++n) r[n * components() + k] = weight(k) * std::exp(part[n] - whole[n]);
    }
    return r;
  }

  // Draws (n, d): number n depends on the key and n alone.
  ndarray<double> sample(index_t n, key k) const {
    expect<invalid_argument>(n >= 0, "prob::mixture::sample", "ask for zero draws or more", n, " draws");
    const auto [choice, normals] = split<2>(k);
    const index_t d = dimension();
    ndarray<double> x(n, d);
    std::vector<double> z(static_cast<std::size_t>(d));
    for (index_t i = 0; i < n; ++i) {
      double u = choice.uniform(std::uint64_t(i));
      index_t c = 0;
      while (c + 1 < components() && u >= weight(c)) u -= weight(c++);
      for (index_t a = 0; a < d; ++a) z[std::size_t(a)] = normals.normal(std::uint64_t(i * d + a));
      for (index_t a = 0; a < d; ++a) {
        double s = mean(c, a);
        for (index_t b = 0; b <= a; ++b) s += root(c)[a * d + b] * z[std::size_t(b)];
        x[i * d + a] = s;
      }
    }
    return x;
  }

  // The density of some axes alone, in the order given.
  mixture<> marginal(const std::vector<index_t>& axes) const { return mixture<>(detail::marginal_of(parameters_, axes), "prob::mixture::marginal"); }

  // The density of the other axes, in their order, where the axes `given` have these values: again a mixture (Bishop 2006, 2.81-2.82).
  mixture<> conditional(const std::vector<index_t>& given, const std::vector<double>& values) const {
    const char* asked = "prob::mixture::conditional";
    expect<shape_mismatch>(given.size() == values.size(), asked, "give one value for each axis", given.size(), " axes and ", values.size(), " values");
    const index_t d = dimension(), g = index_t(given.size());
    std::vector<index_t> rest;
    for (index_t i = 0; i < d; ++i)
      if (std::find(given.begin(), given.end(), i) == given.end()) rest.push_back(i);
    expect<invalid_argument>(!rest.empty() && index_t(rest.size()) + g == d, asked, "give distinct axes, and leave at least one", g, " axes given of ", d);
    const mixture<> known = marginal(given);
    mixture_parameters p(components(), index_t(rest.size()));
    std::vector<double> b(static_cast<std::size_t>(g)), whole(static_cast<std::size_t>(components()));
    double most = -std::numeric_limits<double>::infinity();
    const index_t r = index_t(rest.size());
    std::vector<double> w(static_cast<std::size_t>(g * r));
    for (index_t k = 0; k < components(); ++k) {
      const double* l = known.root(k);
      for (index_t i = 0; i < g; ++i) b[std::size_t(i)] = values[std::size_t(i)] - known.mean(k, i);
      solve_lower(g, l, b.data());
      double q = 0;
      for (double z : b) q += z * z;
      whole[std::size_t(k)] = std::log(weight(k)) - 0.5 * (q + log_determinant(g, l));
      most = std::max(most, whole[std::size_t(k)]);
      for (index_t i = 0; i < r; ++i) {   // w = L^-1 C(given, rest)
        double* column = w.data() + i * g;
        for (index_t j = 0; j < g; ++j) column[j] = covariance(k, given[std::size_t(j)], rest[std::size_t(i)]);
        solve_lower(g, l, column);
      }
      for (index_t i = 0; i < r; ++i) {
        double m = mean(k, rest[std::size_t(i)]);
        for (index_t j = 0; j < g; ++j) m += w[std::size_t(i * g + j)] * b[std::size_t(j)];
        p.mean_of(k)[i] = m;
        for (index_t j = 0; j < r; ++j) {
          double c = covariance(k, rest[std::size_t(i)], rest[std::size_t(j)]);
          for (index_t a = 0; a < g; ++a) c -= w[std::size_t(i * g + a)] * w[std::size_t(j * g + a)];
          p.covariance_of(k)[i * r + j] = c;
        }
      }
    }
    double sum = 0;
    for (double& e : whole) sum += e = std::exp(e - most);
    for (index_t k = 0; k < components(); ++k) p.weight[std::size_t(k)] = whole[std::size_t(k)] / sum;
    return mixture<>(std::move(p), asked);
  }

  // Mean (d) and covariance (d, d) of the whole.
  std::vector<double> mean() const {
    std::vector<double> m(static_cast<std::size_t>(dimension()));
    for (index_t k = 0; k < components(); ++k)
      for (index_t i = 0; i < dimension(); ++i) m[std::size_t(i)] += weight(k) * mean(k, i);
    return m;
  }
  std::vector<double> covariance() const {
    const index_t d = dimension();
    const std::vector<double> m = mean();
    std::vector<double> c(static_cast<std::size_t>(d * d));
    for (index_t k = 0; k < components(); ++k)
      for (index_t i = 0; i < d; ++i)
        for (index_t j = 0; j < d; ++j)
          c[std::size_t(i * d + j)] += weight(k) * (covariance(k, i, j) + (mean(k, i) - m[std::size_t(i)]) * (mean(k, j) - m[std::size_t(j)]));
    return c;
  }
  // The lower Cholesky factor of component k's covariance: (d, d).
  const double* root(index_t k) const { return density_.roots().data() + k * dimension() * dimension(); }

private:
  struct pass_workspace {
    detail::pass_workspace<double> pass;
    std::vector<double> columns;
    std::vector<const double*> pointers;
  };
  static mixture_parameters checked(mixture_parameters p, const char* asked) {
    if (D != any_dimension) expect<shape_mismatch>(p.dimension == D, asked, "give parameters of the type's dimension, or use mixture<>", p.dimension, " dimensions where the type has ", D);
    p.validate(asked);
    return p;
  }
  template <class W, class M, class C>
  static mixture_parameters gathered(const W& weights, const M& means, const C& covariances) {
    const auto w = as_ndview(weights), m = as_ndview(means), c = as_ndview(covariances);
    const index_t k = w.size(), d = m.rank > 1 ? m.row_size() : D != any_dimension ? D : k > 0 ? m.size() / k : 0;
    mixture_parameters p;
    p.dimension = d;
    auto flat = [](const auto& v, std::vector<double>& to) {
      for (index_t n = 0; n < v.rows(); ++n)
        for (index_t e = 0; e < v.row_size(); ++e) to.push_back(double(v(n, e)));
    };
    flat(w, p.weight), flat(m, p.mean), flat(c, p.covariance);
    return p;
  }
  mixture_parameters detail_component(index_t k) const {
    const index_t d = dimension();
    mixture_parameters one(1, d);
    one.weight[0] = 1;
    std::copy_n(parameters_.mean_of(k), d, one.mean_of(0));
    std::copy_n(parameters_.covariance_of(k), d * d, one.covariance_of(0));
    return one;
  }

  mixture_parameters parameters_;
  detail::log_density density_;
};

}
