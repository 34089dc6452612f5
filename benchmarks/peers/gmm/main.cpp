// SPDX-License-Identifier: BSL-1.0
// Gaussian mixtures and mutual information against scikit-learn and gmm-mi: one JSON line a workload. peer.py writes the data into a folder,
// runs the peers on it, and this program is timed on the same numbers: bash benchmarks/peers/gmm/run.sh
#include <cosmoml/io/npy.hpp>
#include <cosmoml/prob.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace cosmoml;

namespace {
int threads = 2;
std::string folder, only;

// The median of several calls' seconds; the first is not counted.
template <class Call>
double measure(const std::string& name, const std::string& work, Call call, double budget = 2) {
  if (name.find(only) == std::string::npos) return 0;
  using clock = std::chrono::steady_clock;
  std::string result = call();
  std::vector<double> times;
  const auto start = clock::now();
  while (times.size() < 3 || std::chrono::duration<double>(clock::now() - start).count() < budget) {
    const auto begin = clock::now();
    result = call();
    times.push_back(std::chrono::duration<double>(clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  std::printf("{\"workload\": \"%s\", \"library\": \"cosmoml\", \"threads\": %d, \"median_s\": %.6g, \"best_s\": %.6g, \"runs\": %zu, \"work\": \"%s\", \"result\": \"%s\"}\n", name.c_str(), threads,
              median, times[0], times.size(), work.c_str(), result.c_str());
  std::fflush(stdout);
  return median;
}

ndarray<double> read(const std::string& name) { return io::read_npy<double>(folder + "/" + name + ".npy"); }
ndarray<double> normals(index_t n, index_t d, key k) {
  ndarray<double> x(n, d);
  for (index_t i = 0; i < x.size(); ++i) x[i] = k.normal(std::uint64_t(i));
  return x;
}

template <class S>
void em(const std::string& name, const ndarray<double>& x, const ndarray<double>& means) {
  const index_t k = means.rows(), d = means.row_size();
  measure(name, text(x.rows(), " rows, ", k, " components, ", d, " columns, 50 iterations, from the user's array"), [&] {
    prob::mixture_parameters p(k, d);
    for (index_t i = 0; i < k; ++i) {
      p.weight[std::size_t(i)] = 1 / double(k);
      for (index_t a = 0; a < d; ++a) p.mean_of(i)[a] = means[i * d + a], p.covariance_of(i)[a * d + a] = 1;
    }
    const prob::table<S> data(x);
    return text(prob::fit_em(p, data, {.threshold_fit = 0, .max_iter = 50, .reg_covar = 1e-6, .relative = false, .threads = threads}).log_likelihood);
  });
}

void information(const std::string& name, const std::vector<ndarray<double>>& tables, int components) {
  for (std::size_t i = 0; i < tables.size(); ++i)
    measure(name, text("set ", i, ": ", tables[i].rows(), " rows, 3 starts, 2 folds, 100 bootstraps, 1e4 draws"), [&] {
      prob::estimate_mi<> e({}, {.fixed_components_number = components}, key{42}, threads);
      const auto mi = e.fit_estimate(tables[i], {.n_bootstrap = 100, .mc_samples = 10000});
      return text(mi.mean, " +- ", mi.sd, ", K ", mi.components);
    }, 1);
}
}

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [THREADS] [NAME]\n", argv[0]);
    return 2;
  }
  folder = argv[1];
  if (argc > 2) threads = std::atoi(argv[2]);
  if (argc > 3) only = argv[3];
  try {
    em<double>("gmm_em_1e5_k5_d2_50iter", read("em_d2"), read("em_d2_means"));
    em<double>("gmm_em_2e4_k10_d8_50iter", read("em_d8"), read("em_d8_means"));
    em<float>("gmm_em_1e5_k5_d2_50iter_float", read("em_d2"), read("em_d2_means"));
    em<float>("gmm_em_2e4_k10_d8_50iter_float", read("em_d8"), read("em_d8_means"));
    std::vector<ndarray<double>> d3;
    for (int i = 0; i < 5; ++i) d3.push_back(read(text("d3_", i)));
    information("mutual_information_gaussian_n200", {read("gaussian")}, 0);
    information("mutual_information_d3_n10000", d3, 0);
    information("mutual_information_d3_n10000_k3", d3, 3);
    for (index_t n : {1000, 10000, 100000, 1000000, 10000000}) {   // linear in the rows
      const std::string name = text("gmm_em_k5_d2_10iter_n", n);
      if (name.find(only) == std::string::npos) continue;
      const auto x = normals(n, 2, key{1});
      const prob::table<double> data(x);
      measure(name, "10 iterations", [&] {
        prob::mixture_parameters p(5, 2);
        for (index_t k = 0; k < 5; ++k) {
          p.weight[std::size_t(k)] = 0.2;
          for (index_t a = 0; a < 2; ++a) p.mean_of(k)[a] = x[2 * k + a], p.covariance_of(k)[3 * a] = 1;
        }
        return text(prob::fit_em(p, data, {.threshold_fit = 0, .max_iter = 10, .threads = threads}).log_likelihood);
      }, 1);
    }
    {   // three latents that each follow some of thirteen columns
      const index_t n = 4332;
      const auto z = normals(n, 3, key{2}), noise = normals(n, 13, key{3});
      ndarray<double> y(n, 13);
      for (index_t i = 0; i < n; ++i)
        for (index_t c = 0; c < 13; ++c) {
          const double a = double(c) / 12, w = z[3 * i] * (1 - a) + z[3 * i + 1] * a + 0.3 * z[3 * i + 2] * z[3 * i + 2];
          y[13 * i + c] = w + 0.5 * noise[13 * i + c];
        }
      measure("mutual_information_matrix_3x13_n4332", "39 pairs, whole selection, 50 bootstraps, 1e4 draws", [&] {
        const auto m = prob::mutual_information_matrix(z, y, {.dist = {.mc_samples = 10000}, .threads = threads});
        return text("first ", m(0, 0).mean, " +- ", m(0, 0).sd);
      }, 0);
    }
  } catch (const error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
