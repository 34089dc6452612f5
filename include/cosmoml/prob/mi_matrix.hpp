// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/prob/gmm_mi.hpp>

#include <chrono>
#include <mutex>

namespace cosmoml::inline COSMOML_ABI::prob {

// How far a matrix of estimates is.
struct mi_progress {
  index_t done, total;   // pairs
  double seconds;        // since it began
};

// Options of mi_matrix.
struct mi_matrix_options {
  gmm_fit_params fit{};
  select_components_params select{};
  mi_dist_params dist{};
  key randomness{42};
  int threads = 0;                                      // pairs over threads; 0: as OpenMP says
  function_ref<void(const mi_progress&)> progress{};    // called by one thread at a time
};

// Estimates for every pair of a column of x and a column of y. A pair that cannot be estimated (a constant column) holds NaN and says why in its
// warnings; the others are not affected.
struct mi_matrix {
  index_t rows = 0, columns = 0;   // columns of x, columns of y
  std::vector<mi_estimate> pair;   // (rows, columns)
  double seconds = 0;

  const mi_estimate& operator()(index_t i, index_t j) const { return pair[std::size_t(i * columns + j)]; }
  ndarray<double> means() const { return gather(&mi_estimate::mean); }
  ndarray<double> sds() const { return gather(&mi_estimate::sd); }

private:
  ndarray<double> gather(double mi_estimate::*what) const {
    ndarray<double> a(rows, columns);
    for (index_t i = 0; i < a.size(); ++i) a[i] = pair[std::size_t(i)].*what;
    return a;
  }
};

// The mutual information of each column of x (n, a) with each column of y (n, b). Each pair equals estimate_mi's answer for it to the bit, on any
// number of threads. Errors: shape_mismatch, numerical_error (NaN). Cost: a * b estimates.
template <class B = backend::native<double>, HostArray X, HostArray Y>
mi_matrix mutual_information_matrix(const X& x, const Y& y, const mi_matrix_options& options = {}) {
  using S = typename B::scalar;
  const char* asked = "prob::mutual_information_matrix";
  const auto a = as_ndview(x);
  const auto b = as_ndview(y);
  expect<shape_mismatch>(a.rank <= 2 && b.rank <= 2 && a.rows() == b.rows(), asked, "give two tables of as many rows", a.rows(), " and ", b.rows(), " rows");
  const table<S> left(a, "prob::mutual_information_matrix, x"), right(b, "prob::mutual_information_matrix, y");
  mi_matrix m;
  m.rows = left.columns(), m.columns = right.columns();
  const index_t pairs = m.rows * m.columns;
  m.pair.resize(std::size_t(pairs));
  const int threads = threads_for(options.threads);
  const bool outside = pairs >= threads;
  const auto start = std::chrono::steady_clock::now();
  auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  std::mutex telling;
  index_t done = 0;
  parallel_for(pairs, outside ? threads : 1, [&](index_t p, int) {
    mi_estimate& to = m.pair[std::size_t(p)];
    try {
      estimate_mi<B> e(options.fit, options.select, options.randomness, outside ? 1 : options.threads);
      e.fit_table(table<S>(left, p / m.columns, right, p % m.columns));
      to = e.estimate(options.dist);
    } catch (const error& why) {
      to.mean = to.full = NAN;
      to.degenerate = true;
      to.warnings = {why.what()};
    }
    const std::lock_guard lock(telling);
    ++done;
    if (options.progress) options.progress({done, pairs, elapsed()});
  });
  m.seconds = elapsed();
  return m;
}

}
