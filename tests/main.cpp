// The one place with doctest's implementation.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "support/folder.hpp"

namespace tests {
const char* const folder = COSMOML_TESTS;
}
