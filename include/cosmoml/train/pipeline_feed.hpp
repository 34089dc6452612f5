// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/train/fit.hpp>
#include <cosmoml/train/pipeline.hpp>

#include <algorithm>
#include <future>
#include <memory>

namespace cosmoml::inline COSMOML_ABI::train {

namespace detail {

// A buffer of samples, neighbours in the order of an epoch, augmented.
template <class S, class Target>
struct window {
  int epoch = 0;
  index_t number = 0;
  std::vector<S> inputs;
  std::vector<Target> targets;
  std::vector<double> weights;
};

// Batches out of windows of a pipeline's order, the next one read by a thread. What a feed is stands in resident_feed.hpp.
template <class Model, class LossType, class Pipeline>
class pipeline_feed {
  using B = typename Model::backend;
  using S = typename B::scalar;
  using target = typename LossType::template target<B>;
  using window_type = window<S, target>;
  using order_type = std::shared_ptr<const std::vector<int>>;

public:
  pipeline_feed(Model& trained, const Pipeline& from, const fit_options& o)
      : net_(trained), from_(from), options_(o), order_key_(split<2>(o.randomness)[0]), target_size_(LossType::targets(Model::network::output::value)), order_(order_of(0)),
        parts_(index_t(order_->size()), o.batch_size), inputs_(o.batch_size, Model::input_size), host_targets_(std::size_t(o.batch_size * target_size_)), host_weights_(std::size_t(o.batch_size)),
        targets_(o.batch_size * target_size_), weights_(from.source().weighted() ? o.batch_size : 0) {
    expect<shape_mismatch>(from.source().target_size() == target_size_, "train::fit, pipeline", "give the targets that the loss compares with the network's output", from.source().target_size(),
                           " targets a sample where the loss takes ", target_size_);
  }

  index_t rows() const { return from_.source().rows(); }
  index_t batches() const { return parts_.count(); }
  index_t size(index_t b) const { return parts_.size(b); }
  bool can_be_recorded() const { return false; }
  std::string settings() const { return text("a pipeline of buffer ", from_.options().buffer, ", chunk ", from_.options().chunk); }

  void begin_epoch(int epoch) {
    if (epoch == epoch_) return;
    epoch_ = epoch;
    order_ = order_of(epoch);
    expect<invalid_argument>(parts_.count() == train::batches(index_t(order_->size()), options_.batch_size).count(), "train::fit, order", "give as many samples in each epoch", order_->size(),
                             " samples in epoch ", epoch);
  }
  double weight(index_t b) {
    if (!from_.source().weighted()) return double(parts_.size(b));
    double sum = 0;
    each(b, [&](const window_type& w, index_t at, index_t) { sum += w.weights[std::size_t(at)]; });
    return sum;
  }
  void prepare(index_t b, bool = false) {
    auto& c = net_.context();
    const index_t n = parts_.size(b), size = Model::input_size;
    each(b, [&](const window_type& w, index_t at, index_t i) {
      std::copy_n(w.inputs.data() + at * size, size, inputs_.data() + i * size);
      std::copy_n(w.targets.data() + at * target_size_, target_size_, host_targets_.data() + i * target_size_);
      if (weights_.size()) host_weights_[std::size_t(i)] = S(w.weights[std::size_t(at)]);
    });
    net_.load(ndview<const S>(inputs_.data(), n, size));
    B::from_host(c, static_cast<const target*>(host_targets_.data()), targets_.data(), n * target_size_);
    if (weights_.size()) B::from_host(c, static_cast<const S*>(host_weights_.data()), weights_.data(), n);
  }
  void fetch() {}
  const target* targets() const { return targets_.data(); }
  const S* weights() const { return weights_.size() ? weights_.data() : nullptr; }

private:
  order_type order_of(int epoch) const {
    const key k = order_key_.fold(std::uint64_t(epoch));
    const index_t n = from_.source().rows();
    if (options_.order) return std::make_shared<const std::vector<int>>(checked_order(options_.order, n, k));
    if (options_.shuffle) return std::make_shared<const std::vector<int>>(chunked_order{from_.options().chunk, from_.options().buffer}(n, k));
    std::vector<int> plain(static_cast<std::size_t>(n));
    for (index_t i = 0; i < n; ++i) plain[std::size_t(i)] = int(i);
    return std::make_shared<const std::vector<int>>(std::move(plain));
  }
  // Calls visit(window, place in it, place in the batch) for each sample of batch b.
  template <class Visit>
  void each(index_t b, Visit&& visit) {
    const index_t first = parts_.first(b), last = first + parts_.size(b), buffer = from_.options().buffer;
    hold(first / buffer, (last - 1) / buffer);
    for (index_t i = first; i < last; ++i) visit(*held_[std::size_t(i / buffer - held_.front()->number)], i % buffer, i - first);
  }
  // Windows from .. to of this epoch are there, in order, and no others; the next one is on its way.
  void hold(index_t from, index_t to) {
    std::erase_if(held_, [&](const auto& w) { return w->epoch != epoch_ || w->number < from || w->number > to; });
    std::vector<std::shared_ptr<const window_type>> all;
    for (index_t number = from; number <= to; ++number) {
      std::shared_ptr<const window_type> found;
      for (const auto& w : held_)
        if (w->number == number) found = w;
      if (!found && next_.valid() && next_epoch_ == epoch_ && next_number_ == number) found = next_.get();
      if (!found) found = load(epoch_, number, order_);
      all.push_back(std::move(found));
    }
    held_ = std::move(all);
    if (!from_.options().prefetch) return;
    const index_t windows = (index_t(order_->size()) + from_.options().buffer - 1) / from_.options().buffer;
    const bool over = to + 1 == windows;
    if (over && epoch_ + 1 >= options_.epochs) return;
    const int epoch = over ? epoch_ + 1 : epoch_;
    const index_t number = over ? 0 : to + 1;
    if (next_.valid() && next_epoch_ == epoch && next_number_ == number) return;
    if (next_.valid()) next_.wait();
    next_epoch_ = epoch, next_number_ = number;
    next_ = std::async(std::launch::async, [this, epoch, number, order = over ? order_of(epoch) : order_] { return load(epoch, number, order); });
  }
  // Runs in the thread that reads ahead, too: touches nothing that the training changes.
  std::shared_ptr<const window_type> load(int epoch, index_t number, order_type order) const {
    const auto& source = from_.source();
    const index_t buffer = from_.options().buffer, first = number * buffer, n = buffer < index_t(order->size()) - first ? buffer : index_t(order->size()) - first;
    const extents shape = source.input_shape();
    const index_t raw_size = shape.size(), size = Model::input_size;
    auto w = std::make_shared<window_type>();
    w->epoch = epoch;
    w->number = number;
    w->inputs.resize(std::size_t(n * size));
    w->targets.resize(std::size_t(n * target_size_));
    if (source.weighted()) w->weights.resize(std::size_t(n));

    std::vector<std::pair<int, index_t>> rows(static_cast<std::size_t>(n));   // sorted: neighbours are read together
    for (index_t i = 0; i < n; ++i) rows[std::size_t(i)] = {(*order)[std::size_t(first + i)], i};
    std::sort(rows.begin(), rows.end());
    const key augment_key = order_key_.fold(std::uint64_t(epoch)).fold(0x617567u);
    std::vector<S> raw;
    std::vector<target> raw_targets;
    std::vector<double> raw_weights;
    augment::image<S> sample;
    for (std::size_t begin = 0; begin < rows.size();) {
      std::size_t end = begin + 1;
      while (end < rows.size() && rows[end].first - rows[end - 1].first <= 1 && rows[end].first - rows[begin].first < from_.options().chunk) ++end;
      const index_t from = rows[begin].first, count = rows[end - 1].first + 1 - from;
      raw.resize(std::size_t(count * raw_size));
      raw_targets.resize(std::size_t(count * target_size_));
      source.read_inputs(from, count, raw.data());
      source.read_targets(from, count, raw_targets.data());
      if (source.weighted()) {
        raw_weights.resize(std::size_t(count));
        source.read_weights(from, count, raw_weights.data());
      }
      for (; begin < end; ++begin) {
        const auto [row, at] = rows[begin];
        const S* x = raw.data() + (row - from) * raw_size;
        sample.values.assign(x, x + raw_size);
        sample.shape = shape;
        from_.change(sample, augment_key.fold(std::uint64_t(first + at)));
        expect<shape_mismatch>(index_t(sample.values.size()) == size, "train::fit, pipeline", "give samples of the network's input, or crop them to it", "samples of shape ", sample.shape, " where the network takes ",
                               size, " numbers");
        std::copy_n(sample.values.data(), size, w->inputs.data() + at * size);
        std::copy_n(raw_targets.data() + (row - from) * target_size_, target_size_, w->targets.data() + at * target_size_);
        if (source.weighted()) w->weights[std::size_t(at)] = raw_weights[std::size_t(row - from)];
        check(*w, at, row);
      }
    }
    return w;
  }
  void check(const window_type& w, index_t at, int row) const {
    const char* asked = "train::fit, pipeline";
    for (index_t e = 0; e < Model::input_size; ++e)
      if (const double v = double(w.inputs[std::size_t(at * Model::input_size + e)]); !std::isfinite(v))
        throw numerical_error(asked, text("input ", v, " in sample ", row, ", element ", e), "remove or replace samples that are not finite");
    for (index_t e = 0; e < target_size_; ++e) {
      const target t = w.targets[std::size_t(at * target_size_ + e)];
      if constexpr (std::is_same_v<target, int>) {
        if (t < 0 || index_t(t) >= Model::output_size)
          throw invalid_argument(asked, text("label ", t, " in sample ", row), text("number the classes 0 to ", Model::output_size - 1, ", as many as the network has outputs"));
      } else if (!std::isfinite(double(t))) throw numerical_error(asked, text("target ", double(t), " in sample ", row), "remove or replace samples that are not finite");
    }
    if (!w.weights.empty())
      expect<invalid_argument>(std::isfinite(w.weights[std::size_t(at)]) && w.weights[std::size_t(at)] >= 0, asked, "use finite weights of zero or more", "weight ", w.weights[std::size_t(at)],
                               " of sample ", row);
  }

  Model& net_;
  const Pipeline& from_;
  const fit_options& options_;
  key order_key_;
  index_t target_size_;
  int epoch_ = 0;
  order_type order_;
  train::batches parts_;
  ndarray<S> inputs_;
  std::vector<target> host_targets_;
  std::vector<S> host_weights_;
  typename B::template buffer<target> targets_;
  typename B::template buffer<S> weights_;
  std::vector<std::shared_ptr<const window_type>> held_;
  int next_epoch_ = 0;
  index_t next_number_ = 0;
  std::future<std::shared_ptr<const window_type>> next_;   // last: its thread ends before what it reads goes
};

}

// As fit of samples, from a pipeline: buffers come from its source while the training runs. Memory: up to three buffers and a batch.
// Errors: as there; mistakes in the data show when their buffer is read.
template <class Net, class B, rewrites R, class Source, class... Policy, class LossType, class Opt, class X2, class Y2, class... Observer>
  requires(detail::Trains<Opt, B> && nn::SoundNetwork<Net>)
fit_report fit(nn::model<Net, B, mode::training, R>& net, const pipeline<Source, Policy...>& training, const samples<X2, Y2>& validation, const LossType& loss, const Opt& optimizer,
               const fit_options& options, Observer&&... observers) {
  using model = nn::model<Net, B, mode::training, R>;
  if constexpr (detail::takes_loss<model, LossType>()) {
    detail::check_fit(options);
    detail::pipeline_feed<model, LossType, pipeline<Source, Policy...>> feed(net, training, options);
    return detail::run(net, feed, validation, loss, optimizer, options, observers...);
  } else {
    if constexpr (requires { LossType::takes(extents{}); }) (void)typename LossType::template mistake<typename model::output_view::shape_type>{};
    return {};
  }
}
template <class Net, class B, rewrites R, class Source, class... Policy, class LossType, class Opt, class... Observer>
  requires(detail::Trains<Opt, B> && nn::SoundNetwork<Net>)
fit_report fit(nn::model<Net, B, mode::training, R>& net, const pipeline<Source, Policy...>& training, const LossType& loss, const Opt& optimizer, const fit_options& options = {},
               Observer&&... observers) {
  constexpr bool has_target = requires { typename LossType::template target<B>; };
  if constexpr (has_target) return fit(net, training, samples<double, typename LossType::template target<B>>{}, loss, optimizer, options, observers...);
  else return fit(net, training, samples<double, double>{}, loss, optimizer, options, observers...);   // which says what is wrong
}
// A wrong network has said what is wrong with it.
template <class Net, class B, rewrites R, class Source, class... Policy, class... Rest>
  requires(!nn::SoundNetwork<Net>)
fit_report fit(nn::model<Net, B, mode::training, R>&, const pipeline<Source, Policy...>&, Rest&&...) {
  return {};
}

}
