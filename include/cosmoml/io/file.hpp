// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#if __has_include(<zlib.h>)
#include <zlib.h>
#endif

namespace cosmoml::inline COSMOML_ABI::io {

using bytes = std::vector<unsigned char>;

namespace detail {
struct closes_file {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
}

namespace detail {
// How many elements an array of these extents has: nothing where that is more than `room`, or where the product of those that are not zero is beyond
// 2^62 (so that strides of empty arrays overflow nothing, either). Asked before memory is.
inline std::optional<std::size_t> elements_within(const std::vector<index_t>& extents, std::size_t room) {
  bool empty = false;
  for (const index_t d : extents) {
    if (d < 0) return {};
    empty = empty || d == 0;
  }
  std::size_t n = 1;
  const std::size_t most = empty ? std::size_t(1) << 62 : room;
  for (const index_t d : extents) {
    if (d != 0 && n > most / std::size_t(d)) return {};
    n *= d != 0 ? std::size_t(d) : 1;
  }
  return empty ? 0 : n <= room ? std::optional(n) : std::nullopt;
}
// "2 x 3"
inline std::string product_text(const std::vector<index_t>& extents) {
  std::string s;
  for (const index_t d : extents) s += (s.empty() ? "" : " x ") + std::to_string(d);
  return s;
}
}

namespace detail {
// Runs f, which asks for memory by the size of a file; where there is not so much, says so.
template <class F>
auto with_memory(const std::string& asked, F f) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    throw io_error(asked, "more than there is memory for", "read it in parts: npy_file and hdf5_file read rows, train::npy_source feeds a training from them");
  }
}
}

// The whole of a file. Throws io_error with the path and the system's reason, also where it is larger than memory.
inline bytes read_file(const std::string& path) {
  std::unique_ptr<std::FILE, detail::closes_file> f(std::fopen(path.c_str(), "rb"));
  if (!f) throw io_error("reading " + path, std::strerror(errno), "check the path");
  return detail::with_memory("reading " + path, [&] {
    bytes all;
    struct stat about = {};
    if (::fstat(::fileno(f.get()), &about) == 0 && S_ISREG(about.st_mode)) all.reserve(std::size_t(about.st_size));
    unsigned char piece[1 << 16];
    while (const std::size_t n = std::fread(piece, 1, sizeof piece, f.get())) all.insert(all.end(), piece, piece + n);
    if (std::ferror(f.get())) throw io_error("reading " + path, std::strerror(errno), "check that it is a file and the disk is sound");
    return all;
  });
}

namespace detail {
// Waits until the disk has what was written; a folder, so that it has the name, too.
inline bool to_disk(const std::string& path) {
  const int f = ::open(path.c_str(), O_RDONLY);
  if (f < 0) return false;
  const bool done = ::fsync(f) == 0 || errno == EINVAL || errno == EROFS;   // some file systems cannot do it for folders
  ::close(f);
  return done;
}
}

// Writes a file as a whole or not at all: to a neighbour first, which then takes its name. `durable`: not before the disk has it, so that this
// holds for a machine that loses power, too.
inline void write_file(const std::string& path, const void* data, std::size_t size, bool durable = false) {
  const std::string neighbour = path + ".part";
  {
    std::unique_ptr<std::FILE, detail::closes_file> f(std::fopen(neighbour.c_str(), "wb"));
    if (!f) throw io_error("writing " + path, std::strerror(errno), "check the folder and its permissions");
    if ((size > 0 && std::fwrite(data, 1, size, f.get()) != size) || std::fflush(f.get()) != 0) {
      const std::string why = std::strerror(errno);
      f.reset();
      std::remove(neighbour.c_str());
      throw io_error("writing " + path, why, "check that the disk has room");
    }
  }
  if (durable && !detail::to_disk(neighbour)) throw io_error("writing " + path, std::strerror(errno), "check that the disk is sound");
  if (std::rename(neighbour.c_str(), path.c_str()) != 0) throw io_error("writing " + path, std::strerror(errno), "check the folder and its permissions");
  const std::size_t slash = path.rfind('/');
  if (durable && !detail::to_disk(slash == std::string::npos ? "." : path.substr(0, slash + 1))) throw io_error("writing " + path, std::strerror(errno), "check that the disk is sound");
}

// What a gzip file holds, all its members one after the other; other bytes as they are. Link zlib (-lz).
inline bytes decompressed(bytes packed, const std::string& path) {
  if (packed.size() < 2 || packed[0] != 0x1f || packed[1] != 0x8b) return packed;
#if __has_include(<zlib.h>)
  z_stream z{};
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) throw io_error("decompressing " + path, "zlib did not start", "check the memory that is left");
  bytes out;
  unsigned char piece[1 << 16];
  int status = Z_OK;
  for (std::size_t at = 0;;) {
    const std::size_t left = packed.size() - at;
    z.next_in = packed.data() + at;
    z.avail_in = unsigned(left < (1u << 30) ? left : 1u << 30);   // zlib counts in 32 bits
    z.next_out = piece;
    z.avail_out = sizeof piece;
    status = inflate(&z, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END) break;
    out.insert(out.end(), piece, piece + (sizeof piece - z.avail_out));
    at = std::size_t(z.next_in - packed.data());
    if (status != Z_STREAM_END) continue;
    if (packed.size() - at < 2 || packed[at] != 0x1f || packed[at + 1] != 0x8b) break;
    inflateReset(&z);
  }
  const std::string why = z.msg ? z.msg : "the file ends too early";
  inflateEnd(&z);
  if (status != Z_STREAM_END) throw io_error("decompressing " + path, why + text(", after ", out.size(), " bytes"), "fetch the file again; this copy is truncated or damaged");
  return out;
#else
  throw io_error("decompressing " + path, "this program was compiled without zlib", "install zlib1g-dev and compile again, or unpack the file with gunzip");
#endif
}

}
