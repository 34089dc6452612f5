// A folder for a test's own files, gone with it; what an error says.
#pragma once
#include <cosmoml/core/error.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace tests {
struct scratch {
  std::string path;
  scratch() {
    char name[] = "/tmp/cosmoml-test-XXXXXX";
    path = mkdtemp(name);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { (void)!std::system(("rm -rf " + path).c_str()); }
  std::string file(const char* name) const { return path + "/" + name; }
};
template <class E = cosmoml::io_error>
std::string message(auto&& call) {
  try {
    call();
  } catch (const E& e) {
    return e.what();
  }
  return "no error";
}
inline bool says(const std::string& all, const std::string& part) {
  INFO(all);
  const bool found = all.find(part) != std::string::npos;
  CHECK(found);
  return found;
}
}
