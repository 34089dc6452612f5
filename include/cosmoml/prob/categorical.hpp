// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/gmm_mi.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// How much each class counts: as often as it occurs, or all alike whatever their counts (what the reference estimator does).
enum class class_weights { empirical, equal };

// The same between numbers and classes.
struct categorical_estimate : mi_estimate {
  std::vector<int> classes;               // the labels found, ascending
  std::vector<index_t> rows_of_class;
  std::vector<int> components_of_class;
};

// The mutual information of columns x (n, d) with a class: one mixture a class, each with its own number of components;
// I(x; c) = sum_c w_c E[ln p(x | c) - ln sum_c' w_c' p(x | c')], at most the entropy of the classes. The bootstrap draws inside each class.
// Labels are any integers. Deterministic in the key; the bits do not depend on the number of threads.
// Errors: invalid_argument (one class, a class with too few rows, a constant column), shape_mismatch, numerical_error.
template <class B = backend::native<double>>
class estimate_categorical_mi {
public:
  using scalar = typename B::scalar;

  estimate_categorical_mi() = default;
  explicit estimate_categorical_mi(const gmm_fit_params& fit, const select_components_params& select = {}, class_weights weights = class_weights::empirical, key randomness = key{42},
                                   int threads = 0)
      : fit_(fit), select_(select), weights_(weights), key_(randomness), threads_(threads) {}

  template <HostArray X, HostArray C>
  void fit(const X& x, const C& labels) {
    const char* asked = "prob::estimate_categorical_mi::fit";
    const auto a = as_ndview(x);
    const auto c = as_ndview(labels);
    expect<shape_mismatch>(a.rank <= 2 && a.rows() == c.size(), asked, "give one label for each row", c.size(), " labels for ", a.rows(), " rows");
    std::vector<long long> label;
    for (index_t n = 0; n < c.size(); ++n) {
      const double v = double(c(n, 0));
      expect<invalid_argument>(v == std::floor(v) && std::abs(v) < 1e9, asked, "give whole numbers as labels", "label ", v, " of row ", n);
      label.push_back((long long)v);
    }
    classes_.clear(), warnings_.clear();
    std::vector<long long> distinct = label;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    expect<invalid_argument>(distinct.size() > 1, asked, "give rows of at least two classes", distinct.size(), " classes");
    const index_t d = a.row_size(), least = std::max<index_t>(2 * select_.n_folds, d + 2);
    for (std::size_t i = 0; i < distinct.size(); ++i) {
      std::vector<index_t> rows;
      for (index_t n = 0; n < a.rows(); ++n)
        if (label[std::size_t(n)] == distinct[i]) rows.push_back(n);
      expect<invalid_argument>(index_t(rows.size()) >= least, asked, "leave out classes with so few rows, or join them", "class ", distinct[i], " with ", rows.size(), " rows where ", least,
                               " are needed");
      table<scalar> data(index_t(rows.size()), d, [&](index_t col, index_t n) { return double(a(rows[std::size_t(n)], col)); }, asked);
      std::vector<std::string> found;
      detail::diagnose(data, found, asked);
      for (const std::string& w : found) warnings_.push_back(text("class ", distinct[i], ": ", w));
      prob::selection s = select_components<B>(data, fit_, select_, split<2>(key_)[0].fold(i), threads_);
      if (!s.found)
        throw numerical_error(asked, text("no mixture could be fitted to class ", distinct[i]), "drop columns that are sums of others, or raise reg_covar");
      for (const std::string& w : s.warnings) warnings_.push_back(text("class ", distinct[i], ": ", w));
      mixture_parameters full = s.start;
      const em_report report = detail::em_engine<scalar>(data, detail::as_em(fit_, threads_)).fit(full);
      classes_.push_back({int(distinct[i]), std::move(data), std::move(s), std::move(full), report.usable(), report.collapsed});
    }
  }

  categorical_estimate estimate(const mi_dist_params& options = {}) const {
    const char* asked = "prob::estimate_categorical_mi::estimate";
    expect<invalid_argument>(!classes_.empty(), asked, "call fit first", "no data");
    expect<invalid_argument>(options.mc_samples >= 2 * index_t(classes_.size()), asked, "draw at least two points of each class", options.mc_samples, " mc_samples");
    categorical_estimate e;
    e.warnings = warnings_;
    index_t total = 0;
    for (const one& c : classes_) {
      e.classes.push_back(c.label), e.rows_of_class.push_back(c.data.rows()), e.components_of_class.push_back(c.chosen.components);
      e.components = std::max(e.components, c.chosen.components);
      e.degenerate = e.degenerate || c.collapsed || !c.usable;
      total += c.data.rows();
    }
    std::vector<double> weight;
    for (const one& c : classes_) weight.push_back(weights_ == class_weights::equal ? 1 / double(classes_.size()) : double(c.data.rows()) / double(total));
    const key k = split<2>(key_)[1];
    std::vector<mixture_parameters> whole;
    for (const one& c : classes_) whole.push_back(c.data.to_user(c.full));
    const bool all_usable = std::all_of(classes_.begin(), classes_.end(), [](const one& c) { return c.usable; });
    const drawn_value full = all_usable ? information(whole, weight, options.mc_samples, k.fold(0)) : drawn_value{NAN, 0};
    e.full = full.value, e.full_mc_error = full.error;
    const index_t replicas = std::max(options.n_bootstrap, 0), count = index_t(classes_.size());
    std::vector<mixture_parameters> fitted(static_cast<std::size_t>(replicas * count));
    std::vector<char> usable(fitted.size());
    for (index_t c = 0; c < count; ++c) {
      const one& o = classes_[std::size_t(c)];
      em_runner<B>::run(
          o.data, replicas, detail::as_em(fit_, threads_), [&](index_t) { return o.chosen.start; },
          [&](index_t b) { return bootstrap_times(o.data.rows(), k.fold(1).fold(std::uint64_t(c)), b); },
          [&](index_t b, const mixture_parameters& p, const em_report& r) {
            fitted[std::size_t(b * count + c)] = o.data.to_user(p);
            usable[std::size_t(b * count + c)] = r.usable();
          });
    }
    e.values.assign(std::size_t(replicas), NAN);
    std::vector<double> errors(e.values);
    parallel_for(replicas, threads_for(threads_), [&](index_t b, int) {
      const std::size_t first = std::size_t(b * count);
      if (std::find(usable.begin() + std::ptrdiff_t(first), usable.begin() + std::ptrdiff_t(first) + count, 0) != usable.begin() + std::ptrdiff_t(first) + count) return;
      const std::vector<mixture_parameters> these(fitted.begin() + std::ptrdiff_t(first), fitted.begin() + std::ptrdiff_t(first) + count);
      const drawn_value v = information(these, weight, options.mc_samples, k.fold(2).fold(std::uint64_t(b)));
      e.values[std::size_t(b)] = v.value, errors[std::size_t(b)] = v.error;
    });
    e.mean = e.full, e.mc_error = e.full_mc_error;
    if (replicas > 0) {
      const detail::moments_of_replicas m(e.values, errors);
      e.mean = m.mean, e.sd = m.sd, e.mc_error = m.mc_error, e.replicas = m.good, e.failed = int(replicas) - m.good;
      if (options.bias_corrected) e.mean = 2 * e.full - e.mean, e.mc_error = std::hypot(2 * e.full_mc_error, e.mc_error);
      if (e.failed) e.warnings.push_back(text(e.failed, " of ", replicas, " replicas became singular and are left out; raise reg_covar"));
    }
    if (e.degenerate) e.warnings.push_back("a component collapsed onto few rows: the value is set by reg_covar, not by the data");
    const double scale = options.base == unit::bit ? 1.44269504088896340736 : 1;
    for (double* v : {&e.mean, &e.sd, &e.mc_error, &e.full, &e.full_mc_error}) *v *= scale;
    for (double& v : e.values) v *= scale;
    return e;
  }

  template <HostArray X, HostArray C>
  categorical_estimate fit_estimate(const X& x, const C& labels, const mi_dist_params& options = {}) {
    fit(x, labels);
    return estimate(options);
  }

private:
  struct one {
    int label;
    table<scalar> data;
    prob::selection chosen;
    mixture_parameters full;
    bool usable, collapsed;
  };
  static drawn_value information(const std::vector<mixture_parameters>& p, const std::vector<double>& weight, index_t draws, key k) {
    std::vector<detail::log_density> density;
    for (const mixture_parameters& m : p) density.emplace_back(m, "prob::estimate_categorical_mi::estimate");
    std::vector<detail::pass_workspace<double>> work(p.size());
    std::vector<double> each(272 * p.size());
    drawn_value sum;
    for (std::size_t c = 0; c < p.size(); ++c) {
      const index_t share = std::max<index_t>(2, index_t(std::llround(double(draws) / double(p.size()))));
      const drawn_value v = detail::expectation(p[c], share, k.fold(c), [&](const double* const* x, index_t n, double* out) {
        for (std::size_t q = 0; q < p.size(); ++q) density[q](x, n, each.data() + 272 * q, work[q]);
        for (index_t i = 0; i < n; ++i) {
          double most = -std::numeric_limits<double>::infinity(), whole = 0;
          for (std::size_t q = 0; q < p.size(); ++q) most = std::max(most, each[272 * q + std::size_t(i)]);
          for (std::size_t q = 0; q < p.size(); ++q) whole += weight[q] * std::exp(each[272 * q + std::size_t(i)] - most);
          out[i] = each[272 * c + std::size_t(i)] - most - std::log(whole);
        }
      });
      sum.value += weight[c] * v.value;
      sum.error = std::hypot(sum.error, weight[c] * v.error);
    }
    return sum;
  }

  gmm_fit_params fit_{};
  select_components_params select_{};
  class_weights weights_ = class_weights::empirical;
  key key_{42};
  int threads_ = 0;
  std::vector<one> classes_;
  std::vector<std::string> warnings_;
};

}
