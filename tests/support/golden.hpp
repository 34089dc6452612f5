// Golden files: text, one array a line, "name rank extent ... : number ...". Made by the scripts in tests/golden/.
#pragma once
#include <support/folder.hpp>

#include <cosmoml/tensor/ndarray.hpp>

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace tests {

using golden_arrays = std::map<std::string, cosmoml::ndarray<double>>;

inline golden_arrays read_golden(const std::string& name) {
  std::ifstream file(std::string(tests::folder) + "/golden/" + name);
  if (!file) throw cosmoml::io_error("golden file " + name, "it is missing", "check out the repository again");
  golden_arrays all;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream in(line);
    std::string key, colon;
    int rank = 0;
    in >> key >> rank;
    std::vector<cosmoml::index_t> extents(static_cast<std::size_t>(rank));
    for (auto& e : extents) in >> e;
    in >> colon;
    cosmoml::ndarray<double> a(extents);
    for (double& v : a) in >> v;
    if (!in || colon != ":") throw cosmoml::io_error("golden file " + name, "a damaged line for " + key, "make it again with its script");
    all.emplace(key, std::move(a));
  }
  return all;
}

// Numbers in [-1, 1) by the rule of golden/rule.py, which floats hold exactly: inputs that golden files need not hold.
inline cosmoml::ndarray<double> golden_numbers(std::uint32_t stream, std::vector<cosmoml::index_t> extents) {
  cosmoml::ndarray<double> a(std::move(extents));
  std::uint32_t state = stream * 2654435761u;
  for (double& v : a) {
    state = state * 1664525u + 1013904223u;
    v = double(state >> 8) / 8388608 - 1;
  }
  return a;
}

}
