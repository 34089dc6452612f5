// SPDX-License-Identifier: BSL-1.0
// Expectation maximisation and mutual information, from the user's array. The other sides: python/mixtures.py, python/information.py.
#include "network.hpp"

#include <cosmoml/prob.hpp>

using namespace cosmoml;

namespace {
std::vector<double> normals(index_t n, key k) {
  std::vector<double> x(std::size_t(n), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = k.normal(i);
  return x;
}
ndarray<double> table(const std::vector<double>& from, index_t columns) {
  ndarray<double> x(index_t(from.size()) / columns, columns);
  std::copy(from.begin(), from.end(), x.data());
  return x;
}

// Components at given means with unit covariances and equal weights, then so many iterations.
template <class S>
class em : public peers::workload {
public:
  em(ndarray<double> x, ndarray<double> means, int iterations) : x_(std::move(x)), means_(std::move(means)), iterations_(iterations) {}
  void call() override {
    const index_t k = means_.rows(), d = means_.row_size();
    p_ = prob::mixture_parameters(k, d);
    for (index_t i = 0; i < k; ++i) {
      p_.weight[std::size_t(i)] = 1 / double(k);
      for (index_t a = 0; a < d; ++a) p_.mean_of(i)[a] = means_[i * d + a], p_.covariance_of(i)[a * d + a] = 1;
    }
    const prob::table<S> data(x_);
    prob::fit_em(p_, data, {.threshold_fit = 0, .max_iter = iterations_, .reg_covar = 1e-6, .relative = false, .threads = peers::threads()});
  }
  std::vector<double> check() override {
    call();
    std::vector<double> v = p_.weight;
    v.insert(v.end(), p_.mean.begin(), p_.mean.end());
    v.insert(v.end(), p_.covariance.begin(), p_.covariance.end());
    return v;
  }

private:
  ndarray<double> x_, means_;
  int iterations_;
  prob::mixture_parameters p_;
};

// Clouds of 0.7 around centres of scatter 3, or one cloud of scatter 1.
void write_d2(const peers::store& s) {
  const auto centres = normals(10, key{21}), noise = normals(200'000, key{22});
  std::vector<double> x(200'000), means(10);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 3 * centres[i / 40'000 * 2 + i % 2] + 0.7 * noise[i];
  for (std::size_t i = 0; i < means.size(); ++i) means[i] = 6 * key{23}.uniform(i) - 3;
  s.write("em_d2-x", x);
  s.write("em_d2-means", means);
}
void write_d8(const peers::store& s) {
  s.write("em_d8-x", normals(160'000, key{24}));
  s.write("em_d8-means", normals(80, key{25}));
}
template <class S>
void add_em(const std::string& name, int d, peers::data_writer data) {
  const std::string files = text("em_d", d);
  peers::add(name, [=](const peers::store& s) { return std::make_unique<em<S>>(table(s.read<double>(files + "-x"), d), table(s.read<double>(files + "-means"), d), 50); }, data);
}
// Five components on one cloud, ten iterations: linear in the rows.
void add_rows(index_t n) {
  peers::add(text("gmm_em_k5_d2_10iter_n", n), [=](const peers::store&) {
    auto x = table(normals(2 * n, key{1}), 2);
    auto means = table({x.data(), x.data() + 10}, 2);
    return std::make_unique<em<double>>(std::move(x), std::move(means), 10);
  }, [](const peers::store&) {});
}

// Data set D3 of the reference's paper: three components in two dimensions, mutual information 0.1326. Five sets.
constexpr int sets = 5;
void write_d3(const peers::store& s) {
  const double weight[] = {.3, .45, .25}, mean[][2] = {{-1, 1}, {0, 2}, {-1.5, 2}}, cov[][3] = {{1, 0, .1}, {.5, .2, .5}, {.1, .05, .1}};
  for (int set = 0; set < sets; ++set) {
    const key k = key{26}.fold(std::uint64_t(set));
    std::vector<double> x;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      const double u = k.fold(0).uniform(i), a = k.fold(1).normal(2 * i), b = k.fold(1).normal(2 * i + 1);
      const int c = u < weight[0] ? 0 : u < weight[0] + weight[1] ? 1 : 2;
      const double l11 = std::sqrt(cov[c][0]), l21 = cov[c][1] / l11, l22 = std::sqrt(cov[c][2] - l21 * l21);
      x.push_back(mean[c][0] + l11 * a);
      x.push_back(mean[c][1] + l21 * a + l22 * b);
    }
    s.write(text("d3_", set), x);
  }
}
// The whole estimate of one set: 3 starts, 2 folds, 100 bootstraps, 1e4 draws. Batch number i takes set i mod 5.
class information : public peers::workload {
public:
  information(const peers::store& s, const std::string& files, int tables, int components) : components_(components) {
    for (int i = 0; i < tables; ++i) tables_.push_back(table(s.read<double>(files + std::to_string(i)), 2));
  }
  void reset(int index) override { set_ = index % int(tables_.size()); }
  void call() override {
    prob::estimate_mi<> e({}, {.fixed_components_number = components_}, key{42}, peers::threads());
    const auto mi = e.fit_estimate(tables_[std::size_t(set_)], {.n_bootstrap = 100, .mc_samples = 10000});
    char line[80];
    std::snprintf(line, sizeof line, "set %d: %.4f +- %.4f, K %d", set_, mi.mean, mi.sd, int(mi.components));
    note_ = line;
  }
  std::string note() const override { return note_; }

private:
  int components_, set_ = 0;
  std::vector<ndarray<double>> tables_;
  std::string note_;
};
void add_information(const std::string& name, const std::string& files, int tables, int components, peers::data_writer data) {
  peers::add(name, [=](const peers::store& s) { return std::make_unique<information>(s, files, tables, components); }, data);
}

// Three latents beside thirteen columns that follow them.
struct matrix : peers::workload {
  static constexpr index_t n = 4332;
  ndarray<double> z = table(normals(3 * n, key{2}), 3), y = table(normals(13 * n, key{3}), 13);
  matrix() {
    for (index_t i = 0; i < n; ++i)
      for (index_t c = 0; c < 13; ++c) {
        const double a = double(c) / 12;
        y[13 * i + c] = z[3 * i] * (1 - a) + z[3 * i + 1] * a + 0.3 * z[3 * i + 2] * z[3 * i + 2] + 0.5 * y[13 * i + c];
      }
  }
  void call() override { prob::mutual_information_matrix(z, y, {.dist = {.mc_samples = 10000}, .threads = peers::threads()}); }
};

const bool added = [] {
  add_em<double>("gmm_em_1e5_k5_d2_50iter", 2, write_d2);
  add_em<double>("gmm_em_2e4_k10_d8_50iter", 8, write_d8);
  add_em<float>("gmm_em_1e5_k5_d2_50iter_float", 2, write_d2);
  add_em<float>("gmm_em_2e4_k10_d8_50iter_float", 8, write_d8);
  for (index_t n : {1'000, 10'000, 100'000, 1'000'000, 10'000'000}) add_rows(n);
  add_information("mutual_information_d3_n10000", "d3_", sets, 0, write_d3);
  add_information("mutual_information_d3_n10000_k3", "d3_", sets, 3, write_d3);
  add_information("mutual_information_gaussian_n200", "gaussian_", 1, 0, [](const peers::store& s) {
    auto x = normals(400, key{27});
    for (std::size_t i = 0; i < 200; ++i) x[2 * i + 1] = 0.6 * x[2 * i] + 0.8 * x[2 * i + 1];
    s.write("gaussian_0", x);
  });
  peers::add("mutual_information_matrix_3x13_n4332", [](const peers::store&) { return std::make_unique<matrix>(); }, [](const peers::store&) {});
  return true;
}();
}
