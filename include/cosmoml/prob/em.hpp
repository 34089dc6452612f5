// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/mixture_pass.hpp>
#include <cosmoml/prob/parallel.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// Options of EM.
struct em_options {
  prob::covariance covariance = prob::covariance::full;
  double threshold_fit = 1e-5;   // ends when the mean log-likelihood of a row changes by less (nat)
  int max_iter = 10000;
  double reg_covar = 1e-12;      // added to the diagonals of covariances in each M step
  bool relative = true;          // reg_covar in units of each column's variance; false: in the square of the column's own units
  int threads = 0;               // 0: as OpenMP says. The bits do not depend on it.
  bool trace = false;            // keep the log-likelihood of every iteration
};

// How a fit ended. Failures are data: a replica of a bootstrap may fail without ending the others.
enum class em_status { converged, out_of_iterations, singular, not_finite };
inline const char* describe(em_status s) {
  return s == em_status::converged ? "converged" : s == em_status::out_of_iterations ? "out of iterations" : s == em_status::singular ? "a covariance became singular" : "a number became infinite";
}
// How EM ended.
struct em_report {
  em_status status = em_status::out_of_iterations;
  int iterations = 0;
  double log_likelihood = 0;        // mean over rows, of the last E step, which is before the last M step (nat)
  index_t component = -1;           // that became singular
  bool collapsed = false;           // a component sits on fewer rows than it has axes, or is held up by reg_covar alone
  std::vector<double> history;      // with trace: log_likelihood of every iteration
  bool usable() const { return status == em_status::converged || status == em_status::out_of_iterations; }
};

namespace detail {

// Brings covariances, in a table's units, to the form that their kind has; balls are balls in the user's units, so `scale` (d) is needed.
inline void constrain(mixture_parameters& p, covariance kind, const double* scale) {
  const index_t d = p.dimension;
  if (kind == covariance::tied) {
    std::vector<double> shared(static_cast<std::size_t>(d * d));
    for (index_t k = 0; k < p.components(); ++k)
      for (index_t i = 0; i < d * d; ++i) shared[std::size_t(i)] += p.weight[std::size_t(k)] * p.covariance_of(k)[i];
    for (index_t k = 0; k < p.components(); ++k) std::copy(shared.begin(), shared.end(), p.covariance_of(k));
  }
  if (kind != covariance::diagonal && kind != covariance::spherical) return;
  for (index_t k = 0; k < p.components(); ++k) {
    double* c = p.covariance_of(k);
    double mean = 0;
    for (index_t i = 0; i < d; ++i) mean += c[i * d + i] * scale[i] * scale[i] / double(d);
    for (index_t i = 0; i < d; ++i)
      for (index_t j = 0; j < d; ++j)
        if (i != j) c[i * d + j] = 0;
        else if (kind == covariance::spherical) c[i * d + i] = mean / (scale[i] * scale[i]);
  }
}

// From sums over whitened residuals to the next parameters, in the table's units. `roots`: of the covariances of the E step.
inline void m_step(mixture_parameters& p, const double* statistics, const std::vector<double>& roots, covariance kind, const double* reg, const double* scale) {
  const index_t d = p.dimension, components = p.components(), per = statistics_of(d);
  std::vector<double> m(static_cast<std::size_t>(d)), central(static_cast<std::size_t>(d * d)), product(static_cast<std::size_t>(d * d)), shared;
  if (kind == covariance::tied) shared.assign(std::size_t(d * d), 0);
  double total = 0;
  for (index_t k = 0; k < components; ++k) {
    const double* s = statistics + k * per;
    const double* l = roots.data() + k * d * d;
    const double n = s[0] + 10 * std::numeric_limits<double>::epsilon();
    for (index_t i = 0; i < d; ++i) m[std::size_t(i)] = s[1 + row_of(i)] / n;
    for (index_t i = 0; i < d; ++i)
      for (index_t j = 0; j <= i; ++j)
        central[std::size_t(i * d + j)] = central[std::size_t(j * d + i)] = s[2 + row_of(i) + j] / n - m[std::size_t(i)] * m[std::size_t(j)];
    double* c = p.covariance_of(k);
    for (index_t i = 0; i < d; ++i) {
      double shift = 0;
      for (index_t j = 0; j <= i; ++j) shift += l[i * d + j] * m[std::size_t(j)];
      p.mean_of(k)[i] += shift / whitening_scale;
      for (index_t j = 0; j < d; ++j) {
        double sum = 0;
        for (index_t q = 0; q <= i; ++q) sum += l[i * d + q] * central[std::size_t(q * d + j)];
        product[std::size_t(i * d + j)] = sum;
      }
    }
    for (index_t i = 0; i < d; ++i)
      for (index_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (index_t q = 0; q <= j; ++q) sum += product[std::size_t(i * d + q)] * l[j * d + q];
        c[i * d + j] = c[j * d + i] = sum / (whitening_scale * whitening_scale);
      }
    if (kind == covariance::tied)
      for (index_t i = 0; i < d * d; ++i) shared[std::size_t(i)] += n * c[i];
    p.weight[std::size_t(k)] = n;
    total += n;
  }
  for (double& w : p.weight) w /= total;
  for (index_t k = 0; k < components; ++k) {
    double* c = p.covariance_of(k);
    if (kind == covariance::tied)
      for (index_t i = 0; i < d * d; ++i) c[i] = shared[std::size_t(i)] / total;
    for (index_t i = 0; i < d; ++i) c[i * d + i] += reg[i];
  }
  if (kind != covariance::tied) constrain(p, kind, scale);
}

// The last word on a fit: are its covariances still positive definite, and held up by data?
template <class S>
void judge(const mixture_parameters& p, whitening<S>& white, const table<S>& data, const std::vector<double>& reg, double total_weight, em_report& r) {
  if (!white.prepare(p, r.component)) {
    r.status = em_status::singular;
    return;
  }
  const index_t d = p.dimension;
  for (index_t k = 0; k < p.components(); ++k) {
    r.collapsed = r.collapsed || p.weight[std::size_t(k)] * total_weight < double(d) + 0.5;
    for (index_t i = 0; i < d; ++i) {
      const double left = white.root[std::size_t((k * d + i) * d + i)];   // spread along an axis given the axes before it
      r.collapsed = r.collapsed || left * left < std::max(4 * reg[std::size_t(i)], 1e-10 * data.variance(i));
    }
  }
}

// Expectation and maximisation over one table, again and again from other starts. Memory is kept between fits.
template <class S>
class em_engine {
public:
  em_engine(const table<S>& data, const em_options& options) : data_(data), options_(options), threads_(threads_for(options.threads)) {
    const index_t d = data.columns();
    for (index_t c = 0; c < d; ++c) {
      reg_.push_back(options.relative ? options.reg_covar * data.variance(c) : options.reg_covar / (data.scale(c) * data.scale(c)));
      scale_.push_back(data.scale(c));
    }
    chunk_ = chunk_rows(data.rows());
    chunks_ = (data.rows() + chunk_ - 1) / chunk_;
    threads_ = int(std::min<index_t>(threads_, chunks_));
    work_.resize(std::size_t(std::max(threads_, 1)));
  }

  // From `p`, in the table's units, to the maximum of the likelihood nearby.
  em_report fit(mixture_parameters& p) {
    em_report r;
    double before = -std::numeric_limits<double>::infinity();
    constrain(p, options_.covariance, scale_.data());
    for (; r.iterations < options_.max_iter;) {
      double now = 0;
      if (!sweep(p, true, now, r)) return r;
      ++r.iterations;
      r.log_likelihood = now;
      if (options_.trace) r.history.push_back(now);
      m_step(p, statistics_.data(), whitening_.root, options_.covariance, reg_.data(), scale_.data());
      if (std::abs(now - before) < options_.threshold_fit) {
        r.status = em_status::converged;
        break;
      }
      before = now;
    }
    judge(p, whitening_, data_, reg_, data_.total_weight(), r);
    return r;
  }

  // Mean log-likelihood of a row (nat), in the table's units; -infinity where a covariance is singular.
  double score(const mixture_parameters& p) {
    double value = 0;
    em_report r;
    return sweep(p, false, value, r) ? value : -std::numeric_limits<double>::infinity();
  }

private:
  bool sweep(const mixture_parameters& p, bool moments, double& mean, em_report& r) {
    if (!whitening_.prepare(p, r.component)) {
      r.status = em_status::singular;
      return false;
    }
    const index_t d = p.dimension, size = p.components() * statistics_of(d);
    const bool diagonal = options_.covariance == covariance::diagonal || options_.covariance == covariance::spherical;
    const auto loops = mixture_loops<S>::of(d, p.components(), diagonal);
    if (moments) partial_.resize(std::size_t(size * chunks_)), statistics_.assign(std::size_t(size), 0);
    sums_.resize(std::size_t(chunks_));
    parallel_for(chunks_, threads_, [&](index_t c, int thread) {
      sums_[std::size_t(c)] = pass(loops, whitening_, data_.pointers().data(), data_.weights(), c * chunk_, std::min(data_.rows(), (c + 1) * chunk_),
                                   moments ? partial_.data() + c * size : nullptr, static_cast<S*>(nullptr), work_[std::size_t(thread)]);
    });
    mean = 0;
    for (index_t c = 0; c < chunks_; ++c) {
      mean += sums_[std::size_t(c)];
      if (moments)
        for (index_t i = 0; i < size; ++i) statistics_[std::size_t(i)] += partial_[std::size_t(c * size + i)];
    }
    mean /= data_.total_weight();
    if (!std::isfinite(mean)) {
      r.status = em_status::not_finite;
      return false;
    }
    return true;
  }

  const table<S>& data_;
  em_options options_;
  int threads_;
  index_t chunk_, chunks_;
  std::vector<double> reg_, scale_, partial_, statistics_, sums_;
  whitening<S> whitening_;
  std::vector<pass_workspace<S>> work_;
};

inline void check(const em_options& o, const char* asked) {
  expect<invalid_argument>(o.threshold_fit >= 0 && o.max_iter > 0, asked, "use a threshold of zero or more and at least one iteration", "threshold_fit ", o.threshold_fit,
                           ", max_iter ", o.max_iter);
  expect<invalid_argument>(o.reg_covar >= 0 && std::isfinite(o.reg_covar), asked, "use a reg_covar of zero or more", "reg_covar ", o.reg_covar);
}

}

// Fits a mixture to the rows of a table by expectation and maximisation (Dempster, Laird, Rubin 1977), from the parameters given and back into
// them (the user's units). A component's likelihood and moments come from one pass over the data. Cost n K d^2 an iteration.
// Errors: invalid_argument, shape_mismatch; a singular covariance is reported, not thrown.
template <class S>
em_report fit_em(mixture_parameters& p, const table<S>& data, const em_options& options = {}) {
  p.validate("prob::fit_em, the start");
  detail::check(options, "prob::fit_em");
  expect<shape_mismatch>(p.dimension == data.columns(), "prob::fit_em", "start from a mixture of as many dimensions as the data have columns", p.dimension,
                         " dimensions for ", data.columns(), " columns");
  expect<invalid_argument>(data.rows() >= p.components(), "prob::fit_em", "ask for fewer components or give more rows", data.rows(), " rows for ", p.components(), " components");
  mixture_parameters scaled = data.to_scaled(p);
  em_report r = detail::em_engine<S>(data, options).fit(scaled);
  r.log_likelihood -= data.log_volume();
  for (double& h : r.history) h -= data.log_volume();
  p = data.to_user(std::move(scaled));
  return r;
}

}
