// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/text.hpp>

#if !__has_include(<hdf5.h>)
#error "cosmoml: io/hdf5.hpp needs HDF5: install libhdf5-dev and link cosmoml::hdf5, or add -I/usr/include/hdf5/serial"
#endif
#include <hdf5.h>
#include <string>
#include <type_traits>
#include <utility>

namespace cosmoml::inline COSMOML_ABI::io {

namespace detail {

// Something of HDF5's that has to be closed.
class hdf5_handle {
public:
  hdf5_handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  hdf5_handle(hdf5_handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  hdf5_handle& operator=(hdf5_handle other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~hdf5_handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }
  bool good() const { return id_ >= 0; }

private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

// While it lives HDF5 prints nothing; its reasons go into our errors. What prints is HDF5's to remember: for each thread where the library is built for
// several, so that none disturbs another; else once for the process, where only one thread at a time may be in HDF5 anyway. Ends in the order of
// scopes, which puts back what the caller had.
class hdf5_quiet {
public:
  hdf5_quiet() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &to_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  hdf5_quiet(const hdf5_quiet&) = delete;
  ~hdf5_quiet() { H5Eset_auto2(H5E_DEFAULT, print_, to_); }
  // What HDF5 says of the last failure: the call's reason and the one at its root.
  static std::string reason() {
    struct said {
      std::string first, last;
    } s;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, [](unsigned n, const H5E_error2_t* e, void* to) -> herr_t {
      (n == 0 ? static_cast<said*>(to)->first : static_cast<said*>(to)->last) = e->desc ? e->desc : "";
      return 0;
    }, &s);
    return s.first.empty() ? "HDF5 gave no reason" : s.last.empty() || s.last == s.first ? s.first : s.first + ", " + s.last;
  }

private:
  H5E_auto2_t print_ = nullptr;
  void* to_ = nullptr;
};

// Is T a number that arrays hold? If not, this is the only thing that fails: callers go no further.
template <class T>
constexpr bool hdf5_holds() {
  constexpr bool known = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;
  static_assert(known, "cosmoml: HDF5 arrays hold integers, float or double here; read booleans as unsigned char");
  return known;
}
template <class T>
hid_t hdf5_type() {
  if constexpr (!hdf5_holds<T>()) return H5I_INVALID_HID;
  else if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
  else if constexpr (std::is_floating_point_v<T>) return sizeof(T) == sizeof(double) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_LDOUBLE;
  else if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8;
  else if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? H5T_NATIVE_INT16 : H5T_NATIVE_UINT16;
  else if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? H5T_NATIVE_INT32 : H5T_NATIVE_UINT32;
  else return std::is_signed_v<T> ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
}
inline std::string hdf5_type_text(hid_t type) {
  const std::size_t bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_INTEGER: return text(H5Tget_sign(type) == H5T_SGN_NONE ? "unsigned integers of " : "integers of ", bits, " bits");
    case H5T_FLOAT: return text("floating-point numbers of ", bits, " bits");
    case H5T_STRING: return "strings";
    case H5T_COMPOUND: return "records";
    case H5T_ENUM: return "names of numbers";
    default: return "elements of another kind";
  }
}

}

}
