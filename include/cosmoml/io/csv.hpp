// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/io/file.hpp>
#include <cosmoml/tensor/ndarray.hpp>

#include <cmath>
#include <cstdlib>

namespace cosmoml::inline COSMOML_ABI::io {

// Columns of numbers with a name each.
struct csv {
  std::vector<std::string> names;   // of the columns; empty without a line of names
  ndarray<double> values;           // (rows, columns)
};

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
      char* rest = nullptr;
      const double v = f.empty() || f == "NA" ? NAN : std::strtod(f.c_str(), &rest);
      if (rest && *rest) {
        if (!first) throw io_error(asked, "'" + f + "' in line " + std::to_string(number), "give numbers, and leave missing ones empty");
        numeric = false;
      }
      row.push_back(v);
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
void write_csv(const std::string& path, const X& array, const std::vector<std::string>& names = {}) {
  const auto v = as_ndview(array);
  expect<shape_mismatch>(v.rank <= 2 && (names.empty() || index_t(names.size()) == v.row_size()), "writing csv file", "give (rows, columns) and a name for each column", names.size(),
                         " names for ", v.row_size(), " columns");
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) out += names[i] + (i + 1 < names.size() ? "," : "\n");
  char number[32];
  for (index_t n = 0; n < v.rows(); ++n)
    for (index_t c = 0; c < v.row_size(); ++c) {
      std::snprintf(number, sizeof number, "%.17g", double(v(n, c)));
      out += number;
      out += c + 1 < v.row_size() ? ',' : '\n';
    }
  write_file(path, out.data(), out.size());
}

}
