// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/npy.hpp>

#include <sys/stat.h>
#include <utility>

namespace cosmoml::inline COSMOML_ABI::io {

// An npy file that is read row by row, for arrays larger than memory. Rows may be read from several threads at once.
// Errors: io_error with the path; Fortran order, where a row is all over the file, is one.
class npy_file {
public:
  explicit npy_file(std::string path) : path_(std::move(path)), file_(::open(path_.c_str(), O_RDONLY)) {
    if (file_ < 0) throw io_error("reading npy file " + path_, std::strerror(errno), "check the path");
    try {
      struct stat about = {};
      if (::fstat(file_, &about) != 0 || !S_ISREG(about.st_mode)) throw io_error("reading npy file " + path_, "it is not a file", "check the path");
      const std::size_t size = std::size_t(about.st_size), first = size < 12 ? size : 12;
      bytes head(first);
      read_at(0, head.data(), first);
      const std::size_t length = detail::npy_header_size(head.data(), first, path_);
      head.resize(length < size ? length : size);
      read_at(0, head.data(), head.size());
      header_ = detail::parse_npy_header(head.data(), head.size(), size, path_);
      detail::npy_elements<double>(header_, nullptr, nullptr, 0, path_);   // is it a kind that we read?
      if (header_.fortran) throw io_error("reading npy file " + path_, "Fortran order", "save numpy.ascontiguousarray of it");
    } catch (...) {
      ::close(file_);
      throw;
    }
  }
  npy_file(npy_file&& other) noexcept : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)), header_(std::move(other.header_)) {}
  npy_file& operator=(npy_file other) noexcept {
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    std::swap(header_, other.header_);
    return *this;
  }
  ~npy_file() {
    if (file_ >= 0) ::close(file_);
  }

  const std::string& path() const { return path_; }
  const std::vector<index_t>& shape() const { return header_.extents; }
  index_t rows() const { return header_.extents[0]; }
  index_t row_size() const {
    index_t n = 1;
    for (std::size_t a = 1; a < header_.extents.size(); ++a) n *= header_.extents[a];
    return n;
  }
  // Rows [first, first + count), one after the other, as numbers of T.
  template <class T>
  void read_rows(index_t first, index_t count, T* to) const {
    expect<invalid_argument>(first >= 0 && count >= 0 && first + count <= rows(), "npy_file.read_rows", "ask for rows that the file has", "rows ", first, " to ", first + count, " of ", rows());
    const std::size_t n = std::size_t(count * row_size());
    bytes raw(n * header_.width);
    read_at(header_.data_at + std::size_t(first * row_size()) * header_.width, raw.data(), raw.size());
    detail::npy_elements(header_, raw.data(), to, n, path_);
  }

private:
  void read_at(std::size_t at, unsigned char* to, std::size_t n) const {
    while (n > 0) {
      const ssize_t got = ::pread(file_, to, n, off_t(at));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw io_error("reading npy file " + path_, got < 0 ? std::strerror(errno) : "it ends too early", "check that nobody writes to it and the disk is sound");
      at += std::size_t(got), to += got, n -= std::size_t(got);
    }
  }
  std::string path_;
  int file_;
  npy_header header_;
};

}
