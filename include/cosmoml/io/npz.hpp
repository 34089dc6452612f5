// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/npy.hpp>

#include <map>

namespace cosmoml::inline COSMOML_ABI::io {

namespace detail {

// The checksum of zip archives (CRC-32, polynomial 0xedb88320).
inline std::uint32_t crc32_of(const unsigned char* p, std::size_t n) {
  std::uint32_t crc = 0xffffffffu;
  for (std::size_t i = 0; i < n; ++i) {
    crc ^= p[i];
    for (int b = 0; b < 8; ++b) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}
inline std::uint64_t little_endian(const bytes& b, std::size_t at, int width) {
  std::uint64_t v = 0;
  for (int i = width; i-- > 0;) v = v << 8 | b[at + std::size_t(i)];
  return v;
}
inline void append_little_endian(bytes& b, std::uint64_t v, int width) {
  for (int i = 0; i < width; ++i) b.push_back(static_cast<unsigned char>(v >> 8 * i));
}

// What deflate packed, without a header. Link zlib (-lz).
inline bytes inflated(const unsigned char* from, std::size_t packed, std::size_t size, const std::string& asked) {
#if __has_include(<zlib.h>)
  bytes out(size ? size : 1);
  z_stream z{};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) throw io_error(asked, "zlib did not start", "check the memory that is left");
  z.next_in = const_cast<unsigned char*>(from);
  z.avail_in = unsigned(packed);
  z.next_out = out.data();
  z.avail_out = unsigned(size);
  const int status = inflate(&z, Z_FINISH);
  const std::size_t got = size - z.avail_out;
  inflateEnd(&z);
  if (status != Z_STREAM_END || got != size) throw io_error(asked, text(got, " bytes where ", size, " were packed"), "fetch the file again; this copy is truncated or damaged");
  out.resize(size);
  return out;
#else
  (void)from, (void)packed, (void)size;
  throw io_error(asked, "this program was compiled without zlib", "install zlib1g-dev and compile again, or save with numpy.savez instead of savez_compressed");
#endif
}

}

// Named arrays in one file, as numpy.savez writes and numpy.load reads them: a zip archive of npy files. Reads stored and deflated members (the
// latter with zlib), writes stored ones. Up to 4 GB a member.
class npz {
public:
  npz() = default;
  // Throws io_error on what is no such archive.
  explicit npz(const std::string& path) : path_(path) { parse(read_file(path)); }
  static npz parse(const bytes& b, const std::string& path) {
    npz z;
    z.path_ = path;
    z.parse(b);
    return z;
  }

  bool has(const std::string& name) const { return members_.count(name) > 0; }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& m : members_) all.push_back(m.first);
    return all;
  }
  template <class T>
  ndarray<T> get(const std::string& name) const {
    const auto m = members_.find(name);
    if (m == members_.end()) {
      std::string held;
      for (const std::string& n : names()) held += (held.empty() ? "" : ", ") + n;
      throw io_error("reading " + name + " from " + path_, "the file holds " + (held.empty() ? std::string("nothing") : held), "ask for one of those");
    }
    return parse_npy<T>(m->second, path_ + ":" + name);
  }
  template <HostArray X>
  npz& add(const std::string& name, const X& array) {
    members_[name] = npy_bytes(array);
    return *this;
  }

  bytes packed() const {
    bytes out, directory;
    for (const auto& [name, data] : members_) {
      const std::string file = name + ".npy";
      expect<io_error>(data.size() < 0xffffffffu && out.size() < 0xffffffffu, "writing npz", "save large arrays as npy files", data.size(), " bytes in ", name);
      const std::uint32_t crc = detail::crc32_of(data.data(), data.size());
      const std::size_t offset = out.size();
      auto common = [&](bytes& to) {
        detail::append_little_endian(to, 20, 2);      // version needed
        detail::append_little_endian(to, 0, 4);       // no flags, stored
        detail::append_little_endian(to, 0x00210000, 4);   // 1 January 1980: equal contents give equal files
        detail::append_little_endian(to, crc, 4);
        detail::append_little_endian(to, data.size(), 4);
        detail::append_little_endian(to, data.size(), 4);
        detail::append_little_endian(to, file.size(), 2);
        detail::append_little_endian(to, 0, 2);
      };
      detail::append_little_endian(out, 0x04034b50, 4);
      common(out);
      out.insert(out.end(), file.begin(), file.end());
      out.insert(out.end(), data.begin(), data.end());
      detail::append_little_endian(directory, 0x02014b50, 4);
      detail::append_little_endian(directory, 20, 2);
      common(directory);
      detail::append_little_endian(directory, 0, 6);   // no comment, first disk
      detail::append_little_endian(directory, 0, 4);
      detail::append_little_endian(directory, offset, 4);
      directory.insert(directory.end(), file.begin(), file.end());
    }
    const std::size_t at = out.size();
    out.insert(out.end(), directory.begin(), directory.end());
    detail::append_little_endian(out, 0x06054b50, 4);
    detail::append_little_endian(out, 0, 4);
    detail::append_little_endian(out, members_.size(), 2);
    detail::append_little_endian(out, members_.size(), 2);
    detail::append_little_endian(out, directory.size(), 4);
    detail::append_little_endian(out, at, 4);
    detail::append_little_endian(out, 0, 2);
    return out;
  }
  void write(const std::string& path) const {
    const bytes b = packed();
    write_file(path, b.data(), b.size());
  }

private:
  void parse(const bytes& b) {
    const std::string asked = "reading npz file " + path_;
    auto damaged = [&](const char* what) { return io_error(asked, what, "give a file written by numpy.savez, or fetch it again"); };
    if (b.size() < 22 || detail::little_endian(b, 0, 2) != 0x4b50) throw damaged("it is no zip archive");
    std::size_t end = b.size() - 22;
    while (detail::little_endian(b, end, 4) != 0x06054b50) {
      if (end == 0 || b.size() - end > 22 + 65535) throw damaged("its directory is missing");
      --end;
    }
    const std::size_t count = std::size_t(detail::little_endian(b, end + 10, 2));
    std::size_t at = std::size_t(detail::little_endian(b, end + 16, 4));
    for (std::size_t i = 0; i < count; ++i) {
      if (at > b.size() || b.size() - at < 46 || detail::little_endian(b, at, 4) != 0x02014b50) throw damaged("its directory is damaged");
      const std::uint64_t method = detail::little_endian(b, at + 10, 2), crc = detail::little_endian(b, at + 16, 4);
      const std::size_t packed = std::size_t(detail::little_endian(b, at + 20, 4)), size = std::size_t(detail::little_endian(b, at + 24, 4));
      const std::size_t name_size = std::size_t(detail::little_endian(b, at + 28, 2)), extra = std::size_t(detail::little_endian(b, at + 30, 2) + detail::little_endian(b, at + 32, 2));
      const std::size_t local = std::size_t(detail::little_endian(b, at + 42, 4));
      if (b.size() - at < 46 + name_size) throw damaged("its directory is damaged");
      std::string name(b.begin() + std::ptrdiff_t(at + 46), b.begin() + std::ptrdiff_t(at + 46 + name_size));
      if (packed == 0xffffffffu || size == 0xffffffffu || local == 0xffffffffu) throw io_error(asked, name + " has 4 GB or more", "save large arrays as npy files");
      if (local > b.size() || b.size() - local < 30) throw damaged("a member lies outside the file");
      const std::size_t data = local + 30 + std::size_t(detail::little_endian(b, local + 26, 2) + detail::little_endian(b, local + 28, 2));
      if (data > b.size() || b.size() - data < packed) throw damaged("a member lies outside the file");
      bytes content;
      if (method == 0) content.assign(b.begin() + std::ptrdiff_t(data), b.begin() + std::ptrdiff_t(data + packed));
      else if (method == 8) {
        if (size / 1100 > packed) throw damaged("a member claims an impossible size");   // deflate packs 1032 to 1 at best
        content = detail::inflated(b.data() + data, packed, size, asked);
      } else throw io_error(asked, text(name, " is packed by method ", method), "save it with numpy.savez or savez_compressed");
      if (detail::crc32_of(content.data(), content.size()) != crc) throw damaged("a checksum does not match");
      if (name.ends_with(".npy")) name.resize(name.size() - 4);
      members_[name] = std::move(content);
      at += 46 + name_size + extra;
    }
  }

  std::string path_ = "npz";
  std::map<std::string, bytes> members_;
};

}
