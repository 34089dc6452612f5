// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <algorithm>
#include <exception>
#include <vector>
#if defined(_OPENMP)
#include <omp.h>
#endif

namespace cosmoml::inline COSMOML_ABI::prob {

// How many threads a request means: 0 is as many as OpenMP would take, 1 without OpenMP and inside a parallel region.
inline int threads_for(int asked) {
#if defined(_OPENMP)
  if (omp_in_parallel()) return 1;
  return asked > 0 ? asked : omp_get_max_threads();
#else
  (void)asked;
  return 1;
#endif
}

// body(i, thread) for i in [0, count), in any order. What body writes must depend on i alone: then the bits do not depend on the number of
// threads. The exception of the smallest i is passed on.
template <class Body>
void parallel_for(index_t count, int threads, Body body) {
#if defined(_OPENMP)
  if (threads > 1 && count > 1) {
    std::vector<std::exception_ptr> failed(static_cast<std::size_t>(count));
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (index_t i = 0; i < count; ++i) {
      try {
        body(i, omp_get_thread_num());
      } catch (...) {
        failed[std::size_t(i)] = std::current_exception();
      }
    }
    for (const std::exception_ptr& e : failed)
      if (e) std::rethrow_exception(e);
    return;
  }
#endif
  (void)threads;
  for (index_t i = 0; i < count; ++i) body(i, 0);
}

namespace detail {

// Rows that one thread takes at a time: a matter of the table alone, so that sums do not depend on the number of threads.
inline index_t chunk_rows(index_t rows) { return std::max<index_t>(1024, round_up(rows / 256, 256)); }

}

}
