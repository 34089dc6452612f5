// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace cosmoml::inline COSMOML_ABI::io {

// One array of a safetensors file: its name, type ("F32", "F64", "F16", "BF16", "I64" ... "U8", "BOOL"), extents, and which bytes of the
// data it is.
struct safetensor {
  std::string name, type;
  std::vector<index_t> shape;
  std::size_t begin = 0, end = 0;
  index_t size() const {
    index_t n = 1;
    for (index_t d : shape) n *= d;
    return n;
  }
};

// A file of named arrays in the format of huggingface's safetensors: what PyTorch's weights are commonly exchanged in.
struct safetensors {
  std::vector<safetensor> tensors;                            // in the order of the header
  std::vector<std::pair<std::string, std::string>> metadata;
  bytes data;

  const safetensor* find(const std::string& name) const {
    for (const safetensor& t : tensors)
      if (t.name == name) return &t;
    return nullptr;
  }
  // Element i of an array, whatever its type.
  double element(const safetensor& t, index_t i) const;
  // Adds an array: values as `type`, which is F64, F32 or I64.
  template <class T>
  void add(const std::string& name, const std::string& type, std::vector<index_t> shape, const T* values);
};

namespace detail {

inline std::size_t safetensor_width(const std::string& type) {
  for (const char* t : {"F64", "I64", "U64"})
    if (type == t) return 8;
  for (const char* t : {"F32", "I32", "U32"})
    if (type == t) return 4;
  for (const char* t : {"F16", "BF16", "I16", "U16"})
    if (type == t) return 2;
  for (const char* t : {"I8", "U8", "BOOL"})
    if (type == t) return 1;
  return 0;
}
template <class T>
T little(const unsigned char* p) {
  static_assert(std::endian::native == std::endian::little, "cosmoml: safetensors are read on little-endian machines");
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline double half(std::uint16_t h) {
  const int exponent = h >> 10 & 31, sign = h >> 15 ? -1 : 1;
  const double fraction = (h & 1023) / 1024.0;
  if (exponent == 31) return fraction > 0 ? double(NAN) : sign * double(INFINITY);
  return sign * (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
}

// The header: JSON of the one shape that the format allows. Every refusal says where.
class safetensors_header {
public:
  safetensors_header(const char* text, std::size_t size, const std::string& asked) : p_(text), begin_(text), end_(text + size), asked_(asked) {}

  void read(safetensors& to) {
    expect('{');
    if (!accept('}')) do {
        const std::string name = string();
        expect(':');
        if (name == "__metadata__") read_metadata(to);
        else {
          to.tensors.push_back(read_tensor(name));
        }
      } while (accept(','));
    else return ends();
    expect('}');
    ends();
    std::vector<std::string_view> names;
    for (const safetensor& t : to.tensors) names.push_back(t.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) refuse("two tensors named " + std::string(*twice));
  }

private:
  [[noreturn]] void refuse(const std::string& found) const {
    throw io_error(asked_, found + text(", at byte ", 8 + (p_ - begin_)), "fetch the file again; it is damaged or of another kind");
  }
  void skip() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }
  bool accept(char c) {
    skip();
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse(std::string("no '") + c + "' in the header where one must be");
  }
  void ends() {
    skip();
    if (p_ != end_) refuse("something behind the end of the header");
  }
  unsigned four_digits() {
    unsigned v = 0;
    for (int i = 0; i < 4; ++i) {
      if (p_ == end_) refuse("a string without an end");
      const char c = *p_++;
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) refuse("a broken \\u escape");
      v = v * 16 + unsigned(digit);
    }
    return v;
  }
  void put_utf8(std::string& s, unsigned v) {
    auto byte = [&](unsigned b) { s += char(static_cast<unsigned char>(b)); };
    if (v < 0x80) byte(v);
    else if (v < 0x800) byte(0xc0 | v >> 6), byte(0x80 | (v & 63));
    else if (v < 0x10000) byte(0xe0 | v >> 12), byte(0x80 | (v >> 6 & 63)), byte(0x80 | (v & 63));
    else byte(0xf0 | v >> 18), byte(0x80 | (v >> 12 & 63)), byte(0x80 | (v >> 6 & 63)), byte(0x80 | (v & 63));
  }
  std::string string() {
    expect('"');
    std::string s;
    for (;;) {
      if (p_ == end_) refuse("a string without an end");
      const char c = *p_++;
      if (c == '"') return s;
      if (static_cast<unsigned char>(c) < 0x20) refuse("a control character in a string");
      if (c != '\\') {
        s += c;
        continue;
      }
      if (p_ == end_) refuse("a string without an end");
      switch (const char e = *p_++) {
        case '"': case '\\': case '/': s += e; break;
        case 'b': s += '\b'; break;
        case 'f': s += '\f'; break;
        case 'n': s += '\n'; break;
        case 'r': s += '\r'; break;
        case 't': s += '\t'; break;
        case 'u': {
          unsigned v = four_digits();
          if (v >= 0xd800 && v < 0xdc00) {   // the first half of a pair
            if (end_ - p_ < 2 || p_[0] != '\\' || p_[1] != 'u') refuse("half a surrogate pair");
            p_ += 2;
            const unsigned low = four_digits();
            if (low < 0xdc00 || low > 0xdfff) refuse("half a surrogate pair");
            v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
          }
          put_utf8(s, v);
          break;
        }
        default: refuse("an unknown escape in a string");
      }
    }
  }
  std::uint64_t number() {
    skip();
    if (p_ == end_ || *p_ < '0' || *p_ > '9') refuse("no whole number where one must be");
    std::uint64_t v = 0;
    while (p_ < end_ && *p_ >= '0' && *p_ <= '9') {
      if (v >= (std::uint64_t(1) << 58)) refuse("a number that no file can hold");
      v = v * 10 + std::uint64_t(*p_++ - '0');
    }
    return v;
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    expect('[');
    if (accept(']')) return all;
    do all.push_back(number());
    while (accept(','));
    expect(']');
    return all;
  }
  void read_metadata(safetensors& to) {
    expect('{');
    if (accept('}')) return;
    do {
      std::string name = string();
      expect(':');
      to.metadata.emplace_back(std::move(name), string());
    } while (accept(','));
    expect('}');
  }
  safetensor read_tensor(const std::string& name) {
    safetensor t;
    t.name = name;
    bool has_shape = false, has_range = false;
    expect('{');
    do {
      const std::string what = string();
      expect(':');
      if (what == "dtype") t.type = string();
      else if (what == "shape") {
        has_shape = true;
        for (std::uint64_t d : numbers()) t.shape.push_back(index_t(d));
      } else if (what == "data_offsets") {
        const auto range = numbers();
        if (range.size() != 2) refuse("data_offsets of " + name + " that are not two");
        has_range = true;
        t.begin = std::size_t(range[0]);
        t.end = std::size_t(range[1]);
      } else refuse("\"" + what + "\" in the entry of " + name);
    } while (accept(','));
    expect('}');
    if (t.type.empty() || !has_shape || !has_range) refuse("an entry of " + name + " without dtype, shape or data_offsets");
    return t;
  }

  const char *p_, *begin_, *end_;
  const std::string& asked_;
};

// Do the header and the data agree? Before anything is computed from extents.
inline void check_safetensors(const safetensors& file, std::size_t bytes_of_data, const std::string& asked) {
  auto refuse = [&](const safetensor& t, const std::string& why) {
    throw io_error(asked, "tensor " + t.name + " " + why, "fetch the file again; it is damaged or of another kind");
  };
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const safetensor& t : file.tensors) {
    const std::size_t width = safetensor_width(t.type);
    if (width == 0) throw io_error(asked, "tensor " + t.name + " of type " + t.type, "save it as F64, F32, F16, BF16 or whole numbers");
    if (t.begin > t.end || t.end > bytes_of_data) refuse(t, text("at bytes ", t.begin, " to ", t.end, " of ", bytes_of_data));
    const std::size_t room = (t.end - t.begin) / width;
    if ((t.end - t.begin) % width != 0) refuse(t, "that ends within an element");
    const auto elements = elements_within(t.shape, room);
    if (!elements) refuse(t, "with more elements than bytes");
    if (*elements != room) refuse(t, text("of ", *elements, " elements in room for ", room));
    ranges.emplace_back(t.begin, t.end);
  }
  std::sort(ranges.begin(), ranges.end());
  std::size_t end = 0;
  for (const auto& r : ranges) {
    if (r.first != end) throw io_error(asked, text("data that overlaps or has a hole at byte ", end), "fetch the file again; it is damaged or of another kind");
    end = r.second;
  }
  if (end != bytes_of_data) throw io_error(asked, text(bytes_of_data, " bytes of data of which tensors take ", end), "fetch the file again; it is damaged or of another kind");
}

inline std::string json_string(const std::string& s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      const char* digits = "0123456789abcdef";
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
    } else out += c;
  }
  return out + '"';
}

}

inline double safetensors::element(const safetensor& t, index_t i) const {
  const unsigned char* p = data.data() + t.begin + std::size_t(i) * detail::safetensor_width(t.type);
  using detail::little;
  if (t.type == "F32") return double(little<float>(p));
  if (t.type == "F64") return little<double>(p);
  if (t.type == "F16") return detail::half(little<std::uint16_t>(p));
  if (t.type == "BF16") return double(std::bit_cast<float>(std::uint32_t(little<std::uint16_t>(p)) << 16));
  if (t.type == "I64") return double(little<std::int64_t>(p));
  if (t.type == "U64") return double(little<std::uint64_t>(p));
  if (t.type == "I32") return double(little<std::int32_t>(p));
  if (t.type == "U32") return double(little<std::uint32_t>(p));
  if (t.type == "I16") return double(little<std::int16_t>(p));
  if (t.type == "U16") return double(little<std::uint16_t>(p));
  if (t.type == "I8") return double(little<std::int8_t>(p));
  return double(*p);
}

template <class T>
void safetensors::add(const std::string& name, const std::string& type, std::vector<index_t> shape, const T* values) {
  safetensor t{name, type, std::move(shape), data.size(), 0};
  auto put = [&](auto v) {
    unsigned char raw[sizeof v];
    std::memcpy(raw, &v, sizeof v);
    data.insert(data.end(), raw, raw + sizeof v);
  };
  for (index_t i = 0; i < t.size(); ++i) {
    if (type == "F64") put(double(values[i]));
    else if (type == "F32") put(float(values[i]));
    else if (type == "I64") put(std::int64_t(values[i]));
    else throw cosmoml::invalid_argument("safetensors.add", "type " + type, "write F64, F32 or I64");
  }
  t.end = data.size();
  tensors.push_back(std::move(t));
}

// Errors: io_error with what does not fit; nothing is taken at its word before it is held against the size of the file. `path` is for messages.
inline safetensors parse_safetensors(bytes all, const std::string& path) {
  const std::string asked = "reading " + path;
  if (all.size() < 8) throw io_error(asked, text("a file of ", all.size(), " bytes"), "give a safetensors file; it begins with the size of its header");
  const std::uint64_t header = detail::little<std::uint64_t>(all.data());
  if (header > all.size() - 8) throw io_error(asked, text("a header of ", header, " bytes in a file of ", all.size()), "fetch the file again; it is truncated or no safetensors file");
  safetensors file;
  detail::safetensors_header(reinterpret_cast<const char*>(all.data()) + 8, std::size_t(header), asked).read(file);
  detail::check_safetensors(file, all.size() - 8 - std::size_t(header), asked);
  all.erase(all.begin(), all.begin() + 8 + std::ptrdiff_t(header));
  file.data = std::move(all);
  return file;
}
inline safetensors read_safetensors(const std::string& path) {
  return parse_safetensors(read_file(path), path);
}

inline bytes safetensors_bytes(const safetensors& file) {
  std::string header = "{";
  auto comma = [&] {
    if (header.size() > 1) header += ',';
  };
  if (!file.metadata.empty()) {
    header += "\"__metadata__\":{";
    for (std::size_t i = 0; i < file.metadata.size(); ++i)
      header += text(i ? "," : "", detail::json_string(file.metadata[i].first), ":", detail::json_string(file.metadata[i].second));
    header += "}";
  }
  for (const safetensor& t : file.tensors) {
    comma();
    header += detail::json_string(t.name) + ":{\"dtype\":" + detail::json_string(t.type) + ",\"shape\":[";
    for (std::size_t a = 0; a < t.shape.size(); ++a) header += text(a ? "," : "", t.shape[a]);
    header += text("],\"data_offsets\":[", t.begin, ",", t.end, "]}");
  }
  header += "}";
  while (header.size() % 8 != 0) header += ' ';
  const std::uint64_t size = header.size();
  bytes all(8 + header.size() + file.data.size());
  std::memcpy(all.data(), &size, 8);
  std::memcpy(all.data() + 8, header.data(), header.size());
  if (!file.data.empty()) std::memcpy(all.data() + 8 + header.size(), file.data.data(), file.data.size());
  return all;
}
inline void write_safetensors(const std::string& path, const safetensors& file, bool durable = false) {
  const bytes all = safetensors_bytes(file);
  write_file(path, all.data(), all.size(), durable);
}

}
