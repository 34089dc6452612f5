// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <charconv>
#include <cmath>

namespace cosmoml::inline COSMOML_ABI::io {

// Columns of numbers with a name each.
struct csv {
  std::vector<std::string> names;   // of the columns; empty without a line of names
  ndarray<double> values;           // (rows, columns)
};

namespace detail {
// A number as Python and C write it, whatever the program's locale; nothing if it is none. An empty field and NA are NaN.
inline std::optional<double> csv_number(std::string_view f) {
  if (f.empty() || f == "NA") return NAN;
  if (f.front() == '+' && f.size() > 1 && f[1] != '-') f.remove_prefix(1);
  double v = 0;
  const char* const end = f.data() + f.size();
  auto r = std::from_chars(f.data(), end, v);
  if (r.ec == std::errc::result_out_of_range) {   // 1e-400 is zero, 1e400 infinite
    long double wide = 0;
    r = std::from_chars(f.data(), end, wide);
    v = double(wide);
  }
  return r.ec == std::errc{} && r.ptr == end ? std::optional(v) : std::nullopt;
}
}

// Numbers separated by commas, semicolons, tabs or spaces. A first line that is not all numbers names the columns; lines that are empty or begin
// with # are skipped; an empty field, nan or NA is NaN. `path` is for messages. Throws io_error naming the line.
inline csv parse_csv(const bytes& b, const std::string& path) {
  const std::string asked = "reading csv file " + path;
  const std::string_view all(reinterpret_cast<const char*>(b.data()), b.size());
  char separator = 0;
  csv out;
  std::vector<double> numbers;
  index_t columns = -1, rows = 0, number = 0;
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    std::string_view line = all.substr(at, end - at);
    at = end + 1;
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    if (line.empty() || line.front() == '#') continue;
    if (!separator) {
      separator = ' ';
      for (char c : {'\t', ';', ','})
        if (line.find(c) != std::string_view::npos) separator = c;
    }
    fields.clear();
    for (std::size_t from = 0; from <= line.size();) {
      const std::size_t to = std::min(line.find(separator, from), line.size());
      std::string_view f = line.substr(from, to - from);
      from = to + 1;
      if (separator == ' ' && f.empty()) continue;
      while (!f.empty() && (f.front() == ' ' || f.front() == '"')) f.remove_prefix(1);
      while (!f.empty() && (f.back() == ' ' || f.back() == '"')) f.remove_suffix(1);
      fields.emplace_back(f);
    }
    const bool first = columns < 0;
    if (first) columns = index_t(fields.size());
    if (index_t(fields.size()) != columns)
      throw io_error(asked, text(fields.size(), " fields in line ", number, " after lines of ", columns), "give every line as many fields");
    std::vector<double> row;
    bool numeric = true;
    for (const std::string& f : fields) {
      const auto v = detail::csv_number(f);
      if (!v && !first) throw io_error(asked, "'" + f + "' in line " + std::to_string(number), "give numbers, and leave missing ones empty");
      numeric = numeric && v;
      row.push_back(v ? *v : NAN);
    }
    if (!numeric) {
      out.names = fields;
      continue;
    }
    numbers.insert(numbers.end(), row.begin(), row.end());
    ++rows;
  }
  if (rows == 0) throw io_error(asked, "no lines of numbers", "check that it is the right file");
  out.values = ndarray<double>({rows, columns}, std::move(numbers));
  return out;
}
inline csv read_csv(const std::string& path) {
  return parse_csv(read_file(path), path);
}

// Numbers with as many digits as bring them back; `names` may be empty.
template <HostArray X>
std::string csv_text(const X& array, const std::vector<std::string>& names = {}) {
  const auto v = as_ndview(array);
  expect<shape_mismatch>(v.rank <= 2 && (v.rows() == 0 || v.row_size() > 0) && (names.empty() || index_t(names.size()) == v.row_size()), "writing csv file", "give (rows, columns) and a name for each column", names.size(),
                         " names for ", v.row_size(), " columns");
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) out += names[i] + (i + 1 < names.size() ? "," : "\n");
  char number[40];
  for (index_t n = 0; n < v.rows(); ++n)
    for (index_t c = 0; c < v.row_size(); ++c) {
      out.append(number, std::to_chars(number, number + sizeof number, double(v(n, c))).ptr);
      out += c + 1 < v.row_size() ? ',' : '\n';
    }
  return out;
}
template <HostArray X>
void write_csv(const std::string& path, const X& array, const std::vector<std::string>& names = {}) {
  const std::string out = csv_text(array, names);
  write_file(path, out.data(), out.size());
}

}
