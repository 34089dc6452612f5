// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/em.hpp>
#include <cosmoml/prob/k_means.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// Where EM begins. `spread` is ours: of a few k-means++ seedings the one that is likeliest after a short EM on at most 2000 rows; its components
// differ from the first step on. The other six are the reference estimator's, under its names:
//   random_sklearn     responsibilities uniform in (0, 1), then one M step: all components start alike, and EM may stop before they part
//   kmeans_sklearn     labels of one k-means++ run, then one M step
//   kmeans             labels of a k-means from random rows; covariances divided by the number of all rows
//   randomized_kmeans  the same, each mean moved by `scale` (1) times a draw of its component
//   minmax             equal weights, means uniform in the bounding box, covariance scale^2
//   random             equal weights, means at random rows plus a draw, covariance scale^2
enum class init_type { spread, random_sklearn, kmeans_sklearn, kmeans, randomized_kmeans, minmax, random };

// Where fits of a mixture begin.
struct start_options {
  init_type type = init_type::spread;
  double scale = 0;   // 0: 1 for randomized_kmeans; else that of K balls that fill the bounding box
  prob::covariance covariance = prob::covariance::full;
};

namespace detail {

// One M step from a share of each row in each component, share(row, k) >= 0. Rows that add to a component of fewer than d + 1 rows are
// thickened by the covariance of all, so that no start is singular.
template <class S, class Share>
mixture_parameters m_step_from(const table<S>& data, index_t components, Share share) {
  const index_t n = data.rows(), d = data.columns();
  mixture_parameters p(components, d);
  std::vector<double> r(static_cast<std::size_t>(components)), x(static_cast<std::size_t>(d));
  for (index_t i = 0; i < n; ++i) {
    const double w = data.weights() ? double(data.weights()[i]) : 1.0;
    for (index_t k = 0; k < components; ++k) {
      const double s = w * share(i, k);
      if (s == 0) continue;
      p.weight[std::size_t(k)] += s;
      for (index_t a = 0; a < d; ++a) {
        const double v = s * double(data.column(a)[i]);
        p.mean_of(k)[a] += v;
        for (index_t b = 0; b <= a; ++b) p.covariance_of(k)[a * d + b] += v * double(data.column(b)[i]);
      }
    }
  }
  double total = 0;
  for (index_t k = 0; k < components; ++k) {
    const double s = p.weight[std::size_t(k)] + 10 * std::numeric_limits<double>::epsilon();
    total += s;
    p.weight[std::size_t(k)] = s;
    for (index_t a = 0; a < d; ++a) p.mean_of(k)[a] /= s;
    for (index_t a = 0; a < d; ++a)
      for (index_t b = 0; b <= a; ++b) {
        double& c = p.covariance_of(k)[a * d + b];
        c = c / s - p.mean_of(k)[a] * p.mean_of(k)[b];
        p.covariance_of(k)[b * d + a] = c;
      }
    const double thicken = s < 2 * double(d + 1) ? 0.1 : 0;
    for (index_t a = 0; a < d && thicken > 0; ++a) p.covariance_of(k)[a * d + a] += thicken * data.variance(a);
  }
  for (double& w : p.weight) w /= total;
  return p;
}

// A ball of K that fill the bounding box together: [V / K Gamma(d / 2 + 1)]^(1/d) / sqrt(pi), in the table's units.
template <class S>
double ball_radius(const table<S>& data, index_t components) {
  const index_t d = data.columns();
  double volume = 1;
  for (index_t c = 0; c < d; ++c) {
    const auto [low, high] = std::minmax_element(data.column(c), data.column(c) + data.rows());
    volume *= double(*high) - double(*low);
  }
  return std::pow(volume / double(components) * std::tgamma(0.5 * double(d) + 1), 1 / double(d)) / 1.77245385090551602730;
}

template <class S>
mixture_parameters labelled_start(const table<S>& data, index_t k, k_means_start how, int iterations, key r) {
  lloyd<S> l(data, true, 1);
  l.seed(k, how, r);
  l.run(iterations, 1e-4);
  return m_step_from(data, k, [&](index_t i, index_t j) { return l.label[std::size_t(i)] == j ? 1.0 : 0.0; });
}

template <class S>
mixture_parameters spread_start(const table<S>& data, index_t k, const em_options& em, key r) {
  constexpr index_t rows = 2000;
  constexpr int candidates = 4, steps = 20;
  if (k == 1) return m_step_from(data, 1, [](index_t, index_t) { return 1.0; });
  std::vector<index_t> some;
  const bool part = data.rows() > rows;
  for (index_t i = 0; part && i < rows; ++i) some.push_back(index_t(r.fold(1000).below(std::uint64_t(data.rows()), std::uint64_t(i))));
  const table<S> sample = part ? data.rows(some) : table<S>(data);
  em_options brief = em;
  brief.max_iter = steps, brief.threads = 1, brief.trace = false;
  em_engine<S> engine(sample, brief);
  mixture_parameters best;
  double most = -std::numeric_limits<double>::infinity();
  for (int c = 0; c < candidates; ++c) {
    mixture_parameters p = labelled_start(sample, k, k_means_start::plus_plus, c % 2 ? 1 : 20, r.fold(std::uint64_t(c)));
    const mixture_parameters begun = p;
    const em_report report = engine.fit(p);
    const double score = report.usable() && !report.collapsed ? report.log_likelihood : -1e300;
    if (score > most) most = score, best = report.usable() && !report.collapsed ? p : begun;
  }
  return best;
}

// A start in the table's units. It depends on the key, the data and the options alone.
template <class S>
mixture_parameters make_start(const table<S>& data, index_t k, const start_options& options, const em_options& em, key r) {
  const index_t n = data.rows(), d = data.columns();
  auto scaled_identity = [&](mixture_parameters& p, double radius) {
    for (index_t j = 0; j < k; ++j)
      for (index_t a = 0; a < d; ++a) p.covariance_of(j)[a * d + a] = options.scale > 0 ? options.scale * options.scale / (data.scale(a) * data.scale(a)) : radius * radius;
  };
  switch (options.type) {
    case init_type::spread: return spread_start(data, k, em, r);
    case init_type::random_sklearn: {
      std::vector<double> share(static_cast<std::size_t>(k));
      index_t current = -1;
      return m_step_from(data, k, [&](index_t i, index_t j) {
        if (i != current) {
          double sum = 0;
          for (index_t q = 0; q < k; ++q) sum += share[std::size_t(q)] = r.uniform(std::uint64_t(i * k + q));
          for (double& s : share) s /= sum;
          current = i;
        }
        return share[std::size_t(j)];
      });
    }
    case init_type::kmeans_sklearn: return labelled_start(data, k, k_means_start::plus_plus, 300, r);
    case init_type::kmeans:
    case init_type::randomized_kmeans: {
      mixture_parameters p = labelled_start(data, k, k_means_start::random, 300, r);
      for (index_t j = 0; j < k; ++j)
        for (index_t a = 0; a < d * d; ++a) p.covariance_of(j)[a] *= p.weight[std::size_t(j)];
      if (options.type == init_type::randomized_kmeans) {
        std::vector<double> l(static_cast<std::size_t>(d * d));
        const double step = options.scale > 0 ? options.scale : 1;
        for (index_t j = 0; j < k; ++j)
          if (cholesky(d, p.covariance_of(j), l.data()))
            for (index_t a = 0; a < d; ++a)
              for (index_t b = 0; b <= a; ++b) p.mean_of(j)[a] += step * l[std::size_t(a * d + b)] * r.fold(2).normal(std::uint64_t(j * d + b));
      }
      return p;
    }
    default: break;
  }
  mixture_parameters p(k, d);
  const double radius = ball_radius(data, k);
  scaled_identity(p, radius);
  for (index_t j = 0; j < k; ++j) {
    p.weight[std::size_t(j)] = 1 / double(k);
    const index_t row = index_t(r.below(std::uint64_t(n), std::uint64_t(j)));
    for (index_t a = 0; a < d; ++a) {
      const std::uint64_t number = std::uint64_t(j * d + a);
      if (options.type == init_type::minmax) {
        const auto [low, high] = std::minmax_element(data.column(a), data.column(a) + n);
        p.mean_of(j)[a] = double(*low) + (double(*high) - double(*low)) * r.fold(1).uniform(number);
      } else p.mean_of(j)[a] = double(data.column(a)[row]) + std::sqrt(p.covariance_of(j)[a * d + a]) * r.fold(2).normal(number);
    }
  }
  return p;
}

}

}
