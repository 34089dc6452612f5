// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/text.hpp>

#include <stdexcept>
#include <string>

namespace cosmoml::inline COSMOML_ABI {

// Every exception of the library. The text says what was asked, what was found and what to do.
class error : public std::runtime_error {
public:
  error(const std::string& asked, const std::string& found, const std::string& cure)
      : std::runtime_error("cosmoml: " + asked + ": " + found + "; " + cure) {}
};

// An argument that makes no sense.
struct invalid_argument : error {
  using error::error;
};
// Sizes that do not fit one another.
struct shape_mismatch : error {
  using error::error;
};
// A number that became NaN or infinite, a matrix that is not positive definite.
struct numerical_error : error {
  using error::error;
};
// A file that is missing, truncated, or of another kind.
struct io_error : error {
  using error::error;
};
// Something that CUDA, Thrust or another library below reported.
struct backend_error : error {
  using error::error;
};

// Throws E unless `holds`. The parts of `found` are only put together when it throws.
template <class E, class... Found>
inline void expect(bool holds, const char* asked, const char* cure, const Found&... found) {
  if (!holds) [[unlikely]] throw E(asked, text(found...), cure);
}

}
