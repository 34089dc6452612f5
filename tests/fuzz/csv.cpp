#include "target.hpp"

#include <cosmoml/io/csv.hpp>

void read(const io::bytes& b) {
  const auto c = io::parse_csv(b, "fuzz");
  must(c.names.empty() || index_t(c.names.size()) == c.values.dim(1));
  const std::string text = io::csv_text(c.values);
  must_equal(io::parse_csv(io::bytes(text.begin(), text.end()), "again").values, c.values);
}
