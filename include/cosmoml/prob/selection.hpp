// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/replicas.hpp>
#include <cosmoml/prob/starts.hpp>

#include <string>

namespace cosmoml::inline COSMOML_ABI::prob {

// How mixtures are fitted; names and defaults of the reference estimator (its GMMFitParamHolder), except where a comment says otherwise.
struct gmm_fit_params {
  prob::init_type init_type = prob::init_type::spread;   // the reference: random_sklearn, which may stop before its components part
  double scale = 0;                                      // of the start; 0: as the start has it
  double threshold_fit = 1e-5;
  double reg_covar = 1e-12;                              // the reference: 1e-15, absolute
  bool relative = true;                                  // reg_covar in units of each column's variance
  int max_iter = 10000;
  prob::covariance covariance = prob::covariance::full;
};

enum class metric { valid, aic, bic };   // mean log-likelihood of held-out rows; Akaike's and Bayes' criterion

// How many components (SelectComponentsParamHolder).
struct select_components_params {
  int n_inits = 3;
  int n_folds = 2;
  metric metric_method = metric::valid;
  double threshold_components = 1e-5;    // a gain below it is a failure
  int patience = 1;                      // consecutive failures that end the search; the best K seen is kept
  int max_components = 50;
  int fixed_components_number = 0;       // above zero: that many, no search
};

// What was seen of one number of components.
struct component_score {
  int components = 0;
  double valid = 0;                // nat a row, mean over folds, of the best start
  double aic = 0, bic = 0;         // of a fit to all rows; NaN unless they are what is asked for
  int best_seed = 0;
  int failed = 0;                  // fits that ended singular, of n_inits * n_folds
};

// The number of components that was chosen, and the scores that speak for it.
struct selection {
  int components = 0;
  mixture_parameters start;        // where every later fit begins, in the table's units: the best fold of the best start
  std::vector<component_score> scores;
  bool found = false;              // false: no start could be fitted for any number of components
  std::vector<std::string> warnings;
};

namespace detail {

inline em_options as_em(const gmm_fit_params& p, int threads) {
  return {.covariance = p.covariance, .threshold_fit = p.threshold_fit, .max_iter = p.max_iter, .reg_covar = p.reg_covar, .relative = p.relative, .threads = threads};
}

}

// Chooses the number of components: K = 1, 2, ..., each from n_inits starts made on all rows, each fitted to the training rows of n_folds folds and
// scored on the others. Deterministic in the key; the bits do not depend on the number of threads. Errors: invalid_argument.
template <class B = backend::native<double>>
selection select_components(const table<typename B::scalar>& data, const gmm_fit_params& fit, const select_components_params& options, key randomness, int threads = 0) {
  using S = typename B::scalar;
  const char* asked = "prob::select_components";
  const int fixed = options.fixed_components_number, folds = options.n_folds, inits = options.n_inits;
  expect<invalid_argument>(inits > 0 && folds > 1 && options.max_components > 0 && options.patience > 0 && fixed >= 0, asked,
                           "use at least one start, two folds, one component and a patience of one", inits, " starts, ", folds, " folds, at most ", options.max_components,
                           " components, patience ", options.patience);
  detail::check(detail::as_em(fit, 1), asked);
  const index_t n = data.rows();
  expect<invalid_argument>(n >= 2 * folds && n / folds * (folds - 1) >= std::max(fixed, 1), asked, "give more rows, or ask for fewer components or folds", n, " rows for ",
                           std::max(fixed, 1), " components in ", folds, " folds");
  const auto keys = split<2>(randomness);
  const key fold_key = keys[0], start_key = keys[1];   // named apart: clang with OpenMP captures no structured binding
  const std::vector<int> fold = fold_of_rows(n, folds, fold_key);
  std::vector<table<S>> validation;
  std::vector<std::vector<int>> training;   // the rows of each fold's training part, as multiplicities
  for (int f = 0; f < folds; ++f) {
    std::vector<index_t> out;
    training.emplace_back(std::size_t(n), 1);
    for (index_t i = 0; i < n; ++i)
      if (fold[std::size_t(i)] == f) out.push_back(i), training.back()[std::size_t(i)] = 0;
    validation.push_back(data.rows(out));
  }
  const em_options em = detail::as_em(fit, threads);
  selection result;
  double best = -std::numeric_limits<double>::infinity();
  int failures = 0, most_iterations = 0;
  const int last = fixed ? fixed : options.max_components;
  for (int k = fixed ? fixed : 1; k <= last; ++k) {
    if (n / folds * (folds - 1) < k) {
      result.warnings.push_back(text("the search ended at ", k - 1, " components: there are no more rows"));
      break;
    }
    std::vector<mixture_parameters> starts(static_cast<std::size_t>(inits)), fitted(static_cast<std::size_t>(inits * folds));
    std::vector<double> score(fitted.size());
    std::vector<int> iterations(fitted.size());
    std::vector<char> usable(fitted.size());
    parallel_for(inits, threads_for(threads), [&](index_t i, int) {
      starts[std::size_t(i)] = detail::make_start(data, k, {fit.init_type, fit.scale, fit.covariance}, em, start_key.fold(std::uint64_t(i * 1000 + k)));
    });
    em_runner<B>::run(
        data, inits * folds, em, [&](index_t at) { return starts[std::size_t(at / folds)]; }, [&](index_t at) { return training[std::size_t(at % folds)]; },
        [&](index_t index, const mixture_parameters& p, const em_report& r) {
          const std::size_t at = std::size_t(index);
          em_options one = em;
          one.threads = 1;
          usable[at] = r.usable();
          score[at] = r.usable() ? detail::em_engine<S>(validation[std::size_t(index % folds)], one).score(p) : -std::numeric_limits<double>::infinity();
          iterations[at] = r.iterations;
          fitted[at] = p;
        });
    component_score s{.components = k, .valid = -std::numeric_limits<double>::infinity(), .aic = NAN, .bic = NAN};
    int best_fold = 0;
    for (int i = 0; i < inits; ++i) {
      double mean = 0;
      int top = 0;
      for (int f = 0; f < folds; ++f) {
        const double v = score[std::size_t(i * folds + f)];
        mean += v / folds;
        if (v > score[std::size_t(i * folds + top)]) top = f;
        s.failed += !usable[std::size_t(i * folds + f)];
        most_iterations = std::max(most_iterations, iterations[std::size_t(i * folds + f)]);
      }
      if (mean > s.valid) s.valid = mean, s.best_seed = i, best_fold = top;
    }
    double value = s.valid;
    mixture_parameters start = fitted[std::size_t(s.best_seed * folds + best_fold)];
    if (options.metric_method != metric::valid && std::isfinite(s.valid)) {
      mixture_parameters all = start;
      detail::em_engine<S> engine(data, em);
      const em_report r = engine.fit(all);
      const double total = r.usable() ? engine.score(all) * data.total_weight() : -std::numeric_limits<double>::infinity(), free = double(all.free(fit.covariance));
      s.aic = -2 * (total - data.log_volume() * data.total_weight()) + 2 * free;
      s.bic = s.aic - 2 * free + free * std::log(data.total_weight());
      value = options.metric_method == metric::aic ? -s.aic : -s.bic;
    }
    s.valid -= data.log_volume();
    result.scores.push_back(s);
    if (std::isfinite(value) && (!result.found || value - best > options.threshold_components)) {
      best = value, result.found = true, result.components = k, result.start = std::move(start), failures = 0;
    } else if (++failures >= options.patience) break;
    if (k == last && !fixed) result.warnings.push_back(text("the search ended at max_components = ", last, "; raise it"));
  }
  if (result.found && result.components > 1 && most_iterations <= 2) result.warnings.push_back("every fit stopped after two iterations; lower threshold_fit or use another init_type");
  return result;
}

}
