// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

#include <string_view>

namespace cosmoml::inline COSMOML_ABI {

// A string that can be a template argument: model.layer<"drop">(), parameters.get<"weight">().
template <int N>
struct fixed_string {
  char text[N] = {};
  constexpr fixed_string(const char (&s)[N]) {
    for (int i = 0; i < N; ++i) text[i] = s[i];
  }
  constexpr std::string_view view() const { return {text, N - 1}; }
};

}
