// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/error.hpp>
#include <cosmoml/core/key.hpp>

#include <cmath>
#include <string>

namespace cosmoml::inline COSMOML_ABI::train::detail {

// Parameters and statistics as they were when all of them were finite.
template <class Model>
class last_good {
  using B = typename Model::backend;
  using S = typename B::scalar;

public:
  explicit last_good(Model& m) : parameters_(Model::stored_count), statistics_(Model::stored_statistics) { keep(m, "of the start"); }
  // False, and nothing kept, if the model's are not finite.
  bool keep(Model& m, std::string when) {
    auto& c = m.context();
    const Model& now = m;
    const S *p = now.parameters().data(), *s = now.statistics().data();
    if (!std::isfinite(B::dot(c, p, p, Model::stored_count)) || !std::isfinite(B::dot(c, s, s, Model::stored_statistics))) return false;
    B::copy(c, p, parameters_.data(), Model::stored_count);
    B::copy(c, s, statistics_.data(), Model::stored_statistics);
    when_ = std::move(when);
    return true;
  }
  // Puts them back and says what happened.
  [[noreturn]] void stop(Model& m, const std::string& found, key randomness) {
    const std::string where = m.not_finite(randomness);
    auto& c = m.context();
    B::copy(c, static_cast<const S*>(parameters_.data()), m.parameters().data(), Model::stored_count);
    B::copy(c, static_cast<const S*>(statistics_.data()), m.statistics().data(), Model::stored_statistics);
    throw numerical_error("train::fit", found + (where.empty() ? "" : "; the first numbers that are not finite: " + where),
                          "lower the learning rate, or scale the inputs; the model has the parameters " + when_ + " again");
  }

private:
  typename B::template buffer<S> parameters_, statistics_;
  std::string when_;
};

}
