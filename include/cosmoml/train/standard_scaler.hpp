// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/scaler.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

// To mean 0 and standard deviation 1 over the training rows (dividing by n, as scikit-learn's StandardScaler); constants are only shifted.
//   const auto split = train::hold_out_groups(box, 0.2, key{1});
//   const train::standard_scaler s(x, split.training);   s.transform(x)
class standard_scaler : public scaler {
public:
  template <HostArray X>
  standard_scaler(const X& x, const training_rows& from, scaled_by by = scaled_by::element) {
    const char* asked = "train::standard_scaler";
    const auto v = as_ndview(x);
    expect<invalid_argument>(!from.rows.empty() && v.row_size() > 0, asked, "give at least one training row", "no data");
    const std::size_t numbers = std::size_t(count(v, by));
    const double n = double(from.rows.size()) * double(v.row_size()) / double(numbers);
    offset_.assign(numbers, 0), scale_.assign(numbers, 0);
    each(v, from, by, asked, [&](std::size_t i, double value) { offset_[i] += value / n; });
    each(v, from, by, asked, [&](std::size_t i, double value) { scale_[i] += (value - offset_[i]) * (value - offset_[i]); });
    for (double& s : scale_) s = s > 0 ? std::sqrt(s / n) : 1;
  }
  template <HostArray X>
  standard_scaler(const X&, const held_out_rows&, scaled_by = scaled_by::element) : scaler() {
    scaler_learns_from_training_rows_only<X>{};
  }
};

}
