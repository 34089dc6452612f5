// SPDX-License-Identifier: BSL-1.0
// Arrays that lie in chunks. HDF5 gives the bytes of each as the file has them, and what they are is worked out here: HDF5 1.10 believes what a
// damaged file says of the size of a chunk and reads beyond its memory.
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/io/hdf5_handle.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <cstdint>

namespace cosmoml::inline COSMOML_ABI::io::detail {

// The checksum of HDF5's filter (Fletcher 1982, 32 bits, over big-endian words).
inline std::uint32_t fletcher32(const unsigned char* p, std::size_t n) {
  std::uint32_t a = 0, b = 0;
  std::size_t words = n / 2;
  while (words > 0) {
    std::size_t part = words < 360 ? words : 360;
    words -= part;
    for (; part > 0; --part, p += 2) {
      a += std::uint32_t(p[0]) << 8 | p[1];
      b += a;
    }
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
  }
  if (n % 2 != 0) {
    a += std::uint32_t(p[0]) << 8;
    b += a;
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
  }
  a = (a & 0xffff) + (a >> 16);
  b = (b & 0xffff) + (b >> 16);
  return b << 16 | a;
}

// How a chunked array is packed.
class hdf5_packing {
public:
  hdf5_packing(hid_t dataset, int rank, hid_t type, std::string asked) : asked_(std::move(asked)), how_(H5Dget_create_plist(dataset), H5Pclose), width_(H5Tget_size(type)) {
    hsize_t dims[H5S_MAX_RANK];
    chunked_ = how_.good() && H5Pget_layout(how_) == H5D_CHUNKED;
    if (!chunked_) return;
    if (H5Pget_chunk(how_, H5S_MAX_RANK, dims) != rank) damaged("chunks of other axes than its own");
    chunk_.assign(dims, dims + rank);
    const int filters = H5Pget_nfilters(how_);
    for (int i = 0; i < filters; ++i) {
      unsigned flags = 0, values[8] = {}, config = 0;
      std::size_t count = 8;
      char name[32] = {};
      const H5Z_filter_t id = H5Pget_filter2(how_, unsigned(i), &flags, &count, values, sizeof name, name, &config);
      if (id != H5Z_FILTER_DEFLATE && id != H5Z_FILTER_SHUFFLE && id != H5Z_FILTER_FLETCHER32) throw io_error(asked_, text("packed by HDF5's filter number ", id, " ", name), "pack it again: h5repack -f GZIP=4");
      filters_.push_back(id);
    }
  }
  bool chunked() const { return chunked_; }
  const std::vector<index_t>& chunk() const { return chunk_; }
  const hdf5_handle& properties() const { return how_; }

  // The elements of a chunk of `size` bytes from what the file holds; mask: the filters that were left out of it.
  bytes unpacked(bytes b, unsigned mask, std::size_t size) const {
    for (std::size_t i = filters_.size(); i-- > 0;) {
      if (mask >> i & 1) continue;
      if (filters_[i] == H5Z_FILTER_FLETCHER32) {
        if (b.size() < 4) damaged("a chunk without its checksum");
        const std::size_t n = b.size() - 4;
        const std::uint32_t there = b[n] | std::uint32_t(b[n + 1]) << 8 | std::uint32_t(b[n + 2]) << 16 | std::uint32_t(b[n + 3]) << 24, sum = fletcher32(b.data(), n);
        if (there != sum && there != ((sum & 0x00ff00ff) << 8 | (sum >> 8 & 0x00ff00ff))) damaged("a checksum that does not match");   // old versions swapped bytes
        b.resize(n);
      } else if (filters_[i] == H5Z_FILTER_DEFLATE) b = inflated(b, size + 4 * filters_.size());
      else b = unshuffled(b);
    }
    if (b.size() != size) damaged(text("a chunk of ", b.size(), " bytes where ", size, " are due").c_str());
    return b;
  }
  [[noreturn]] void damaged(const char* what) const { throw io_error(asked_, what, "fetch the file again; this copy is truncated or damaged"); }

private:
  bytes inflated(const bytes& from, std::size_t most) const {
#if __has_include(<zlib.h>)
    bytes out(most);
    uLongf n = uLongf(most);
    if (uncompress(out.data(), &n, from.data(), uLong(from.size())) != Z_OK) damaged("a chunk that cannot be unpacked");
    out.resize(n);
    return out;
#else
    (void)from, (void)most;
    throw io_error(asked_, "this program was compiled without zlib", "install zlib1g-dev and compile again");
#endif
  }
  bytes unshuffled(const bytes& from) const {
    const std::size_t n = from.size() / width_;
    bytes out(from);
    for (std::size_t j = 0; j < width_; ++j)
      for (std::size_t i = 0; i < n; ++i) out[i * width_ + j] = from[j * n + i];
    return out;
  }

  std::string asked_;
  hdf5_handle how_;
  std::size_t width_;
  bool chunked_ = false;
  std::vector<index_t> chunk_;
  std::vector<H5Z_filter_t> filters_;
};

// Rows from `first` on of a chunked array of these extents into out. `room`: bytes that a chunk may be; `file_size`: bytes that it may be packed.
template <class T>
void read_chunks(hid_t dataset, hid_t type, const hdf5_packing& p, const std::vector<index_t>& extents, index_t first, ndarray<T>& out, std::size_t room, std::size_t file_size) {
  const std::size_t rank = extents.size(), width = H5Tget_size(type), wide = width > sizeof(T) ? width : sizeof(T);
  const auto elements = elements_within(p.chunk(), room / width);
  if (!elements || *elements == 0) p.damaged(("chunks of " + product_text(p.chunk())).c_str());
  T fill{};
  H5Pget_fill_value(p.properties(), hdf5_type<T>(), &fill);
  const index_t end = first + out.rows();
  std::vector<index_t> at(rank, 0);   // where the chunk begins
  at[0] = first / p.chunk()[0] * p.chunk()[0];
  while (at[0] < end) {
    const std::vector<hsize_t> place(at.begin(), at.end());
    hsize_t size = 0;
    if (H5Dget_chunk_storage_size(dataset, place.data(), &size) < 0) {   // not in the file, or its index is damaged
      unsigned mask = 0;
      haddr_t address = 0;
      if (H5Dget_chunk_info_by_coord(dataset, place.data(), &mask, &address, &size) < 0 || size > 0) p.damaged("chunks that cannot be found");
    }
    if (size > file_size) p.damaged("a chunk that is larger than the file");
    bytes b;
    if (size > 0) {
      b.resize(std::size_t(size));
      std::uint32_t mask = 0;
      if (H5Dread_chunk(dataset, H5P_DEFAULT, place.data(), &mask, b.data()) < 0) p.damaged("a chunk that cannot be read");
      b = p.unpacked(std::move(b), mask, *elements * width);
      b.resize(*elements * wide);
      if (H5Tconvert(type, hdf5_type<T>(), *elements, b.data(), nullptr, H5P_DEFAULT) < 0) p.damaged("numbers that cannot be converted");
    }
    std::vector<index_t> e(rank, 0);   // in the chunk
    for (std::size_t i = 0; i < *elements; ++i) {
      bool inside = at[0] + e[0] >= first && at[0] + e[0] < end;
      index_t to = at[0] + e[0] - first;
      for (std::size_t a = 1; a < rank; ++a) {
        inside = inside && at[a] + e[a] < extents[a];
        to = to * extents[a] + at[a] + e[a];
      }
      if (inside) {
        if (size > 0) std::memcpy(&out[to], b.data() + i * sizeof(T), sizeof(T));
        else out[to] = fill;
      }
      for (std::size_t a = rank; a-- > 0 && ++e[a] == p.chunk()[a] && a > 0;) e[a] = 0;
    }
    for (std::size_t a = rank; a-- > 0;) {
      at[a] += p.chunk()[a];
      if (a == 0 || at[a] < extents[a]) break;
      at[a] = 0;
    }
  }
}

}
