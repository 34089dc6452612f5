// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/fits_layout.hpp>
#include <cosmoml/io/fits_status.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <cmath>
#include <set>
#include <utility>

namespace cosmoml::inline COSMOML_ABI::io {

enum class fits_access { read, create };

struct fits_image_options {
  bool trust_packed = false;   // read packed images that have no checksum, too
};

// A FITS file: images of any BITPIX and binary tables, each in a part (HDU) of its own, counted from 0, and the keywords of parts. Axes are in C's order,
// NAXIS1 last, as astropy has them. BSCALE and BZERO are applied; blanks are NaN in float and double. .fits.gz and packed images are read, too; the latter
// if they have checksums, as fpack writes them, or are trusted: cfitsio 4.2 crashes on some that are damaged.
// To be read, or made anew: then it is written under path.part and takes its name in close(), whole; without close() there is no file. Parts that
// are written have checksums, and those that have one are held against it before they are read.
// Errors: io_error with file, part, what was asked and what was found. Memory is asked for after a look at the file's size.
class fits_file {
public:
  explicit fits_file(std::string path, fits_access access = fits_access::read) : path_(std::move(path)), written_(access == fits_access::create ? path_ + ".part" : "") {
    int status = 0;
    if (access == fits_access::read) {
      open(&status);
    } else {
      std::remove(written_.c_str());
      fits_create_diskfile(&file_, written_.c_str(), &status);
    }
    if (status != 0) {
      file_ = nullptr;
      throw io_error((access == fits_access::read ? "reading " : "writing ") + path_, detail::fits_reason(status), access == fits_access::read ? "give a FITS file that is whole" : "check the folder and its permissions");
    }
  }
  fits_file(fits_file&& other) noexcept
      : path_(std::move(other.path_)), written_(std::exchange(other.written_, "")), size_(other.size_), unpacked_(std::move(other.unpacked_)), at_(std::move(other.at_)), file_(std::exchange(other.file_, nullptr)), sound_(std::move(other.sound_)), summed_(std::move(other.summed_)) {}
  ~fits_file() {
    int status = 0;
    if (file_) fits_close_file(file_, &status);
    if (!written_.empty()) std::remove(written_.c_str());
    fits_clear_errmsg();
  }
  const std::string& path() const { return path_; }

  // ---- parts
  int parts() const {
    int n = 0, status = 0;
    fits_get_num_hdus(file_, &n, &status);
    check(status, "counting the parts of " + path_);
    return n;
  }
  // The part of that EXTNAME.
  int find(const std::string& name) const {
    int status = 0, number = 1;
    fits_movnam_hdu(file_, ANY_HDU, const_cast<char*>(name.c_str()), 0, &status);
    if (status != 0) throw io_error("looking for " + name + " in " + path_, detail::fits_reason(status), "ask for a part that is there");
    return fits_get_hdu_num(file_, &number) - 1;
  }
  bool is_table(int part) const {
    const std::string asked = at(part);
    int kind = 0, status = 0;
    fits_get_hdu_type(file_, &kind, &status);
    check(status, asked);
    return kind != IMAGE_HDU;
  }
  bool has_key(int part, const std::string& name) const {
    at(part);
    char card[FLEN_CARD];
    int status = 0;
    fits_read_card(file_, name.c_str(), card, &status);
    fits_clear_errmsg();
    return status == 0;
  }
  template <class T>
  T key(int part, const std::string& name) const {
    const std::string asked = at(part) + ", keyword " + name;
    char value[FLEN_VALUE] = {};
    int status = 0;
    fits_read_keyword(file_, name.c_str(), value, nullptr, &status);
    check(status, asked, "ask for a keyword that is there");
    for (char& c : value)
      if (c == 'D' || c == 'd') c = 'E';   // FORTRAN's double precision
    T v{};
    const char* first = value + (value[0] == '+');
    const auto r = std::from_chars(first, value + std::strlen(value), v);
    if (r.ec != std::errc{} || *r.ptr != '\0') throw io_error(asked, std::string("the value ") + value, "ask for a number of a type that holds it, or read it with text_key");
    return v;
  }
  std::string text_key(int part, const std::string& name) const {
    const std::string asked = at(part) + ", keyword " + name;
    char* s = nullptr;
    int status = 0;
    fits_read_key_longstr(file_, name.c_str(), &s, nullptr, &status);
    const std::string text = status == 0 && s ? s : "";
    int freed = 0;
    if (s) fits_free_memory(s, &freed);
    check(status, asked, "ask for a keyword that is there");
    return text;
  }

  // ---- images
  std::vector<index_t> shape(int part = 0) const {
    const std::string asked = at(part);
    int rank = 0, status = 0;
    fits_get_img_dim(file_, &rank, &status);
    check(status, asked, "ask for an image");
    if (rank > ndview<char>::max_rank) throw io_error(asked, text(rank, " axes"), "use at most six axes");
    LONGLONG axes[ndview<char>::max_rank] = {};
    fits_get_img_sizell(file_, rank, axes, &status);
    check(status, asked);
    std::vector<index_t> extents;
    for (int a = rank; a-- > 0;) extents.push_back(index_t(axes[a]));
    if (rank == 0) extents.push_back(0);
    return extents;
  }
  template <class T>
  ndarray<T> image(int part = 0, const fits_image_options& o = {}) const {
    if constexpr (detail::fits_holds<T>()) return read_image<T>(part, o);
    else return {};
  }
  template <HostArray X>
  void add_image(const X& array) {
    const auto v = as_ndview(array);
    using T = std::remove_const_t<std::remove_pointer_t<decltype(v.data)>>;
    const std::string asked = "writing an image to " + path_;
    expect_writing(asked);
    LONGLONG axes[ndview<char>::max_rank] = {};
    for (int a = 0; a < v.rank; ++a) axes[a] = v.dim[v.rank - 1 - a];
    std::vector<T> flat = flattened<T>(v);
    int status = 0;
    fits_create_imgll(file_, detail::fits_image_type<T>(), v.rank, axes, &status);
    if (!flat.empty()) fits_write_img(file_, detail::fits_type<T>(), 1, LONGLONG(flat.size()), flat.data(), &status);
    fits_write_chksum(file_, &status);
    check(status, asked, "check that the disk has room");
  }

  // ---- tables
  std::vector<std::string> columns(int part) const {
    const std::string asked = table(part);
    int n = 0, status = 0;
    fits_get_num_cols(file_, &n, &status);
    check(status, asked);
    std::vector<std::string> names;
    for (int c = 1; c <= n; ++c) {
      char name[FLEN_VALUE] = {}, key[FLEN_KEYWORD];
      int none = 0;
      fits_make_keyn("TTYPE", c, key, &none);
      fits_read_key(file_, TSTRING, key, name, nullptr, &none);
      names.emplace_back(name);
    }
    fits_clear_errmsg();
    return names;
  }
  index_t rows(int part) const {
    const std::string asked = table(part);
    LONGLONG n = 0;
    int status = 0;
    fits_get_num_rowsll(file_, &n, &status);
    check(status, asked);
    return index_t(n);
  }
  // A column of numbers by its name: (rows), or (rows, numbers) where each row has several.
  template <class T>
  ndarray<T> column(int part, const std::string& name) const {
    if constexpr (detail::fits_holds<T>()) return read_column<T>(part, name);
    else return {};
  }
  std::vector<std::string> text_column(int part, const std::string& name) const {
    const auto c = found(part, name);
    if (c.kind != TSTRING) throw io_error(c.asked, "numbers", "read it with column");
    elements({c.rows, c.repeat}, 1, c.asked);
    expect_sound(part, c.asked);
    std::vector<std::string> all;
    std::string row(std::size_t(c.repeat > 80 ? c.repeat : 80) + 1, '\0');   // cfitsio's own values are shorter than a card
    for (index_t r = 0; r < c.rows; ++r) {
      char* p = row.data();
      int any = 0, status = 0;
      fits_read_col(file_, TSTRING, c.number, r + 1, 1, 1, nullptr, &p, &any, &status);
      check(status, c.asked);
      all.emplace_back(row.c_str());
    }
    return all;
  }
  // A binary table with columns (rows) or (rows, numbers) of one type.
  template <class T>
  void add_table(const std::string& name, const std::vector<std::pair<std::string, ndarray<T>>>& columns) {
    const std::string asked = "writing the table " + name + " to " + path_;
    expect_writing(asked);
    std::vector<std::string> forms;
    std::vector<char*> names, types;
    for (const auto& [column, values] : columns) {
      expect<shape_mismatch>(values.rank() >= 1 && values.rows() == columns[0].second.rows(), asked.c_str(), "give every column as many rows", "column ", column, " of ", values.rows(), " rows");
      forms.push_back(std::to_string(values.rows() ? values.row_size() : 1) + detail::fits_letter<T>());
    }
    for (std::size_t c = 0; c < columns.size(); ++c) names.push_back(const_cast<char*>(columns[c].first.c_str())), types.push_back(forms[c].data());
    int status = 0;
    fits_create_tbl(file_, BINARY_TBL, 0, int(columns.size()), names.data(), types.data(), nullptr, name.c_str(), &status);
    for (std::size_t c = 0; c < columns.size() && columns[c].second.size() > 0; ++c)
      fits_write_col(file_, detail::fits_type<T>(), int(c) + 1, 1, 1, LONGLONG(columns[c].second.size()), const_cast<T*>(columns[c].second.data()), &status);
    fits_write_chksum(file_, &status);
    check(status, asked, "check that the disk has room");
  }

  // ---- keywords of the part that was added last
  template <class T>
    requires std::is_arithmetic_v<T>
  void set_key(const std::string& name, T value) {
    put_key(name, detail::fits_type<T>(), &value);
  }
  void set_key(const std::string& name, const std::string& value) { put_key(name, TSTRING, const_cast<char*>(value.c_str())); }
  // The end of writing: the file takes its name.
  void close() {
    expect_writing("closing " + path_);
    int status = 0;
    fits_close_file(std::exchange(file_, nullptr), &status);
    check(status, "writing " + path_, "check that the disk has room");
    if (std::rename(written_.c_str(), path_.c_str()) != 0) throw io_error("writing " + path_, std::strerror(errno), "check the folder and its permissions");
    written_.clear();
  }

private:
  static constexpr const char* damaged = "fetch the file again; this copy is truncated or damaged";
  struct one_column {
    std::string asked;
    int number = 0, kind = 0;
    index_t rows = 0, repeat = 0, width = 1;
  };

  // cfitsio gets files whose headers hold together; what gzip packed, as memory.
  void open(int* status) {
    const std::string asked = "reading " + path_;
    std::unique_ptr<std::FILE, detail::closes_file> f(std::fopen(path_.c_str(), "rb"));
    if (!f || std::fseek(f.get(), 0, SEEK_END) != 0) throw io_error(asked, std::strerror(errno), "check the path");
    size_ = std::size_t(std::ftell(f.get()));
    unsigned char mark[2] = {};
    std::rewind(f.get());
    if (std::fread(mark, 1, 2, f.get()) == 2 && mark[0] == 0x1f && mark[1] == 0x8b) {
      unpacked_ = decompressed(read_file(path_), path_);
      size_ = unpacked_.size();
      detail::fits_layout::check(size_, [&](std::size_t at, char* to) { std::memcpy(to, unpacked_.data() + at, detail::fits_layout::block); }, asked);
      at_ = std::make_unique<memory>(memory{unpacked_.data(), unpacked_.size()});
      fits_open_memfile(&file_, path_.c_str(), READONLY, &at_->data, &at_->size, 0, nullptr, status);
      return;
    }
    detail::fits_layout::check(size_, [&](std::size_t at, char* to) {
      if (std::fseek(f.get(), long(at), SEEK_SET) != 0 || std::fread(to, 1, detail::fits_layout::block, f.get()) != detail::fits_layout::block) throw io_error(asked, "it ends too early", damaged);
    }, asked);
    fits_open_diskfile(&file_, path_.c_str(), READONLY, status);
  }
  static void check(int status, const std::string& asked, const char* cure = damaged) {
    if (status != 0) throw io_error(asked, detail::fits_reason(status), cure);
  }
  void expect_writing(const std::string& asked) const {
    if (written_.empty() || !file_) throw cosmoml::invalid_argument(asked, "a file that is read, or closed", "open it with fits_access::create");
  }
  // Goes to a part; what is asked of it.
  std::string at(int part) const {
    const std::string asked = text("reading part ", part, " of ", path_);
    int status = 0;
    fits_movabs_hdu(file_, part + 1, nullptr, &status);
    check(status, asked, "ask for a part that is there");
    return asked;
  }
  std::string table(int part) const {
    if (!is_table(part)) throw io_error(at(part), "an image", "ask for a table");
    return at(part);
  }
  one_column found(int part, const std::string& name) const {
    one_column c;
    c.asked = table(part) + ", column " + name;
    int status = 0;
    std::string held;
    for (const std::string& n : columns(part)) held += (held.empty() ? "" : ", ") + n;
    fits_get_colnum(file_, CASESEN, const_cast<char*>(name.c_str()), &c.number, &status);
    if (status != 0) {
      fits_clear_errmsg();
      throw io_error(c.asked, "the table has " + (held.empty() ? "no columns" : held), "ask for one of those");
    }
    LONGLONG repeat = 0, width = 0;
    fits_get_coltypell(file_, c.number, &c.kind, &repeat, &width, &status);
    check(status, c.asked);
    c.repeat = index_t(repeat);
    c.width = width > 0 ? index_t(width) : 1;
    c.rows = rows(part);
    return c;
  }
  // Packed parts hold some 1000 to 1 at best.
  std::size_t elements(const std::vector<index_t>& extents, std::size_t width, const std::string& asked) const {
    const auto n = detail::elements_within(extents, (1100 * size_ + (std::size_t(1) << 20)) / (width > 0 ? width : 1));
    if (!n) throw io_error(asked, detail::product_text(extents) + text(" elements in a file of ", size_, " bytes"), damaged);
    return *n;
  }
  // Where the part has checksums.
  void expect_sound(int part, const std::string& asked) const {
    if (sound_.count(part)) return;
    int data = 0, header = 0, status = 0;
    fits_verify_chksum(file_, &data, &header, &status);
    check(status, asked);
    if (data < 0 || header < 0) throw io_error(asked, "a checksum that does not match", damaged);
    sound_.insert(part);
    if (data > 0 && header > 0) summed_.insert(part);
  }
  template <class T>
  ndarray<T> read_image(int part, const fits_image_options& o) const {
    const std::vector<index_t> extents = shape(part);
    const std::string asked = at(part);
    int bits = 8, any = 0, status = 0;
    fits_get_img_type(file_, &bits, &status);
    check(status, asked);
    const std::size_t n = elements(extents, std::size_t(bits < 0 ? -bits : bits) / 8, asked);
    expect_sound(part, asked);
    if (fits_is_compressed_image(file_, &status) && !o.trust_packed && !summed_.count(part))
      throw io_error(asked, "a packed image without a checksum, on which cfitsio may crash if it is damaged", "pack it with fpack or astropy's checksum = True, unpack it with funpack, or trust_packed");
    ndarray<T> out(extents);
    T blank = blanks<T>();
    if (n > 0) fits_read_img(file_, detail::fits_type<T>(), 1, LONGLONG(n), std::is_floating_point_v<T> ? &blank : nullptr, out.data(), &any, &status);
    check(status, asked);
    return out;
  }
  template <class T>
  ndarray<T> read_column(int part, const std::string& name) const {
    const auto c = found(part, name);
    const bool logical = c.kind == TLOGICAL;
    if (c.kind < 0 || c.kind == TSTRING || c.kind == TBIT || c.kind == TCOMPLEX || c.kind == TDBLCOMPLEX)
      throw io_error(c.asked, c.kind < 0 ? "rows of any length" : c.kind == TSTRING ? "texts" : "elements that are no numbers", c.kind == TSTRING ? "read it with text_column" : "ask for a column of numbers");
    std::vector<index_t> extents{c.rows};
    if (c.repeat != 1) extents.push_back(c.repeat);
    const std::size_t n = elements(extents, std::size_t(c.width), c.asked);
    expect_sound(part, c.asked);
    ndarray<T> out(extents);
    if (n == 0) return out;
    int any = 0, status = 0;   // any: were there blanks
    if (logical) {
      std::vector<char> flags(n);
      fits_read_col(file_, TLOGICAL, c.number, 1, 1, LONGLONG(n), nullptr, flags.data(), &any, &status);
      for (std::size_t i = 0; i < n; ++i) out[index_t(i)] = T(flags[i] != 0);
    } else {
      T blank = blanks<T>();
      fits_read_col(file_, detail::fits_type<T>(), c.number, 1, 1, LONGLONG(n), std::is_floating_point_v<T> ? &blank : nullptr, out.data(), &any, &status);
    }
    check(status, c.asked);
    return out;
  }
  template <class T>
  static T blanks() {
    if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::quiet_NaN();
    else return T{};
  }
  template <class T, class V>
  static std::vector<T> flattened(const V& v) {
    std::vector<T> flat;
    const index_t row = v.row_size(), rows = row > 0 ? v.rows() : 0;
    for (index_t n = 0; n < rows; ++n)
      for (index_t e = 0; e < row; ++e) flat.push_back(v(n, e));
    return flat;
  }
  void put_key(const std::string& name, int type, void* value) {
    const std::string asked = "writing keyword " + name + " to " + path_;
    expect_writing(asked);
    int status = 0;
    fits_update_key(file_, type, name.c_str(), value, nullptr, &status);
    fits_write_chksum(file_, &status);
    check(status, asked, "add an image or a table first");
  }

  std::string path_, written_;   // written_: while it is made
  std::size_t size_ = std::size_t(1) << 40;
  bytes unpacked_;               // of a .gz file
  struct memory {
    void* data;
    std::size_t size;
  };
  std::unique_ptr<memory> at_;   // cfitsio keeps where these two are
  fitsfile* file_ = nullptr;
  mutable std::set<int> sound_, summed_;   // parts that are not damaged as far as their checksums tell, and those that have some
};

}
