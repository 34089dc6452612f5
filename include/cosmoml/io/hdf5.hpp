// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/io/hdf5_chunks.hpp>
#include <cosmoml/tensor/ndarray.hpp>

namespace cosmoml::inline COSMOML_ABI::io {

enum class hdf5_access { read, create };

// Options of writing an array into an HDF5 file.
struct hdf5_write_options {
  int gzip = 0;            // 1 to 9: packed, the bytes of numbers shuffled first
  bool checksum = true;    // of every chunk, so that a damaged one is an error and not other numbers
  index_t chunk_rows = 0;  // rows of a chunk; 0: about a megabyte
};

// An HDF5 file: arrays of numbers of any rank up to six, in groups ("PartType1/Coordinates"), and attributes. To be read, or made anew: then it is written
// under path.part and takes its name in close(), whole; without close() there is no file. Numbers are converted as HDF5 does it: those that do not fit
// are clamped. One thread at a time in HDF5, whatever the files, unless the library is built for several (H5is_library_threadsafe).
// Errors: io_error with file, array, what was asked and what was found; nothing is printed. Memory is asked for after a look at the file's size. Files that
// this class wrote tell every damage by checksums; for others that may be damaged see check_hdf5 (io/hdf5_check.hpp).
class hdf5_file {
public:
  explicit hdf5_file(std::string path, hdf5_access access = hdf5_access::read) : path_(std::move(path)), written_(access == hdf5_access::create ? path_ + ".part" : ""), file_(-1, H5Fclose) {
    const detail::hdf5_quiet quiet;
    if (access == hdf5_access::read) {
      std::unique_ptr<std::FILE, detail::closes_file> f(std::fopen(path_.c_str(), "rb"));
      if (!f || std::fseek(f.get(), 0, SEEK_END) != 0) throw io_error("reading " + path_, std::strerror(errno), "check the path");
      size_ = std::size_t(std::ftell(f.get()));
      file_ = {H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose};
    } else {
      const detail::hdf5_handle how(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
      H5Pset_libver_bounds(how, H5F_LIBVER_V110, H5F_LIBVER_V110);   // from this version on everything but the numbers has a checksum
      file_ = {H5Fcreate(written_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, how), H5Fclose};
    }
    if (!file_.good()) throw io_error((access == hdf5_access::read ? "reading " : "writing ") + path_, quiet.reason(), access == hdf5_access::read ? "give an HDF5 file that is whole" : "check the folder and its permissions");
  }
  hdf5_file(hdf5_file&& other) noexcept : path_(std::move(other.path_)), written_(std::exchange(other.written_, "")), size_(other.size_), file_(std::move(other.file_)) {}
  ~hdf5_file() {
    const detail::hdf5_quiet quiet;
    file_ = {-1, H5Fclose};
    if (!written_.empty()) std::remove(written_.c_str());
  }
  const std::string& path() const { return path_; }

  // ---- what is there
  bool has(const std::string& name) const {
    const detail::hdf5_quiet quiet;
    for (std::size_t at = 0; at != std::string::npos;) {   // HDF5 wants every part of the path to be there
      at = name.find('/', at + 1);
      if (H5Lexists(file_, name.substr(0, at).c_str(), H5P_DEFAULT) <= 0) return name == "/";
    }
    return true;
  }
  std::size_t size() const { return size_; }   // bytes of the file
  // Bytes that an array in it may have: deflate packs 1032 to 1 at best, and a megabyte may be nothing but fill values.
  std::size_t room() const { return 1100 * size_ + (std::size_t(1) << 20); }
  // What a group holds, in alphabetical order.
  std::vector<std::string> names(const std::string& group = "/") const {
    const detail::hdf5_quiet quiet;
    const std::string asked = "reading the names in " + group + " of " + path_;
    const detail::hdf5_handle g(H5Gopen2(file_, group.c_str(), H5P_DEFAULT), H5Gclose);
    if (!g.good()) throw io_error(asked, quiet.reason(), "ask for a group that is there");
    std::vector<std::string> all;
    if (H5Literate(g, H5_INDEX_NAME, H5_ITER_INC, nullptr, [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
          static_cast<std::vector<std::string>*>(to)->emplace_back(name);
          return 0;
        }, &all) < 0) throw io_error(asked, quiet.reason(), damaged);
    return all;
  }
  std::vector<index_t> shape(const std::string& name) const {
    const detail::hdf5_quiet quiet;
    const std::string asked = "reading " + name + " of " + path_;
    return extents_of({H5Dget_space(dataset(name, asked)), H5Sclose}, asked);
  }

  // ---- arrays
  template <class T>
  ndarray<T> read(const std::string& name) const {
    if constexpr (detail::hdf5_holds<T>()) return read_part<T>(name, 0, -1);
    else return {};
  }
  // Rows first, first + 1 ... of the first axis.
  template <class T>
  ndarray<T> read_rows(const std::string& name, index_t first, index_t count) const {
    expect<invalid_argument>(first >= 0 && count >= 0, "hdf5_file.read_rows", "ask for rows that the array has", "rows from ", first, ", ", count, " of them");
    if constexpr (detail::hdf5_holds<T>()) return read_part<T>(name, first, count);
    else return {};
  }
  // Groups in between are made.
  template <HostArray X>
  void write(const std::string& name, const X& array, const hdf5_write_options& o = {}) {
    const detail::hdf5_quiet quiet;
    const std::string asked = "writing " + name + " to " + path_;
    expect_writing(asked);
    const auto v = as_ndview(array);
    using T = std::remove_const_t<std::remove_pointer_t<decltype(v.data)>>;
    const index_t row = v.row_size(), rows = row > 0 ? v.rows() : 0;
    std::vector<hsize_t> dims;
    for (int a = 0; a < v.rank; ++a) dims.push_back(hsize_t(v.dim[a]));
    std::vector<T> flat;
    flat.reserve(std::size_t(rows * row));
    for (index_t n = 0; n < rows; ++n)
      for (index_t e = 0; e < row; ++e) flat.push_back(v(n, e));
    const detail::hdf5_handle space(H5Screate_simple(v.rank, dims.data(), nullptr), H5Sclose), links(H5Pcreate(H5P_LINK_CREATE), H5Pclose), how(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    if (!flat.empty() && (o.gzip > 0 || o.checksum || o.chunk_rows > 0)) {
      const index_t most = (index_t(1) << 20) / (row * index_t(sizeof(T))), wanted = o.chunk_rows > 0 ? o.chunk_rows : most > 0 ? most : 1;
      dims[0] = hsize_t(wanted < rows ? wanted : rows);
      bool fine = H5Pset_chunk(how, v.rank, dims.data()) >= 0;
      if (o.gzip > 0) fine = fine && H5Pset_shuffle(how) >= 0 && H5Pset_deflate(how, unsigned(o.gzip)) >= 0;
      if (o.checksum) fine = fine && H5Pset_fletcher32(how) >= 0;
      if (!fine) throw io_error(asked, quiet.reason(), "give gzip from 1 to 9, and chunks below 4 GB");
    }
    const detail::hdf5_handle d(H5Dcreate2(file_, name.c_str(), detail::hdf5_type<T>(), space, links, how, H5P_DEFAULT), H5Dclose);
    if (!d.good() || (!flat.empty() && H5Dwrite(d, detail::hdf5_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, flat.data()) < 0))
      throw io_error(asked, quiet.reason(), "give every array a name of its own, and check that the disk has room");
  }
  void make_group(const std::string& name) {
    const detail::hdf5_quiet quiet;
    expect_writing("making the group " + name + " in " + path_);
    const detail::hdf5_handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links, 1);
    if (!detail::hdf5_handle(H5Gcreate2(file_, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), H5Gclose).good()) throw io_error("making the group " + name + " in " + path_, quiet.reason(), "give it a name of its own");
  }

  // ---- attributes of a group or an array; "/" is the file
  bool has_attribute(const std::string& object, const std::string& name) const {
    const detail::hdf5_quiet quiet;
    return H5Aexists_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
  }
  std::vector<std::string> attribute_names(const std::string& object) const {
    const detail::hdf5_quiet quiet;
    std::vector<std::string> all;
    if (H5Aiterate_by_name(file_, object.c_str(), H5_INDEX_NAME, H5_ITER_INC, nullptr, [](hid_t, const char* name, const H5A_info_t*, void* to) -> herr_t {
          static_cast<std::vector<std::string>*>(to)->emplace_back(name);
          return 0;
        }, &all, H5P_DEFAULT) < 0) throw io_error("reading the attributes of " + object + " in " + path_, quiet.reason(), "ask for a group or an array that is there");
    return all;
  }
  // Every number of it, whatever its shape.
  template <class T>
  std::vector<T> attributes(const std::string& object, const std::string& name) const {
    if constexpr (!detail::hdf5_holds<T>()) return {};
    else {
      const detail::hdf5_quiet quiet;
      const std::string asked = "reading attribute " + name + " of " + object + " in " + path_;
      const detail::hdf5_handle a = open_attribute(object, name, asked), space(H5Aget_space(a), H5Sclose), type(H5Aget_type(a), H5Tclose);
      std::vector<T> v(elements_of(extents_of(space, asked), type, asked));
      if (!v.empty() && H5Aread(a, detail::hdf5_type<T>(), v.data()) < 0) throw io_error(asked, quiet.reason(), damaged);
      return v;
    }
  }
  template <class T>
  T attribute(const std::string& object, const std::string& name) const {
    const std::vector<T> v = attributes<T>(object, name);
    if (v.size() != 1) throw io_error("reading attribute " + name + " of " + object + " in " + path_, text(v.size(), " numbers where one is asked for"), "read it with attributes()");
    return v[0];
  }
  std::string text_attribute(const std::string& object, const std::string& name) const {
    const detail::hdf5_quiet quiet;
    const std::string asked = "reading attribute " + name + " of " + object + " in " + path_;
    const detail::hdf5_handle a = open_attribute(object, name, asked), type(H5Aget_type(a), H5Tclose), space(H5Aget_space(a), H5Sclose);
    if (!type.good() || H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) throw io_error(asked, type.good() ? detail::hdf5_type_text(type) : quiet.reason(), "ask for an attribute that is one text");
    const detail::hdf5_handle own(H5Tcopy(type), H5Tclose);
    std::string s;
    if (H5Tis_variable_str(type) > 0) {
      char* p = nullptr;
      if (H5Aread(a, own, &p) < 0) throw io_error(asked, quiet.reason(), damaged);
      if (p) s = p;
      H5free_memory(p);
    } else {
      const std::size_t n = H5Tget_size(type);
      if (n > size_ && written_.empty()) throw io_error(asked, text("a text of ", n, " bytes in a file of ", size_), damaged);
      s.resize(n + 1);
      if (H5Aread(a, own, s.data()) < 0) throw io_error(asked, quiet.reason(), damaged);
      s.resize(std::strlen(s.c_str()));
      while (!s.empty() && s.back() == ' ' && H5Tget_strpad(type) == H5T_STR_SPACEPAD) s.pop_back();
    }
    return s;
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void set_attribute(const std::string& object, const std::string& name, T value) {
    put_attribute(object, name, detail::hdf5_type<T>(), {H5Screate(H5S_SCALAR), H5Sclose}, &value);
  }
  template <class T>
  void set_attribute(const std::string& object, const std::string& name, const std::vector<T>& values) {
    const hsize_t n = values.size();
    put_attribute(object, name, detail::hdf5_type<T>(), {H5Screate_simple(1, &n, nullptr), H5Sclose}, values.data());
  }
  void set_attribute(const std::string& object, const std::string& name, const std::string& value) {
    const detail::hdf5_handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, value.size() + 1);
    put_attribute(object, name, type, {H5Screate(H5S_SCALAR), H5Sclose}, value.c_str());
  }

  // The end of writing: the file takes its name.
  void close() {
    const detail::hdf5_quiet quiet;
    expect_writing("closing " + path_);
    const bool flushed = H5Fflush(file_, H5F_SCOPE_LOCAL) >= 0;
    const std::string why = flushed ? "" : quiet.reason();
    file_ = {-1, H5Fclose};
    if (!flushed) throw io_error("writing " + path_, why, "check that the disk has room");
    if (std::rename(written_.c_str(), path_.c_str()) != 0) throw io_error("writing " + path_, std::strerror(errno), "check the folder and its permissions");
    written_.clear();
  }

private:
  static constexpr const char* damaged = "fetch the file again; this copy is truncated or damaged";

  void expect_writing(const std::string& asked) const {
    if (written_.empty() || !file_.good()) throw cosmoml::invalid_argument(asked, "a file that is read, or closed", "open it with hdf5_access::create");
  }
  detail::hdf5_handle dataset(const std::string& name, const std::string& asked) const {
    detail::hdf5_handle d(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (d.good()) return d;
    const std::string why = detail::hdf5_quiet::reason();
    const std::size_t slash = name.rfind('/');
    const std::string group = slash == std::string::npos || slash == 0 ? "/" : name.substr(0, slash);
    if (!has(group)) throw io_error(asked, "there is no group " + group, "ask for a name that names() lists");
    if (has(name)) throw io_error(asked, why, "ask for an array; if it is one the file is damaged");
    std::string held;
    for (const std::string& n : names(group)) held += (held.empty() ? "" : ", ") + n;
    throw io_error(asked, "no array of that name; " + group + " holds " + (held.empty() ? "nothing" : held), "ask for one of those");
  }
  detail::hdf5_handle open_attribute(const std::string& object, const std::string& name, const std::string& asked) const {
    detail::hdf5_handle a(H5Aopen_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!a.good()) throw io_error(asked, detail::hdf5_quiet::reason(), "ask for an attribute that is there");
    return a;
  }
  static std::vector<index_t> extents_of(const detail::hdf5_handle& space, const std::string& asked) {
    const int rank = space.good() ? H5Sget_simple_extent_ndims(space) : -1;
    if (rank < 0 || H5Sget_simple_extent_type(space) == H5S_NULL) throw io_error(asked, rank < 0 ? detail::hdf5_quiet::reason() : "an array without a shape", damaged);
    if (rank > ndview<char>::max_rank) throw io_error(asked, text(rank, " axes"), "use at most six axes");
    if (rank == 0) return {1};
    hsize_t dims[H5S_MAX_RANK];
    H5Sget_simple_extent_dims(space, dims, nullptr);
    return {dims, dims + rank};
  }
  std::size_t elements_of(const std::vector<index_t>& extents, hid_t type, const std::string& asked) const {
    const H5T_class_t kind = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM) throw io_error(asked, type >= 0 ? detail::hdf5_type_text(type) : detail::hdf5_quiet::reason(), "ask for an array of numbers");
    const std::size_t width = H5Tget_size(type);
    const auto n = detail::elements_within(extents, room() / (width > 0 ? width : 1));
    if (!n) throw io_error(asked, detail::product_text(extents) + " elements, " + detail::hdf5_type_text(type) + text(", in a file of ", size_, " bytes"), damaged);
    return *n;
  }
  template <class T>
  ndarray<T> read_part(const std::string& name, index_t first, index_t count) const {
    const detail::hdf5_quiet quiet;
    const std::string asked = "reading " + name + " of " + path_;
    const detail::hdf5_handle d = dataset(name, asked), type(H5Dget_type(d), H5Tclose), space(H5Dget_space(d), H5Sclose);
    const std::vector<index_t> extents = extents_of(space, asked);
    elements_of(extents, type, asked);
    if (count < 0) count = extents[0];
    if (first > extents[0] || count > extents[0] - first) throw io_error(asked, text("rows ", first, " to ", first + count, " are asked for and it has ", extents[0]), "ask for rows that it has");
    std::vector<index_t> taken = extents;
    taken[0] = count;
    ndarray<T> out(taken);
    if (out.size() == 0) return out;
    const detail::hdf5_packing packing(d, H5Sget_simple_extent_ndims(space), type, asked);
    if (packing.chunked()) {
      detail::read_chunks(d, type, packing, extents, first, out, room(), size_);
      return out;
    }
    if (count < extents[0]) {
      std::vector<hsize_t> from(extents.size(), 0), box(taken.begin(), taken.end());
      from[0] = hsize_t(first);
      H5Sselect_hyperslab(space, H5S_SELECT_SET, from.data(), nullptr, box.data(), nullptr);
    }
    const hsize_t n = hsize_t(out.size());
    const detail::hdf5_handle memory(H5Screate_simple(1, &n, nullptr), H5Sclose);
    if (H5Dread(d, detail::hdf5_type<T>(), memory, space, H5P_DEFAULT, out.data()) < 0)
      throw io_error(asked, quiet.reason() + " (" + detail::product_text(extents) + ", " + detail::hdf5_type_text(type) + ")", damaged);
    return out;
  }
  void put_attribute(const std::string& object, const std::string& name, hid_t type, detail::hdf5_handle space, const void* values) {
    const detail::hdf5_quiet quiet;
    const std::string asked = "writing attribute " + name + " of " + object + " to " + path_;
    expect_writing(asked);
    const detail::hdf5_handle a(H5Acreate_by_name(file_, object.c_str(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!a.good() || H5Awrite(a, type, values) < 0) throw io_error(asked, quiet.reason(), "make its group or array first, and give it a name of its own");
  }

  std::string path_, written_;   // written_: while it is made
  std::size_t size_ = std::size_t(1) << 40;
  detail::hdf5_handle file_;
};

}
