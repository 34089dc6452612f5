// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <exception>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace cosmoml::inline COSMOML_ABI::kernels {

// Elements of an element-wise loop from which on a second thread pays.
inline constexpr index_t sweep_worth = 1 << 15;

// Threads that `share` may use; scratch memory of a kernel is for so many.
inline int most_threads() {
#if defined(_OPENMP)
  return omp_in_parallel() ? 1 : omp_get_max_threads();
#else
  return 1;
#endif
}

// f(first, last, thread) over pieces of [0, n) that begin at multiples of `grain`, on OpenMP's threads if the work is worth it. What f
// writes for an index must depend on the index alone: then the bits do not depend on the number of threads. `thread` is below at_most.
template <class F>
void share(index_t n, index_t grain, [[maybe_unused]] bool worth, F f, [[maybe_unused]] index_t at_most = 1 << 16) {
#if defined(_OPENMP)
  const index_t pieces = (n + grain - 1) / grain, allowed = at_most < pieces ? at_most : pieces;
  const int most = worth ? most_threads() : 1, threads = most < allowed ? most : int(allowed);
  if (threads > 1) {
#pragma omp parallel num_threads(threads)
    {
      const index_t t = omp_get_thread_num(), of = omp_get_num_threads();
      const index_t first = pieces * t / of * grain, last = pieces * (t + 1) / of * grain;
      f(first, last < n ? last : n, int(t));
    }
    return;
  }
#else
  (void)grain;
#endif
  f(index_t(0), n, 0);
}
// f(i, thread) for i < n, each its own item of work. What one of them throws, of which the last is as good as any, reaches the caller.
template <class F>
void share_each(index_t n, index_t threads, F f) {
  std::exception_ptr thrown;
  share(n, 1, true, [&](index_t first, index_t last, int thread) {
    try {
      for (index_t i = first; i < last; ++i) f(i, thread);
    } catch (...) {
#if defined(_OPENMP)
#pragma omp critical(cosmoml_thrown)
#endif
      thrown = std::current_exception();
    }
  }, threads);
  if (thrown) std::rethrow_exception(thrown);
}

}
