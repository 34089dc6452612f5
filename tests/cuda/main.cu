// doctest's implementation for programs that nvcc compiles. Without a device only what does not need one runs.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cosmoml/backend/cuda.hpp>

#include <cstdio>

namespace tests {
extern const char* const folder;
const char* const folder = COSMOML_TESTS;
}

int main(int count, char** arguments) {
  doctest::Context context(count, arguments);
  if (cosmoml::exec::cuda::devices() == 0) {
    std::printf("skipped: no CUDA device\n");
    context.setOption("test-case", "*without a device*");
  }
  return context.run();
}
