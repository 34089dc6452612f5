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
  constexpr std::size_t most = 1u << 30;   // zlib counts in 32 bits
  std::size_t taken = 0, got = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t in = packed - taken < most ? packed - taken : most, room = size - got < most ? size - got : most;
    z.next_in = const_cast<unsigned char*>(from + taken);
    z.avail_in = unsigned(in);
    z.next_out = out.data() + got;
    z.avail_out = unsigned(room);
    status = inflate(&z, Z_NO_FLUSH);
    taken += in - z.avail_in;
    got += room - z.avail_out;
  }
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
// latter with zlib), writes stored ones; beyond 4 GB as zip64.
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

  // The archive. Sizes and places from `zip64_from` on are written as zip64's 64 bits; below it 32 do.
  bytes packed(std::uint64_t zip64_from = 0xffffffffu) const {
    using detail::append_little_endian;
    bytes out, directory;
    for (const auto& member : members_) {   // taken apart by hand: clang with OpenMP captures no structured binding
      const std::string file = member.first + ".npy";
      const bytes& data = member.second;
      const std::uint32_t crc = detail::crc32_of(data.data(), data.size());
      const std::size_t offset = out.size();
      const bool large = data.size() >= zip64_from || offset >= zip64_from;
      auto common = [&](bytes& to, int extra) {
        append_little_endian(to, large ? 45 : 20, 2);      // version needed
        append_little_endian(to, 0, 4);                    // no flags, stored
        append_little_endian(to, 0x00210000, 4);           // 1 January 1980: equal contents give equal files
        append_little_endian(to, crc, 4);
        append_little_endian(to, large ? 0xffffffffu : data.size(), 4);
        append_little_endian(to, large ? 0xffffffffu : data.size(), 4);
        append_little_endian(to, file.size(), 2);
        append_little_endian(to, large ? std::uint64_t(extra) + 4 : 0, 2);
      };
      auto wide = [&](bytes& to, int extra) {
        if (!large) return;
        append_little_endian(to, 1, 2);
        append_little_endian(to, std::uint64_t(extra), 2);
        append_little_endian(to, data.size(), 8);
        append_little_endian(to, data.size(), 8);
        if (extra > 16) append_little_endian(to, offset, 8);
      };
      append_little_endian(out, 0x04034b50, 4);
      common(out, 16);
      out.insert(out.end(), file.begin(), file.end());
      wide(out, 16);
      out.insert(out.end(), data.begin(), data.end());
      append_little_endian(directory, 0x02014b50, 4);
      append_little_endian(directory, large ? 45 : 20, 2);
      common(directory, 24);
      append_little_endian(directory, 0, 6);   // no comment, first disk
      append_little_endian(directory, 0, 4);
      append_little_endian(directory, large ? 0xffffffffu : offset, 4);
      directory.insert(directory.end(), file.begin(), file.end());
      wide(directory, 24);
    }
    const std::size_t at = out.size(), size = directory.size();
    const bool large = members_.size() >= 0xffff || at >= zip64_from || size >= zip64_from;
    out.insert(out.end(), directory.begin(), directory.end());
    if (large) {
      const std::size_t end = out.size();
      append_little_endian(out, 0x06064b50, 4);
      append_little_endian(out, 44, 8);          // the size of what follows
      append_little_endian(out, 45u << 16 | 45u, 4);
      append_little_endian(out, 0, 8);           // first disk
      append_little_endian(out, members_.size(), 8);
      append_little_endian(out, members_.size(), 8);
      append_little_endian(out, size, 8);
      append_little_endian(out, at, 8);
      append_little_endian(out, 0x07064b50, 4);
      append_little_endian(out, 0, 4);
      append_little_endian(out, end, 8);
      append_little_endian(out, 1, 4);           // disks
    }
    append_little_endian(out, 0x06054b50, 4);
    append_little_endian(out, 0, 4);
    append_little_endian(out, large ? 0xffff : members_.size(), 2);
    append_little_endian(out, large ? 0xffff : members_.size(), 2);
    append_little_endian(out, large ? 0xffffffffu : size, 4);
    append_little_endian(out, large ? 0xffffffffu : at, 4);
    append_little_endian(out, 0, 2);
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
    std::uint64_t count = detail::little_endian(b, end + 10, 2), at = detail::little_endian(b, end + 16, 4);
    if (end >= 20 && detail::little_endian(b, end - 20, 4) == 0x07064b50) {   // zip64 has an end of its own, and this is where
      const std::uint64_t wide = detail::little_endian(b, end - 12, 8);
      if (wide > b.size() || b.size() - wide < 56 || detail::little_endian(b, std::size_t(wide), 4) != 0x06064b50) throw damaged("its directory is missing");
      count = detail::little_endian(b, std::size_t(wide) + 32, 8);
      at = detail::little_endian(b, std::size_t(wide) + 48, 8);
    }
    std::uint64_t taken = 0;   // by members so far, which do not overlap
    for (std::uint64_t i = 0; i < count; ++i) {
      if (at > b.size() || b.size() - at < 46 || detail::little_endian(b, at, 4) != 0x02014b50) throw damaged("its directory is damaged");
      const std::uint64_t method = detail::little_endian(b, at + 10, 2), crc = detail::little_endian(b, at + 16, 4);
      std::uint64_t packed = detail::little_endian(b, at + 20, 4), size = detail::little_endian(b, at + 24, 4), local = detail::little_endian(b, at + 42, 4);
      const std::size_t name_size = std::size_t(detail::little_endian(b, at + 28, 2)), extra = std::size_t(detail::little_endian(b, at + 30, 2)), comment = std::size_t(detail::little_endian(b, at + 32, 2));
      if (b.size() - at < 46 + name_size + extra + comment) throw damaged("its directory is damaged");
      std::string name(b.begin() + std::ptrdiff_t(at + 46), b.begin() + std::ptrdiff_t(at + 46 + name_size));
      for (std::size_t e = at + 46 + name_size, stop = e + extra; stop - e >= 4;) {
        const std::uint64_t id = detail::little_endian(b, e, 2), length = detail::little_endian(b, e + 2, 2);
        e += 4;
        if (length > stop - e) throw damaged("its directory is damaged");
        const std::size_t next = e + std::size_t(length);
        if (id == 1)   // zip64: those that did not fit, in this order
          for (std::uint64_t* v : {&size, &packed, &local})
            if (*v == 0xffffffffu && next - e >= 8) {
              *v = detail::little_endian(b, e, 8);
              e += 8;
            }
        e = next;
      }
      if (local > b.size() || b.size() - local < 30) throw damaged("a member lies outside the file");
      const std::size_t data = local + 30 + std::size_t(detail::little_endian(b, local + 26, 2) + detail::little_endian(b, local + 28, 2));
      if (data > b.size() || b.size() - data < packed) throw damaged("a member lies outside the file");
      taken += packed;
      if (taken > b.size()) throw damaged("its members overlap");
      bytes content;
      if (method == 0 && size != packed) throw damaged("a member claims an impossible size");
      if (method == 0) content.assign(b.begin() + std::ptrdiff_t(data), b.begin() + std::ptrdiff_t(data + packed));
      else if (method == 8) {
        if (size / 1100 > packed) throw damaged("a member claims an impossible size");   // deflate packs 1032 to 1 at best
        content = detail::inflated(b.data() + data, packed, size, asked);
      } else throw io_error(asked, text(name, " is packed by method ", method), "save it with numpy.savez or savez_compressed");
      if (detail::crc32_of(content.data(), content.size()) != crc) throw damaged("a checksum does not match");
      if (name.ends_with(".npy")) name.resize(name.size() - 4);
      members_[name] = std::move(content);
      at += 46 + name_size + extra + comment;
    }
  }

  std::string path_ = "npz";
  std::map<std::string, bytes> members_;
};

}
