// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/field.hpp>
#include <cosmoml/optim/clipping.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace cosmoml::inline COSMOML_ABI::optim {

// Parameters that are trained otherwise than the rest: {.fields = "encoder", .rate = 0.1}, {.fields = "*.bias", .weight_decay = 0}.
struct parameter_group {
  std::string fields;         // paths as model.fields() gives them: one, the layer above it, or a pattern with * for any characters
  double rate = 1;            // times the optimiser's learning rate
  double weight_decay = NAN;  // instead of the optimiser's
  bool frozen = false;        // not trained (statistics of such layers still move, as PyTorch's do)
};

namespace detail {
// Does a pattern name this path, or a layer that holds it?
inline bool names(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty() || path.front() == '.';
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= path.size(); ++i)
      if (names(pattern.substr(1), path.substr(i))) return true;
    return false;
  }
  return !path.empty() && path.front() == pattern.front() && names(pattern.substr(1), path.substr(1));
}
}

// Ranges of a model's flat buffers and which group each belongs to: the first that names it, or -1. Errors: invalid_argument for a group that
// names nothing, with the names that there are.
struct grouped_range {
  stored_range range;
  int group;
};
template <class Model>
std::vector<grouped_range> ranges_of(const Model& model, const std::vector<parameter_group>& groups) {
  if (groups.empty()) return {{{0, Model::stored_count}, -1}};
  std::vector<grouped_range> all;
  std::vector<bool> used(groups.size());
  std::string paths;
  model.fields([&](const std::string& path, const field& f, auto at) {
    index_t first = at(0), last = first;
    for (index_t e = 1; e < f.shape.size(); ++e) {
      const index_t place = at(e);
      first = place < first ? place : first;
      last = place > last ? place : last;
    }
    int own = -1;
    for (std::size_t i = groups.size(); i-- > 0;)
      if (detail::names(groups[i].fields, path)) {
        own = int(i);
        used[i] = true;
      }
    all.push_back({{first, last + 1 - first}, own});
    paths += (paths.empty() ? "" : ", ") + path;
  });
  for (std::size_t i = 0; i < groups.size(); ++i)
    expect<invalid_argument>(used[i], "parameter groups", "use names that model.fields() gives", "no parameter named ", groups[i].fields, " among ", paths);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.range.first < b.range.first; });
  std::vector<grouped_range> merged;
  for (const grouped_range& r : all) {
    expect<invalid_argument>(merged.empty() || merged.back().range.first + merged.back().range.count <= r.range.first, "parameter groups", "use a backend that stores one parameter after the other",
                             "parameters that lie among one another");
    if (!merged.empty() && merged.back().group == r.group) merged.back().range.count = r.range.first + r.range.count - merged.back().range.first;
    else merged.push_back(r);
  }
  return merged;
}

}
