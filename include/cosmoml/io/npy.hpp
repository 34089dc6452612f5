// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace cosmoml::inline COSMOML_ABI::io {

namespace detail {

// NumPy's code for a type: "<f4". Byte order is the machine's, which is little-endian wherever this library runs.
template <class T>
std::string npy_descr() {
  static_assert(std::endian::native == std::endian::little, "cosmoml: npy files are read and written on little-endian machines");
  const char kind = std::is_same_v<T, bool> ? 'b' : std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
  return std::string(sizeof(T) == 1 ? "|" : "<") + kind + std::to_string(sizeof(T));
}
// The value behind 'key': in the header's dictionary, up to the next comma that is outside parentheses.
inline std::string npy_entry(const std::string& header, const char* name) {
  const std::size_t at = header.find(std::string("'") + name + "'");
  if (at == std::string::npos) return "";
  std::size_t from = header.find(':', at);
  if (from == std::string::npos) return "";
  int depth = 0;
  std::size_t to = ++from;
  for (; to < header.size(); ++to) {
    if (header[to] == '(') ++depth;
    if (header[to] == ')') --depth;
    if ((header[to] == ',' || header[to] == '}') && depth == 0) break;
  }
  while (from < to && header[from] == ' ') ++from;
  while (to > from && header[to - 1] == ' ') --to;
  return header.substr(from, to - from);
}

template <class From, class T>
void npy_convert(const unsigned char* from, T* to, std::size_t n, const std::string& path) {
  for (std::size_t i = 0; i < n; ++i) {
    From v;
    std::memcpy(&v, from + i * sizeof(From), sizeof(From));
    if constexpr (std::is_floating_point_v<From> && std::is_integral_v<T> && !std::is_same_v<T, bool>)   // C++ leaves open what such a number becomes
      if (!((v >= From(std::numeric_limits<T>::min()) || v > From(std::numeric_limits<T>::min()) - 1) && v < std::ldexp(From(1), std::numeric_limits<T>::digits)))
        throw io_error("reading npy file " + path, text("the number ", double(v), " as element ", i, " where whole numbers of ", sizeof(T), " bytes are asked for"), "read it as double");
    to[i] = T(v);
  }
}

}

// What an npy file says of itself before its elements.
struct npy_header {
  std::vector<index_t> extents;   // of a NumPy scalar: {1}
  std::string kind;               // "f4", "i8" ...
  std::size_t width = 0;          // bytes an element
  bool fortran = false;
  std::size_t data_at = 0;        // where elements begin
  std::size_t elements() const {
    std::size_t n = 1;
    for (const index_t d : extents) n *= std::size_t(d);
    return n;
  }
};
namespace detail {
// How many bytes the header takes, from the first twelve (or all that there are).
inline std::size_t npy_header_size(const unsigned char* b, std::size_t have, const std::string& path) {
  const std::string asked = "reading npy file " + path;
  if (have < 10 || std::memcmp(b, "\x93NUMPY", 6) != 0) throw io_error(asked, "it does not begin with NumPy's mark", "give a file written by numpy.save");
  const int version = b[6];
  if (version < 1 || version > 3) throw io_error(asked, text("format version ", version), "save it with a current NumPy");
  const std::size_t mark = version == 1 ? 10 : 12;
  if (have < mark) throw io_error(asked, "it ends inside its header", "fetch the file again; this copy is truncated");
  std::size_t length = b[8] | std::size_t(b[9]) << 8;
  if (version > 1) length |= std::size_t(b[10]) << 16 | std::size_t(b[11]) << 24;
  return mark + length;
}
// The header in the first bytes of a file of `size`, whose elements must fit into the rest. `path` is for messages.
inline npy_header parse_npy_header(const unsigned char* b, std::size_t have, std::size_t size, const std::string& path) {
  const std::string asked = "reading npy file " + path;
  npy_header h;
  h.data_at = npy_header_size(b, have, path);
  if (have < h.data_at) throw io_error(asked, "it ends inside its header", "fetch the file again; this copy is truncated");
  const std::size_t mark = b[6] == 1 ? 10 : 12;
  const std::string header(b + mark, b + h.data_at);

  const std::string descr = npy_entry(header, "descr"), order = npy_entry(header, "fortran_order"), shape = npy_entry(header, "shape");
  if (descr.size() < 4 || shape.size() < 2 || shape.front() != '(') throw io_error(asked, "a header without descr and shape", "give a file written by numpy.save");
  std::vector<index_t>& extents = h.extents;
  index_t value = -1;
  for (char c : shape) {
    if (c >= '0' && c <= '9') {
      if (value > (index_t(1) << 40)) throw io_error(asked, "an extent beyond 2^40", "give a file written by numpy.save");
      value = (value < 0 ? 0 : value * 10) + (c - '0');
    } else if (value >= 0) {
      extents.push_back(value);
      value = -1;
    }
  }
  if (extents.empty()) extents.push_back(1);   // a NumPy scalar
  if (int(extents.size()) > ndview<char>::max_rank) throw io_error(asked, text(extents.size(), " axes"), "use at most six axes");

  const std::string code = descr.substr(1, descr.size() - 2);   // without the quotes
  const std::string kind = code.substr(1);
  if (code[0] == '>') throw io_error(asked, "big-endian elements, " + code, "save it with the machine's byte order");
  const std::size_t width = kind.size() == 2 && kind[1] >= '1' && kind[1] <= '8' ? std::size_t(kind[1] - '0') : 0;
  if (width == 0) throw io_error(asked, "elements of type " + code, "save it as integers, float32 or float64");
  const std::size_t room = size - h.data_at;
  if (!elements_within(extents, room / width)) throw io_error(asked, text(room, " bytes of elements where the header says ", shape, " of ", code), "fetch the file again; this copy is truncated");
  h.kind = kind;
  h.width = width;
  h.fortran = order == "True";
  return h;
}
// Elements of one of NumPy's kinds as numbers of T.
template <class T>
void npy_elements(const npy_header& h, const unsigned char* p, T* to, std::size_t n, const std::string& path) {
  const std::string& kind = h.kind;
  if (kind == "f4") npy_convert<float>(p, to, n, path);
  else if (kind == "f8") npy_convert<double>(p, to, n, path);
  else if (kind == "i1") npy_convert<std::int8_t>(p, to, n, path);
  else if (kind == "i2") npy_convert<std::int16_t>(p, to, n, path);
  else if (kind == "i4") npy_convert<std::int32_t>(p, to, n, path);
  else if (kind == "i8") npy_convert<std::int64_t>(p, to, n, path);
  else if (kind == "u1" || kind == "b1") npy_convert<std::uint8_t>(p, to, n, path);
  else if (kind == "u2") npy_convert<std::uint16_t>(p, to, n, path);
  else if (kind == "u4") npy_convert<std::uint32_t>(p, to, n, path);
  else if (kind == "u8") npy_convert<std::uint64_t>(p, to, n, path);
  else throw io_error("reading npy file " + path, "elements of type " + kind, "save it as integers, float32 or float64");
}
}

// The array in the bytes of an npy file, as elements of T: integers, float and double are converted. `path` is for messages.
template <class T>
ndarray<T> parse_npy(const bytes& b, const std::string& path) {
  const npy_header h = detail::parse_npy_header(b.data(), b.size(), b.size(), path);
  std::vector<index_t> extents = h.extents;
  std::vector<T> raw(h.elements());
  detail::npy_elements(h, b.data() + h.data_at, raw.data(), raw.size(), path);

  if (!h.fortran) return ndarray<T>(std::move(extents), std::move(raw));
  ndarray<T> c(extents);   // Fortran order: axis 0 runs fastest
  for (index_t i = 0; i < c.size(); ++i) {
    index_t rest = i, at = 0, step = 1;
    std::vector<index_t> place(extents.size());
    for (std::size_t a = extents.size(); a-- > 0; rest /= extents[a]) place[a] = rest % extents[a];
    for (std::size_t a = 0; a < extents.size(); step *= extents[a++]) at += place[a] * step;
    c[i] = raw[std::size_t(at)];
  }
  return c;
}
// As a file; npy_file reads one that is larger than memory.
template <class T>
ndarray<T> read_npy(const std::string& path) {
  const bytes b = read_file(path);
  return detail::with_memory("reading npy file " + path, [&] { return parse_npy<T>(b, path); });
}

// The bytes of an npy file (format version 1.0, C order).
template <HostArray X>
bytes npy_bytes(const X& array) {
  const auto v = as_ndview(array);
  using T = std::remove_const_t<std::remove_pointer_t<decltype(v.data)>>;
  std::string shape;
  for (int a = 0; a < v.rank; ++a) shape += std::to_string(v.dim[a]) + (v.rank == 1 ? "," : a + 1 < v.rank ? ", " : "");
  std::string header = "{'descr': '" + detail::npy_descr<T>() + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  bytes b{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<unsigned char>(header.size() & 0xff), static_cast<unsigned char>(header.size() >> 8)};
  for (const char c : header) b.push_back(static_cast<unsigned char>(c));   // g++ 12 warns of an insert at -O2
  const index_t row = v.row_size(), rows = row > 0 ? v.rows() : 0;   // rows of nothing may be any number
  const std::size_t at = b.size();
  b.resize(at + std::size_t(v.size()) * sizeof(T));
  for (index_t n = 0; n < rows; ++n)
    for (index_t e = 0; e < row; ++e) {
      const T value = v(n, e);
      std::memcpy(b.data() + at + std::size_t(n * row + e) * sizeof(T), &value, sizeof(T));
    }
  return b;
}
template <HostArray X>
void write_npy(const std::string& path, const X& array) {
  const bytes b = npy_bytes(array);
  write_file(path, b.data(), b.size());
}

}
