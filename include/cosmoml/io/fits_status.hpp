// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>

#if !__has_include(<fitsio.h>)
#error "cosmoml: io/fits.hpp needs cfitsio: install libcfitsio-dev and link cosmoml::fits"
#endif
#include <fitsio.h>
#include <limits>
#include <string>
#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::io::detail {

// Is T a number that arrays are read as? If not, this is the only thing that fails: callers go no further.
template <class T>
constexpr bool fits_holds() {
  constexpr bool known = std::is_arithmetic_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= 8;
  static_assert(known, "cosmoml: FITS arrays are read as integers, float or double; read booleans as unsigned char");
  return known;
}
// cfitsio's number for a type of ours.
template <class T>
constexpr int fits_type() {
  if constexpr (!fits_holds<T>()) return 0;
  else if constexpr (std::is_same_v<T, float>) return TFLOAT;
  else if constexpr (std::is_same_v<T, double>) return TDOUBLE;
  else if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? TSBYTE : TBYTE;
  else if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? TSHORT : TUSHORT;
  else if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? TINT : TUINT;
  else return std::is_signed_v<T> ? TLONGLONG : TULONGLONG;
}
// BITPIX of an image, and the letter of a column, that hold a type as it is.
template <class T>
constexpr int fits_image_type() {
  if constexpr (std::is_same_v<T, float>) return FLOAT_IMG;
  else if constexpr (std::is_same_v<T, double>) return DOUBLE_IMG;
  else if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? SBYTE_IMG : BYTE_IMG;
  else if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? SHORT_IMG : USHORT_IMG;
  else if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? LONG_IMG : ULONG_IMG;
  else return std::is_signed_v<T> ? LONGLONG_IMG : ULONGLONG_IMG;
}
template <class T>
constexpr char fits_letter() {
  if constexpr (std::is_same_v<T, float>) return 'E';
  else if constexpr (std::is_same_v<T, double>) return 'D';
  else if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? 'S' : 'B';
  else if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? 'I' : 'U';
  else if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? 'J' : 'V';
  else return std::is_signed_v<T> ? 'K' : 'W';
}

// What cfitsio says: its name for the status, and its own words.
inline std::string fits_reason(int status) {
  char name[FLEN_STATUS] = {}, words[FLEN_ERRMSG] = {};
  fits_get_errstatus(status, name);
  std::string s = name;
  if (fits_read_errmsg(words) != 0 && *words) s += std::string(", ") + words;
  fits_clear_errmsg();
  return s;
}

}
