// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/batches.hpp>
#include <cosmoml/train/fit_options.hpp>
#include <cosmoml/train/resident.hpp>

namespace cosmoml::inline COSMOML_ABI::train::detail {

// What a fit takes its batches from. begin_epoch(e) fixes the order; then for any batch b: weight(b); prepare(b), which may copy from the host;
// fetch(), which a recording may hold, makes it the model's input; targets() and weights() are its, on the backend. settings() is what the order depends
// on beside the options. This one keeps all samples there.
template <class Model, class LossType>
class resident_feed {
  using B = typename Model::backend;
  using S = typename B::scalar;
  using target = typename LossType::template target<B>;

public:
  template <class X, class Y>
  resident_feed(Model& trained, const samples<X, Y>& training, const fit_options& o)
      : net_(trained), data_(trained.context(), training, "train::fit, training samples"), options_(o), order_key_(split<2>(o.randomness)[0]), picks_(o.shuffle || o.order), order_(order_of(0)),
        parts_(picks_ ? index_t(order_.size()) : data_.rows(), o.batch_size), rows_(index_t(order_.size())), fixed_rows_(Records<B> && picks_ ? o.batch_size : 0), targets_(picks_ ? o.batch_size * data_.target_size : 0),
        weights_(picks_ && data_.weights.size() ? o.batch_size : 0) {}

  index_t rows() const { return data_.rows(); }
  index_t batches() const { return parts_.count(); }
  index_t size(index_t b) const { return parts_.size(b); }
  std::string settings() const { return "in memory"; }   // what a checkpoint compares
  bool can_be_recorded() const { return picks_ && !data_.weights.size(); }

  void begin_epoch(int epoch) {
    if (!picks_) return;
    order_ = order_of(epoch);
    expect<invalid_argument>(index_t(order_.size()) == rows_.size(), "train::fit, order", "give as many samples in each epoch", order_.size(), " samples in epoch ", epoch, " after ", rows_.size());
    B::from_host(net_.context(), static_cast<const int*>(order_.data()), rows_.data(), rows_.size());
  }
  double weight(index_t b) const {
    double sum = 0;
    for (index_t i = parts_.first(b); i < parts_.first(b) + parts_.size(b); ++i) sum += data_.weight(picks_ ? order_[std::size_t(i)] : i);
    return sum;
  }
  // `recorded`: through memory that is the same for each batch.
  void prepare(index_t b, bool recorded = false) {
    first_ = parts_.first(b), count_ = parts_.size(b);
    picked_ = rows_.data() + first_;
    if (!picks_) return net_.use_input(data_.inputs.view().samples(first_, count_));
    net_.resize(count_);
    if (recorded) {
      B::copy(net_.context(), picked_, fixed_rows_.data(), count_);
      picked_ = fixed_rows_.data();
    }
  }
  void fetch() {
    if (!picks_) return;
    auto& c = net_.context();
    B::gather(c, data_.inputs.view(), picked_, net_.input());
    B::for_each(c, count_ * data_.target_size, pick_rows<target>{data_.targets.data(), picked_, targets_.data(), data_.target_size});
    if (data_.weights.size()) B::for_each(c, count_, pick_rows<S>{data_.weights.data(), picked_, weights_.data(), 1});
  }
  const target* targets() const { return picks_ ? targets_.data() : data_.targets.data() + first_ * data_.target_size; }
  const S* weights() const { return !data_.weights.size() ? nullptr : picks_ ? weights_.data() : data_.weights.data() + first_; }

private:
  std::vector<int> order_of(int epoch) const {
    const key k = order_key_.fold(std::uint64_t(epoch));
    if (options_.order) return checked_order(options_.order, data_.rows(), k);
    return picks_ ? permutation(data_.rows(), k) : std::vector<int>{};
  }

  Model& net_;
  resident<Model, LossType> data_;
  const fit_options& options_;
  key order_key_;
  bool picks_;
  std::vector<int> order_;
  train::batches parts_;
  typename B::template buffer<int> rows_, fixed_rows_;
  typename B::template buffer<target> targets_;
  typename B::template buffer<S> weights_;
  const int* picked_ = nullptr;
  index_t first_ = 0, count_ = 0;
};

}
