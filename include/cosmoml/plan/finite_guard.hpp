// SPDX-License-Identifier: BSL-1.0
// Check level 2 (COSMOML_CHECKS=2): a pass forward looks at the output of every step and stops at the first number that is not finite.
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/text.hpp>

#include <string>

namespace cosmoml::inline COSMOML_ABI::plan {

inline constexpr bool guards_finite = COSMOML_CHECKS >= 2;

template <class V>
struct not_finite {
  V v;
  COSMOML_HD double operator()(index_t i) const {
    constexpr index_t size = V::sample_size;
    const auto d = v(i / size, i % size);
    return d - d == 0 ? 0 : 1;
  }
};
// Is any element of a view infinite or not a number?
template <class B, class V>
bool any_not_finite(typename B::context& c, V v) {
  return B::sum_of(c, v.elements(), not_finite<V>{v}) > 0;
}

// What a guarded pass throws where it finds one, on its way up to the model: the path grows at its front by each layer it leaves.
struct not_finite_output {
  std::string path, label;
  index_t sample;
};
// Runs f, a part of a pass that goes by this name in paths.
template <class Name, class F>
void within(Name name, F f) {
  if constexpr (!guards_finite) f();
  else try {
      f();
    } catch (not_finite_output& found) {
      const std::string own = name();
      if (!own.empty()) found.path = found.path.empty() ? own : own + "." + found.path;
      throw;
    }
}
// Throws if an edge is not finite, with the number of its first bad sample. The label is asked for only then.
template <class B, class V, class Label>
void expect_finite(typename B::context& c, V v, index_t first_sample, Label label) {
  if (!any_not_finite<B>(c, v)) return;
  index_t n = 0;
  while (n + 1 < v.batch && !any_not_finite<B>(c, v.samples(n, 1))) ++n;
  throw not_finite_output{"", label(), first_sample + n};
}
// Runs a pass of a model: what it finds becomes an error that names the layer and the sample, counted from `first` in what was asked.
template <class F>
void guarded(const char* asked, index_t first, F f) {
  if constexpr (!guards_finite) f();
  else try {
      f();
    } catch (const not_finite_output& found) {
      const std::string where = found.path.empty() ? found.label : "the output of layer " + found.path + " (" + found.label + ")";
      throw numerical_error(asked, text(where, " is not finite for sample ", first + found.sample), "look at that sample and at the parameters of that layer; a lower learning rate or scaled inputs keep numbers small");
    }
}

}
