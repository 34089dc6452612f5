// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace examples {

inline int core_count() {
  const unsigned n = std::thread::hardware_concurrency();
  return n ? int(n) : 1;
}

// Calls job(0) ... job(count - 1), as many at once as there are threads; the first exception is thrown here, after all have ended.
template <class Job>
void run_jobs(int count, int threads, Job job) {
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  auto work = [&] {
    for (int i; (i = next++) < count;) try {
        job(i);
      } catch (...) {
        const std::lock_guard lock(guard);
        if (!failure) failure = std::current_exception();
        next = count;
      }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads && t < count; ++t) others.emplace_back(work);
  work();
  for (auto& t : others) t.join();
  if (failure) std::rethrow_exception(failure);
}

}
