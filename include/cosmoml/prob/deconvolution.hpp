// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/em.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

namespace detail {

// Rows with noise of their own and with gaps, in scaled units like a table's.
struct noisy_rows {
  index_t rows = 0, dimension = 0;
  bool whole = false;                          // noise as covariances, not as variances of each column
  std::vector<double> x, noise, weight, shift, scale, variance;
  std::vector<int> seen, count;                // (n, d): the columns of each row that hold a number; how many
  double total = 0;
};

template <class X, class N>
noisy_rows gather_noisy(const X& x, const N& noise, const std::vector<double>& weights, const char* asked) {
  const auto v = as_ndview(x);
  const auto s = as_ndview(noise);
  noisy_rows r;
  r.rows = v.rows(), r.dimension = v.rank == 2 ? v.dim[1] : 1;
  const index_t n = r.rows, d = r.dimension;
  expect<shape_mismatch>(v.rank == 1 || v.rank == 2, asked, "give (rows, columns), or (rows) for one column", v.rank, " axes");
  expect<invalid_argument>(n > 0, asked, "give at least one row", n, " rows");
  r.whole = s.rank == 3;
  expect<shape_mismatch>(s.rows() == n && s.row_size() == (r.whole ? d * d : d), asked, "give noise as (rows, columns) standard deviations or (rows, columns, columns) covariances", s.row_size(),
                         " numbers a row, ", s.rows(), " rows of noise for ", n, " rows of ", d, " columns");
  expect<shape_mismatch>(weights.empty() || index_t(weights.size()) == n, asked, "give one weight for each row", weights.size(), " weights for ", n, " rows");
  r.shift.resize(std::size_t(d)), r.scale.assign(std::size_t(d), 1), r.variance.resize(std::size_t(d));
  for (index_t c = 0; c < d; ++c) {
    double sum = 0, square = 0;
    index_t held = 0;
    for (index_t i = 0; i < n; ++i) {
      const double value = double(v(i, c));
      if (std::isnan(value)) continue;
      if (!std::isfinite(value)) throw numerical_error(asked, text(value, " in row ", i, ", column ", c), "mark what is missing by NaN, and give finite numbers elsewhere");
      sum += value, ++held;
    }
    expect<invalid_argument>(held > d, asked, "drop the column", "column ", c, " with ", held, " numbers");
    sum /= double(held);
    for (index_t i = 0; i < n; ++i)
      if (const double value = double(v(i, c)); !std::isnan(value)) square += (value - sum) * (value - sum) / double(held);
    r.shift[std::size_t(c)] = sum;
    if (square > 0) r.scale[std::size_t(c)] = std::ldexp(1.0, int(std::lround(0.5 * std::log2(square))));
    r.variance[std::size_t(c)] = square / (r.scale[std::size_t(c)] * r.scale[std::size_t(c)]);
  }
  r.x.resize(std::size_t(n * d)), r.seen.resize(std::size_t(n * d)), r.count.resize(std::size_t(n));
  for (index_t i = 0; i < n; ++i) {
    for (index_t c = 0; c < d; ++c) {
      const double value = double(v(i, c));
      if (std::isnan(value)) continue;
      r.x[std::size_t(i * d + c)] = (value - r.shift[std::size_t(c)]) / r.scale[std::size_t(c)];
      r.seen[std::size_t(i * d + r.count[std::size_t(i)]++)] = int(c);
    }
    for (index_t c = 0; c < s.row_size(); ++c) {
      const double value = double(s(i, c));
      const index_t a = r.whole ? c / d : c, b = r.whole ? c % d : c;
      const bool used = !std::isnan(double(v(i, a))) && !std::isnan(double(v(i, b)));
      if (used && !(std::isfinite(value) && (r.whole || value >= 0)))
        throw invalid_argument(asked, text("noise ", value, " of row ", i), "give finite noise; standard deviations of zero or more");
      r.noise.push_back(!used ? 0 : r.whole ? value / (r.scale[std::size_t(a)] * r.scale[std::size_t(b)]) : value * value / (r.scale[std::size_t(c)] * r.scale[std::size_t(c)]));
    }
    const double w = weights.empty() ? 1 : weights[std::size_t(i)];
    expect<invalid_argument>(std::isfinite(w) && w >= 0, asked, "use finite weights of zero or more", "weight ", w, " of row ", i);
    r.weight.push_back(w);
    r.total += w;
  }
  expect<invalid_argument>(r.total > 0, asked, "give some row a positive weight", "weights that are all zero");
  return r;
}

// The E step of a row (Bovy, Hogg and Roweis 2011, eq. 16), added to sums of K (1 + d + d (d + 1) / 2) numbers: shares, shifts of the
// mean, second moments. Returns ln p; NaN where a covariance is singular.
struct deconvolution_step {
  const noisy_rows& r;
  const mixture_parameters& p;
  std::vector<double> t, w, y, e, shift, second;
  deconvolution_step(const noisy_rows& rows, const mixture_parameters& parameters) : r(rows), p(parameters) {
    const std::size_t d = std::size_t(r.dimension), k = std::size_t(p.components());
    t.resize(2 * d * d), w.resize(d * d), y.resize(d), e.resize(k), shift.resize(k * d), second.resize(k * d * d);
  }
  double operator()(index_t row, double* sums) {
    const index_t d = r.dimension, components = p.components(), per = 1 + d + d * (d + 1) / 2, o = r.count[std::size_t(row)];
    const int* seen = r.seen.data() + row * d;
    double* l = t.data() + d * d;
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    for (index_t k = 0; k < components; ++k) {
      const double *v = p.covariance_of(k), *m = p.mean_of(k);
      for (index_t a = 0; a < o; ++a)
        for (index_t b = 0; b < o; ++b)
          t[std::size_t(a * o + b)] = v[seen[a] * d + seen[b]] + (r.whole ? r.noise[std::size_t((row * d + seen[a]) * d + seen[b])] : a == b ? r.noise[std::size_t(row * d + seen[a])] : 0);
      if (!cholesky(o, t.data(), l)) return NAN;
      double q = double(o) * 1.83787706640934548356 + log_determinant(o, l);
      for (index_t a = 0; a < o; ++a) y[std::size_t(a)] = r.x[std::size_t(row * d + seen[a])] - m[seen[a]];
      solve_lower(o, l, y.data());
      for (index_t a = 0; a < o; ++a) q += y[std::size_t(a)] * y[std::size_t(a)];
      double *u = shift.data() + k * d, *s = second.data() + k * d * d;
      for (index_t i = 0; i < d; ++i) {   // column i of L^-1 V
        double* column = w.data() + i * d;
        for (index_t a = 0; a < o; ++a) column[a] = v[seen[a] * d + i];
        solve_lower(o, l, column);
        u[i] = 0;
        for (index_t a = 0; a < o; ++a) u[i] += column[a] * y[std::size_t(a)];
      }
      for (index_t i = 0; i < d; ++i)
        for (index_t j = 0; j <= i; ++j) {
          double c = v[i * d + j] + u[i] * u[j];
          for (index_t a = 0; a < o; ++a) c -= w[std::size_t(i * d + a)] * w[std::size_t(j * d + a)];
          s[i * d + j] = c;
        }
      e[std::size_t(k)] = std::log(p.weight[std::size_t(k)]) - 0.5 * q;
      most = std::max(most, e[std::size_t(k)]);
    }
    for (double& v : e) sum += v = std::exp(v - most);
    for (index_t k = 0; k < components; ++k) {
      const double share = e[std::size_t(k)] / sum * r.weight[std::size_t(row)];
      double* to = sums + k * per;
      *to++ += share;
      for (index_t i = 0; i < d; ++i) *to++ += share * shift[std::size_t(k * d + i)];
      for (index_t i = 0; i < d; ++i)
        for (index_t j = 0; j <= i; ++j) *to++ += share * second[std::size_t((k * d + i) * d + j)];
    }
    return most + std::log(sum);
  }
};

}

// Extreme deconvolution (Bovy, Hogg and Roweis 2011): the mixture that rows (n, d) were drawn from before each was given noise of its own, and
// columns went missing (NaN). `noise`: standard deviations (n, d) or covariances (n, d, d), of what is not missing. From the start in `p` and back
// into it (the user's units). Without noise and gaps it is fit_em. Cost n K d^3 an iteration; the bits do not depend on the number of threads.
// Errors: invalid_argument, shape_mismatch, numerical_error (infinite numbers); a singular covariance is reported, not thrown.
template <HostArray X, HostArray N>
em_report deconvolve(mixture_parameters& p, const X& x, const N& noise, const em_options& options = {}, const std::vector<double>& weights = {}) {
  const char* asked = "prob::deconvolve";
  p.validate("prob::deconvolve, the start");
  detail::check(options, asked);
  const detail::noisy_rows r = detail::gather_noisy(x, noise, weights, asked);
  const index_t n = r.rows, d = r.dimension, components = p.components(), per = 1 + d + d * (d + 1) / 2, size = components * per, piece = 256, pieces = (n + piece - 1) / piece;
  expect<shape_mismatch>(p.dimension == d, asked, "start from a mixture of as many dimensions as the data have columns", p.dimension, " dimensions for ", d, " columns");
  expect<invalid_argument>(n >= components, asked, "ask for fewer components or give more rows", n, " rows for ", components, " components");
  auto rescale = [&](bool inward) {
    for (index_t k = 0; k < components; ++k)
      for (index_t i = 0; i < d; ++i) {
        double& m = p.mean_of(k)[i];
        m = inward ? (m - r.shift[std::size_t(i)]) / r.scale[std::size_t(i)] : m * r.scale[std::size_t(i)] + r.shift[std::size_t(i)];
        for (index_t j = 0; j < d; ++j) {
          const double unit = r.scale[std::size_t(i)] * r.scale[std::size_t(j)];
          p.covariance_of(k)[i * d + j] *= inward ? 1 / unit : unit;
        }
      }
  };
  rescale(true);
  detail::constrain(p, options.covariance, r.scale.data());
  double log_volume = 0;   // of the columns that are there, a mean over rows
  for (index_t i = 0; i < n; ++i)
    for (index_t a = 0; a < r.count[std::size_t(i)]; ++a) log_volume += r.weight[std::size_t(i)] * std::log(r.scale[std::size_t(r.seen[std::size_t(i * d + a)])]) / r.total;
  const int threads = threads_for(options.threads);
  std::vector<double> partial(static_cast<std::size_t>(pieces * size)), logs(static_cast<std::size_t>(pieces)), sums(static_cast<std::size_t>(size));
  em_report report;
  double before = -std::numeric_limits<double>::infinity();
  while (report.iterations < options.max_iter) {
    parallel_for(pieces, threads, [&](index_t c, int) {
      detail::deconvolution_step step(r, p);
      double* to = partial.data() + c * size;
      std::fill_n(to, size, 0.0);
      logs[std::size_t(c)] = 0;
      for (index_t i = c * piece; i < std::min(n, (c + 1) * piece); ++i) logs[std::size_t(c)] += r.weight[std::size_t(i)] * step(i, to);
    });
    double now = 0;
    std::fill(sums.begin(), sums.end(), 0.0);
    for (index_t c = 0; c < pieces; ++c) {
      now += logs[std::size_t(c)] / r.total;
      for (index_t i = 0; i < size; ++i) sums[std::size_t(i)] += partial[std::size_t(c * size + i)];
    }
    if (!std::isfinite(now)) {
      report.status = em_status::singular;
      break;
    }
    ++report.iterations;
    report.log_likelihood = now - log_volume;
    if (options.trace) report.history.push_back(report.log_likelihood);
    double total = 0;
    for (index_t k = 0; k < components; ++k) {
      const double* s = sums.data() + k * per;
      const double share = s[0] + 10 * std::numeric_limits<double>::epsilon();
      p.weight[std::size_t(k)] = share;
      total += share;
      const double* second = s + 1 + d;
      for (index_t i = 0; i < d; ++i)
        for (index_t j = 0; j <= i; ++j) {
          const double c = *second++ / share - s[1 + i] * s[1 + j] / (share * share);
          p.covariance_of(k)[i * d + j] = p.covariance_of(k)[j * d + i] = c;
        }
      for (index_t i = 0; i < d; ++i) {
        p.mean_of(k)[i] += s[1 + i] / share;
        p.covariance_of(k)[i * d + i] += options.relative ? options.reg_covar * r.variance[std::size_t(i)] : options.reg_covar / (r.scale[std::size_t(i)] * r.scale[std::size_t(i)]);
      }
    }
    for (double& w : p.weight) w /= total;
    detail::constrain(p, options.covariance, r.scale.data());
    if (std::abs(now - before) < options.threshold_fit) {
      report.status = em_status::converged;
      break;
    }
    before = now;
  }
  rescale(false);
  return report;
}

}
