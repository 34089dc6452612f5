// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/extents.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

namespace cosmoml::inline COSMOML_ABI {

namespace detail {
inline void append(std::string& to, std::string_view s) { to += s; }
inline void append(std::string& to, const char* s) { to += s; }
inline void append(std::string& to, char c) { to += c; }
inline void append(std::string& to, bool b) { to += b ? "true" : "false"; }
inline void append(std::string& to, double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", v);
  to += text;
}
template <class I>
  requires std::is_integral_v<I>
void append(std::string& to, I v) {
  to += std::to_string(v);
}
// (3, 32, 32), and (64,) as Python writes it.
inline void append(std::string& to, const extents& e) {
  to += '(';
  for (int a = 0; a < e.rank; ++a) {
    if (a) to += ", ";
    to += std::to_string(e[a]);
  }
  to += e.rank == 1 ? ",)" : ")";
}
}

// text("layer ", 3, " of ", 7): its arguments, one after the other.
template <class... T>
[[gnu::cold]] std::string text(const T&... parts) {
  std::string s;
  (detail::append(s, parts), ...);
  return s;
}

}
