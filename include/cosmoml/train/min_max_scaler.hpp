// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/scaler.hpp>

namespace cosmoml::inline COSMOML_ABI::train {

// To the range from 0 to 1 of the training rows (others may lie beyond it): scikit-learn's MinMaxScaler; constants become 0.
class min_max_scaler : public scaler {
public:
  template <HostArray X>
  min_max_scaler(const X& x, const training_rows& from, scaled_by by = scaled_by::element) {
    const char* asked = "train::min_max_scaler";
    const auto v = as_ndview(x);
    expect<invalid_argument>(!from.rows.empty() && v.row_size() > 0, asked, "give at least one training row", "no data");
    const std::size_t numbers = std::size_t(count(v, by));
    offset_.assign(numbers, INFINITY), scale_.assign(numbers, -INFINITY);
    each(v, from, by, asked, [&](std::size_t i, double value) { offset_[i] = std::fmin(offset_[i], value), scale_[i] = std::fmax(scale_[i], value); });
    for (std::size_t i = 0; i < numbers; ++i) scale_[i] = scale_[i] > offset_[i] ? scale_[i] - offset_[i] : 1;
  }
  template <HostArray X>
  min_max_scaler(const X&, const held_out_rows&, scaled_by = scaled_by::element) : scaler() {
    scaler_learns_from_training_rows_only<X>{};
  }
};

}
