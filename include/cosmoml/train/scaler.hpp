// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/split.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::train {

// What has an offset and a scale of its own: each element of a sample, each channel (axis 1 of the array), or nothing: one for all.
enum class scaled_by { element, channel, array };

// (x - offset) / scale, and back. Made by standard_scaler and min_max_scaler from training rows, or from numbers that were kept.
class scaler {
public:
  scaler(std::vector<double> offset, std::vector<double> scale) : offset_(std::move(offset)), scale_(std::move(scale)) {
    expect<shape_mismatch>(offset_.size() == scale_.size() && !offset_.empty(), "train::scaler", "give as many scales as offsets", scale_.size(), " scales and ", offset_.size(), " offsets");
  }
  const std::vector<double>& offset() const { return offset_; }
  const std::vector<double>& scale() const { return scale_; }

  // An array of any number of samples (n, ...), as the one it was made from.
  template <HostArray X>
  auto transform(const X& x) const {
    return apply(x, [](double v, double offset, double scale) { return (v - offset) / scale; });
  }
  template <HostArray X>
  auto inverse(const X& x) const {
    return apply(x, [](double v, double offset, double scale) { return v * scale + offset; });
  }

protected:
  scaler() = default;
  // Calls visit(number of the offset, value) for each element of the training rows.
  template <class T, class Visit>
  static void each(ndview<T> v, const training_rows& from, scaled_by by, const char* asked, Visit&& visit) {
    const index_t size = v.row_size(), numbers = count(v, by);
    for (const int r : from.rows) {
      expect<invalid_argument>(r >= 0 && index_t(r) < v.rows(), asked, "name rows that the array has", "row ", r, " of ", v.rows());
      for (index_t e = 0; e < size; ++e) {
        const double value = double(v(index_t(r), e));
        if (!std::isfinite(value)) throw numerical_error(asked, text(value, " in row ", r, ", element ", e), "remove or replace samples that are not finite");
        visit(std::size_t(e / (size / numbers)), value);
      }
    }
  }
  template <class T>
  static index_t count(ndview<T> v, scaled_by by) {
    return by == scaled_by::array || v.rank < 2 ? 1 : by == scaled_by::channel ? v.dim[1] : v.row_size();
  }
  std::vector<double> offset_, scale_;

private:
  template <HostArray X, class F>
  auto apply(const X& x, F f) const {
    const auto v = as_ndview(x);
    using T = std::remove_const_t<std::remove_pointer_t<decltype(v.data)>>;
    static_assert(std::is_floating_point_v<T>, "cosmoml: a scaler makes floating-point numbers; give it float or double");
    const index_t size = v.row_size(), numbers = index_t(offset_.size());
    expect<shape_mismatch>(size % numbers == 0, "train::scaler", "give samples of the shape that it was made from", size, " elements a sample for ", numbers, " offsets");
    ndarray<T> out(std::vector<index_t>(v.dim, v.dim + v.rank));
    for (index_t n = 0; n < v.rows(); ++n)
      for (index_t e = 0; e < size; ++e) {
        const std::size_t i = std::size_t(e / (size / numbers));
        out[n * size + e] = T(f(double(v(n, e)), offset_[i], scale_[i]));
      }
    return out;
  }
};

template <class Rows>
struct scaler_learns_from_training_rows_only {
  static_assert(sizeof(Rows) == 0, "cosmoml: a scaler learns from training rows alone, or held-out samples leak into the training; give it split.training");
};

}
