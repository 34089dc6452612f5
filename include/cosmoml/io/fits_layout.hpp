// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>

#include <charconv>

namespace cosmoml::inline COSMOML_ABI::io::detail {

// Walks over the headers of a FITS file before cfitsio sees it: every part ends within the file, numbers that cfitsio divides by are not zero, and what it
// reads as numbers looks like such.
// read(at, to): the block of 2880 bytes that begins there. Errors: io_error.
class fits_layout {
public:
  static constexpr std::size_t block = 2880, card = 80;

  template <class Read>
  static void check(std::size_t size, Read read, const std::string& asked) {
    const auto damaged = [&](int part, const std::string& what) {
      throw io_error(asked, text("part ", part, ": ", what), "give a FITS file that is whole; this one is truncated, damaged or of another kind");
    };
    char cards[block];
    int part = 0;
    for (std::size_t at = 0; size - at >= block; ++part) {
      fits_layout h;
      for (bool first = true, ended = false; !ended; first = false, at += block) {
        if (size - at < block) damaged(part, "a header without an end");
        read(at, cards);
        if (first && !h.begins(cards, part)) {
          if (part == 0) damaged(part, "it does not begin with SIMPLE");
          return;   // something behind the last part
        }
        for (std::size_t i = 0; i < block && !ended; i += card) ended = h.take({cards + i, card});
      }
      if (!h.sound()) damaged(part, "a header that makes no sense");
      const auto n = elements_within(h.axes_, (size - at) / h.width_);
      if (!n || std::size_t(h.extra_) > (size - at) / h.width_ - *n) damaged(part, product_text(h.axes_) + text(" elements of ", h.width_, " bytes and ", h.extra_, " more where ", size - at, " bytes follow"));
      const std::size_t data = (*n + std::size_t(h.extra_)) * h.width_, padded = (data + block - 1) / block * block;
      if (padded >= size - at) return;
      at += padded;
    }
    if (part == 0) damaged(0, text("a file of ", size, " bytes"));
  }

private:
  static bool begins(const char* cards, int part) { return std::memcmp(cards, part == 0 ? "SIMPLE  =" : "XTENSION=", 9) == 0; }
  // What stands between = and /, without blanks around it; of a text, all from its quote on.
  static std::string_view value_of(std::string_view c) {
    c.remove_prefix(9);
    c.remove_prefix(std::min(c.find_first_not_of(' '), c.size()));
    if (c.empty() || c[0] == '\'') return c;
    c = c.substr(0, c.find('/'));
    while (!c.empty() && c.back() == ' ') c.remove_suffix(1);
    return c;
  }
  // True at the end of the header.
  bool take(std::string_view c) {
    if (c.substr(0, 8) == "END     ") return true;
    if (c[8] != '=') return false;
    const std::string_view name = c.substr(0, c.find_first_of(" ="));
    const std::string_view digits = value_of(c);
    for (const std::string_view own : {"BITPIX", "NAXIS", "PCOUNT", "GCOUNT", "TFIELDS", "TNULL", "TZERO", "TSCAL", "THEAP", "BSCALE", "BZERO", "BLANK", "EXTVER", "EXTLEVEL", "Z"})
      if (name.substr(0, own.size()) == own && (digits.empty() || digits.find_first_of(" ('") != std::string_view::npos) && (own != "Z" || digits.empty() || digits[0] != '\'')) fine_ = false;
    std::int64_t v = 0;
    const auto r = std::from_chars(digits.data(), digits.data() + digits.size(), v);
    const bool whole = r.ec == std::errc{};
    const auto axis = [&](std::string_view prefix) {   // n of NAXISn
      int n = 0;
      return name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix && std::from_chars(name.data() + prefix.size(), name.data() + name.size(), n).ec == std::errc{} ? n : 0;
    };
    if (name == "BITPIX") width_ = whole && (v == 8 || v == 16 || v == 32 || v == 64 || v == -32 || v == -64) ? std::size_t(v < 0 ? -v : v) / 8 : 0;
    else if (name == "NAXIS") {
      fine_ = fine_ && whole && v >= 0 && v <= 999;
      axes_.assign(fine_ ? std::size_t(v) : 0, -1);
      if (v == 0) axes_.assign(1, 0);
    } else if (const int n = axis("NAXIS"); n > 0) {
      fine_ = fine_ && whole && v >= 0 && std::size_t(n) <= axes_.size();
      if (fine_) axes_[std::size_t(n) - 1] = index_t(v);
    } else if (name == "PCOUNT") fine_ = fine_ && whole && v >= 0, extra_ = fine_ ? index_t(v) : 0;
    else if (name == "GCOUNT") fine_ = fine_ && whole && v == 1;   // groups of anything but one are history
    else if (axis("ZTILE") > 0) fine_ = fine_ && whole && v > 0 && v < (std::int64_t(1) << 31);
    else if (axis("ZNAXIS") > 0) fine_ = fine_ && whole && v >= 0 && v < (std::int64_t(1) << 40);
    else if (name == "ZNAXIS") fine_ = fine_ && whole && v >= 0 && v <= 6;
    else if (name == "TFIELDS") fine_ = fine_ && whole && v >= 0 && v <= 999;
    return false;
  }
  bool sound() const {
    for (const index_t d : axes_)
      if (d < 0) return false;
    return fine_ && width_ > 0 && !axes_.empty();
  }

  std::size_t width_ = 0;
  bool fine_ = true;
  std::vector<index_t> axes_;
  index_t extra_ = 0;
};

}
