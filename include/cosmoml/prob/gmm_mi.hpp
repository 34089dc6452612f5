// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/function_ref.hpp>
#include <cosmoml/prob/diagnosis.hpp>
#include <cosmoml/prob/mixture.hpp>
#include <cosmoml/prob/quadrature.hpp>
#include <cosmoml/prob/selection.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

enum class integral { mc, quadrature };                                    // draws, or quadrature where the mixture has two axes
enum class unit { nat, bit };
enum class kl_order { forward, reverse };                                  // KL(x || y), KL(y || x)

// How the distribution of the estimate is found (MIDistParamHolder).
struct mi_dist_params {
  int n_bootstrap = 50;                 // below 1: one fit to all rows, no error bar
  integral integral_method = integral::mc;
  index_t mc_samples = 100000;          // draws of each replica, each its own
  unit base = unit::nat;
  bool bias_corrected = false;          // mean becomes 2 full - mean of the replicas
  bool include_kl = false;              // also the divergence between the marginals
  prob::kl_order kl_order = kl_order::forward;
};

// Mutual information (nat) with its errors.
struct mi_estimate {
  double mean = 0;              // over replicas (2 full - that with bias_corrected)
  double sd = NAN;              // over replicas: the statistical error; NaN without a bootstrap. The share of the draws is taken off.
  double mc_error = 0;          // standard error of the mean by the draws alone
  double full = 0;              // of the mixture fitted to all rows
  double full_mc_error = 0;
  double kl_mean = NAN, kl_sd = NAN;
  int components = 0;
  int replicas = 0, failed = 0; // bootstrap fits that count, and those that became singular
  bool degenerate = false;      // a component collapsed: the number is set by reg_covar, not by the data
  std::vector<double> values;   // of each replica, in order; NaN where it failed
  std::vector<std::string> warnings;
};

namespace detail {

struct moments_of_replicas {
  double mean = 0, sd = NAN, mc_error = 0;
  int good = 0;
  // values of replicas (NaN: failed) with the errors of their draws
  moments_of_replicas(const std::vector<double>& values, const std::vector<double>& errors) {
    double drawn = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (std::isfinite(values[i])) mean += values[i], drawn += errors[i] * errors[i], ++good;
    if (good == 0) {
      mean = NAN;
      return;
    }
    mean /= good;
    mc_error = std::sqrt(drawn) / good;
    if (good < 2) return;
    double square = 0;
    for (double v : values)
      if (std::isfinite(v)) square += (v - mean) * (v - mean);
    square /= good - 1;
    sd = std::sqrt(std::max(square - drawn / good, square / 4));
  }
};

}

// The mutual information of two (groups of) columns, with an error: a mixture whose number of components is chosen by cross-validation, then
// refitted to bootstrap replicas (Piras et al. 2022). fit once, estimate as often as wanted.
//
//   prob::estimate_mi e;
//   e.fit(table_of_two_columns);
//   const prob::mi_estimate mi = e.estimate();      // mi.mean +- mi.sd
//
// With three or more columns it is conditional, I(column 0; column 1 | the rest), unless `groups` says otherwise. B: where EM runs. Deterministic in
// the key; the bits do not depend on the number of threads. Errors: invalid_argument (too few rows, a constant column), numerical_error (NaN).
template <class B = backend::native<double>>
class estimate_mi {
public:
  using scalar = typename B::scalar;

  estimate_mi() = default;
  explicit estimate_mi(const gmm_fit_params& fit, const select_components_params& select = {}, key randomness = key{42}, int threads = 0)
      : fit_(fit), select_(select), key_(randomness), threads_(threads) {}

  // Columns (n, 2), or (n, d) and what they are.
  template <HostArray X>
  void fit(const X& x, column_groups groups = {0, 0, 0}) {
    fit_table(table<scalar>(x, "prob::estimate_mi::fit"), groups);
  }
  // Two tables (n, dx) and (n, dy), or two arrays (n).
  template <HostArray X, HostArray Y>
  void fit(const X& x, const Y& y) {
    const auto a = as_ndview(x);
    const auto b = as_ndview(y);
    const char* asked = "prob::estimate_mi::fit";
    expect<shape_mismatch>(a.rows() == b.rows() && a.rank <= 2 && b.rank <= 2, asked, "give as many rows of y as of x", a.rows(), " and ", b.rows(), " rows");
    const index_t dx = a.row_size(), dy = b.row_size();
    fit_table(table<scalar>(a.rows(), dx + dy, [&](index_t c, index_t n) { return c < dx ? double(a(n, c)) : double(b(n, c - dx)); }, asked), {dx, dy, 0});
  }
  void fit_table(table<scalar> data, column_groups groups = {0, 0, 0}) {
    const char* asked = "prob::estimate_mi::fit";
    if (groups.all() == 0) groups = {1, 1, data.columns() - 2};
    expect<shape_mismatch>(groups.x > 0 && groups.y > 0 && groups.z >= 0 && groups.all() == data.columns(), asked, "give at least two columns, in groups that make up all of them",
                           data.columns(), " columns in groups of ", groups.x, ", ", groups.y, " and ", groups.z);
    expect<invalid_argument>(data.rows() > data.columns() + 1, asked, "give more rows", data.rows(), " rows of ", data.columns(), " columns");
    warnings_.clear();
    detail::diagnose(data, warnings_, asked);
    data_.clear();
    data_.push_back(std::move(data));
    groups_ = groups;
    const auto [select_key, ignored] = split<2>(key_);
    (void)ignored;
    selection_ = select_components<B>(data_[0], fit_, select_, select_key, threads_);
    if (!selection_.found)
      throw numerical_error(asked, text("no mixture of ", selection_.scores.size(), " numbers of components could be fitted: columns that are sums of others, or too few different rows"),
                            "drop such columns, or raise reg_covar");
    full_ = selection_.start;
    full_report_ = detail::em_engine<scalar>(data_[0], detail::as_em(fit_, threads_)).fit(full_);
  }

  const prob::selection& selected() const { return selection_; }
  int best_components() const { return selection_.components; }
  // The mixture fitted to all rows, in the user's units. Throws numerical_error where that fit became singular.
  mixture<> density() const {
    fitted();
    return mixture<>(data_[0].to_user(full_), "prob::estimate_mi::density");
  }

  mi_estimate estimate(const mi_dist_params& options = {}) const {
    fitted();
    const char* asked = "prob::estimate_mi::estimate";
    expect<invalid_argument>(options.mc_samples > 1, asked, "draw at least two points", options.mc_samples, " mc_samples");
    expect<shape_mismatch>(options.integral_method == integral::mc || data_[0].columns() == 2, asked, "use integral::mc", "quadrature over ", data_[0].columns(), " axes");
    expect<shape_mismatch>(!options.include_kl || (groups_.x == groups_.y && groups_.z == 0), asked, "compare as many columns of x as of y, without conditions", groups_.x, " and ", groups_.y,
                           " columns");
    mi_estimate e;
    e.components = selection_.components;
    e.warnings = warnings_;
    e.warnings.insert(e.warnings.end(), selection_.warnings.begin(), selection_.warnings.end());
    const key boot_key = split<2>(key_)[1];
    const index_t replicas = std::max(options.n_bootstrap, 0);
    const drawn_value whole = full_report_.usable() ? information(full_, options, boot_key.fold(0)) : drawn_value{NAN, 0};
    e.full = whole.value, e.full_mc_error = whole.error;
    e.degenerate = full_report_.collapsed || !full_report_.usable() || !std::isfinite(whole.value);
    e.values.assign(std::size_t(replicas), NAN);
    std::vector<double> errors(e.values), kl(e.values), kl_errors(e.values);
    std::vector<char> collapsed(static_cast<std::size_t>(replicas));
    em_runner<B>::run(
        data_[0], replicas, detail::as_em(fit_, threads_), [&](index_t) { return selection_.start; }, [&](index_t b) { return bootstrap_times(data_[0].rows(), boot_key.fold(1), b); },
        [&](index_t b, const mixture_parameters& p, const em_report& r) {
          const std::size_t at = std::size_t(b);
          collapsed[at] = r.collapsed;
          if (!r.usable()) return;
          const key k = boot_key.fold(2).fold(std::uint64_t(b));
          const drawn_value v = information(p, options, k);
          e.values[at] = v.value, errors[at] = v.error;
          if (options.include_kl) {
            const drawn_value d = marginal_divergence(data_[0].to_user(p), options.kl_order == kl_order::reverse, options.mc_samples, k.fold(1));
            kl[at] = d.value, kl_errors[at] = d.error;
          }
        });
    const double scale = options.base == unit::bit ? 1.44269504088896340736 : 1;
    if (replicas > 0) {
      const detail::moments_of_replicas m(e.values, errors);
      e.mean = m.mean, e.sd = m.sd, e.mc_error = m.mc_error, e.replicas = m.good, e.failed = int(replicas) - m.good;
      if (options.bias_corrected) e.mean = 2 * e.full - e.mean, e.mc_error = std::hypot(2 * e.full_mc_error, e.mc_error);
      if (options.include_kl) {
        const detail::moments_of_replicas d(kl, kl_errors);
        e.kl_mean = d.mean, e.kl_sd = d.sd;
      }
      index_t held = 0;
      for (char c : collapsed) held += c;
      if (2 * held > replicas) e.degenerate = true;
      if (e.failed > 0) e.warnings.push_back(text(e.failed, " of ", replicas, " replicas became singular and are left out; raise reg_covar"));
    } else {
      e.mean = e.full, e.mc_error = e.full_mc_error;
      if (options.include_kl) e.kl_mean = marginal_divergence(data_[0].to_user(full_), options.kl_order == kl_order::reverse, options.mc_samples, boot_key.fold(3)).value;
    }
    if (e.degenerate) e.warnings.push_back("a component collapsed onto few rows or a line (repeated rows, or columns that are functions of one another): the value is set by reg_covar, not by the data");
    for (double* v : {&e.mean, &e.sd, &e.mc_error, &e.full, &e.full_mc_error, &e.kl_mean, &e.kl_sd}) *v *= scale;
    for (double& v : e.values) v *= scale;
    return e;
  }

  template <HostArray X>
  mi_estimate fit_estimate(const X& x, const mi_dist_params& options = {}) {
    fit(x);
    return estimate(options);
  }

private:
  void fitted() const { expect<invalid_argument>(!data_.empty(), "prob::estimate_mi", "call fit first", "no data"); }
  drawn_value information(const mixture_parameters& p, const mi_dist_params& options, key k) const {
    return options.integral_method == integral::quadrature ? mutual_information_by_quadrature(p, 1e-7) : mutual_information(p, groups_, options.mc_samples, k);
  }

  gmm_fit_params fit_{};
  select_components_params select_{};
  key key_{42};
  int threads_ = 0;
  std::vector<table<scalar>> data_;   // one, once fitted
  column_groups groups_{};
  prob::selection selection_;
  mixture_parameters full_;
  em_report full_report_;
  std::vector<std::string> warnings_;
};

}
