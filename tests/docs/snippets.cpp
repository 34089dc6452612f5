// The programs that the documents show do what they say.
#include <doctest/doctest.h>

#define main quickstart
#include "../../docs/snippets/quickstart.cpp"
#undef main

TEST_CASE("README's example separates the quarter circle") { CHECK(quickstart() == 0); }
