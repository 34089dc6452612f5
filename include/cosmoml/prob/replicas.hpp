// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/native.hpp>
#include <cosmoml/core/key.hpp>
#include <cosmoml/prob/em.hpp>

namespace cosmoml::inline COSMOML_ABI::prob {

// How often a bootstrap replica takes each of n rows: n draws with replacement, replica number b of the key.
inline std::vector<int> bootstrap_times(index_t n, key randomness, index_t b) {
  const key k = randomness.fold(std::uint64_t(b));
  std::vector<int> times(static_cast<std::size_t>(n));
  if (n < (1 << 20)) {   // four rows from one block of random words; the bias is below n / 2^32
    for (index_t i = 0; i < n; i += 4) {
      const philox::block w = philox::at({{std::uint32_t(i), std::uint32_t(std::uint64_t(i) >> 32), 0, 3}}, std::uint32_t(k.value), std::uint32_t(k.value >> 32));
      for (index_t j = 0; j < std::min<index_t>(4, n - i); ++j) ++times[std::size_t(std::uint64_t(w.word[j]) * std::uint64_t(n) >> 32)];
    }
  } else
    for (index_t i = 0; i < n; ++i) ++times[std::size_t(k.below(std::uint64_t(n), std::uint64_t(i)))];
  return times;
}

// Which of `folds` parts each row is in, by a shuffle: parts of sizes that differ by at most one.
inline std::vector<int> fold_of_rows(index_t n, int folds, key randomness) {
  std::vector<int> fold(static_cast<std::size_t>(n));
  for (index_t i = 0; i < n; ++i) fold[std::size_t(i)] = int(i % folds);
  for (index_t i = n - 1; i > 0; --i) std::swap(fold[std::size_t(i)], fold[std::size_t(randomness.below(std::uint64_t(i + 1), std::uint64_t(i)))]);
  return fold;
}

// Many fits to the same rows, each with its own multiplicities of rows and its own start: folds of a cross-validation, replicas of a bootstrap.
//   em_runner<B>::run(data, count, options, start(i), times(i), done(i, parameters, report))
// start and done are called from several threads, each i once; what done writes must belong to i. The primary template runs on any backend
// (prob/portable_em.hpp).
template <class B>
struct em_runner;

// native: replicas over threads, rows over lanes, rows that occur compressed to the front.
template <class S>
struct em_runner<backend::native<S>> {
  template <class Start, class Times, class Done>
  static void run(const table<S>& data, index_t count, const em_options& options, Start start, Times times, Done done) {
    em_options inner = options;
    const int threads = threads_for(options.threads);
    // few fits on many rows: threads inside each
    const bool outside = count >= threads || data.rows() < 2 * detail::chunk_rows(data.rows());
    inner.threads = outside ? 1 : options.threads;
    parallel_for(count, outside ? threads : 1, [&](index_t i, int) {
      mixture_parameters p = start(i);
      const std::vector<int> rows = times(i);
      em_report r;
      if (rows.empty()) r = detail::em_engine<S>(data, inner).fit(p);
      else {
        const table<S> replica = data.multiplied(rows);
        r = detail::em_engine<S>(replica, inner).fit(p);
      }
      done(i, p, r);
    });
  }
};

}
