// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/config.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace cosmoml::inline COSMOML_ABI::io::detail {

// Protocol buffers, as far as writing goes: fields of whole numbers, bytes and messages, which are bytes too.
class protobuf {
public:
  void number(int field, std::uint64_t v) {
    varint(std::uint64_t(field) << 3);
    varint(v);
  }
  void real(int field, float v) {
    varint(std::uint64_t(field) << 3 | 5);
    append(&v, sizeof v);
  }
  void piece(int field, std::string_view v) {
    varint(std::uint64_t(field) << 3 | 2);
    varint(v.size());
    bytes_ += v;
  }
  void message(int field, const protobuf& m) { piece(field, m.bytes_); }
  const std::string& bytes() const { return bytes_; }

private:
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) bytes_ += char(static_cast<unsigned char>(v | 0x80));
    bytes_ += char(static_cast<unsigned char>(v));
  }
  void append(const void* p, std::size_t n) { bytes_.append(static_cast<const char*>(p), n); }
  std::string bytes_;
};

}
