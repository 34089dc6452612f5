// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/optim/optimizer.hpp>
#include <cosmoml/tensor/ndarray.hpp>
#include <cosmoml/train/fit_options.hpp>

#include <map>

namespace cosmoml::inline COSMOML_ABI::train::detail {

template <class O>
concept HasRate = requires(O& o) { o.options.learning_rate = 1.0; };
template <class O>
concept Decays = requires(O& o) { o.options.weight_decay = 1.0; };
template <class O>
concept HasBounds = requires(O& o) { o.options.lower.size(); };

// The steps of a fit: the optimiser with its state over each range of parameters that is trained alike, at the learning rate of the moment, after
// clipping; and the mean of the parameters.
template <class Model, class Opt>
class stepper {
  using B = typename Model::backend;
  using S = typename B::scalar;
  using stored_range = optim::stored_range;
  struct part {
    stored_range range;
    Opt optimizer;
    typename Opt::template state<B> state;
    double rate;
  };

public:
  static constexpr bool searches = SearchesLines<Opt, B> && !Optimizer<Opt, B>;

  stepper(Model& trained, const Opt& optimizer, const fit_options& o) : options_(o) {
    const char* asked = "train::fit, groups";
    for (const optim::grouped_range& r : optim::ranges_of(trained, o.groups)) {
      Opt own = optimizer;
      double factor = 1;
      if (r.group >= 0) {
        const optim::parameter_group& g = o.groups[std::size_t(r.group)];
        if (g.frozen) {
          frozen_.push_back(r.range);
          continue;
        }
        factor = g.rate;
        if constexpr (HasRate<Opt>) own.options.learning_rate *= g.rate;
        else expect<invalid_argument>(g.rate == 1, asked, "use an optimiser with a learning rate", "a rate for ", g.fields);
        if (!std::isnan(g.weight_decay)) {
          if constexpr (Decays<Opt>) own.options.weight_decay = g.weight_decay;
          else throw invalid_argument(asked, "a weight decay for " + g.fields, "use an optimiser that has one");
        }
        if constexpr (searches) expect<invalid_argument>(g.rate == 1, asked, "only freeze parameters; a line search has one step length for all", "a rate for ", g.fields);
      }
      trained_.push_back(r.range);
      if constexpr (!searches) parts_.push_back({r.range, own, typename Opt::template state<B>(r.range.count), factor});
    }
    expect<invalid_argument>(!trained_.empty(), asked, "leave something to train", "every parameter frozen");
    if constexpr (searches) {
      parts_.push_back({{0, Model::stored_count}, optimizer, typename Opt::template state<B>(Model::stored_count), 1});
      expect<invalid_argument>(o.clip.norm == 0 && o.clip.value == 0, "train::fit, clip", "do not clip; a line search needs the gradient as it is", "limits of the gradient");
      if constexpr (HasBounds<Opt>) set_bounds(trained, optimizer);
    }
    if constexpr (!HasRate<Opt>) expect<invalid_argument>(!o.schedule, "train::fit, schedule", "use an optimiser with a learning rate", "a schedule for an optimiser without one");
    if (o.momentum) expect<invalid_argument>(momentum_of(optimizer) > 0, "train::fit, momentum", "use an optimiser with a momentum, and set it", "a schedule of the momentum for an optimiser without one");
    momentum_ = momentum_of(optimizer);
    if (o.average.kind != optim::averaging::none) {
      expect<invalid_argument>(o.average.decay >= 0 && o.average.decay < 1 && o.average.every >= 0, "train::fit, average", "use a decay of at least 0 and below 1", "decay ", o.average.decay);
      parameters_ = optim::parameter_average<B>(Model::stored_count);
      statistics_ = optim::parameter_average<B>(Model::stored_statistics);
    }
  }

  // Steps may be recorded: nothing in them but the optimiser's shared memory changes.
  bool can_be_recorded() const {
    return !searches && options_.accumulate == 1 && options_.groups.empty() && options_.clip.norm == 0 && options_.clip.value == 0 && (!options_.schedule || AdvancesOnHost<Opt, B>) &&
           !options_.momentum;
  }
  // Before each step, on the host.
  void begin(typename B::context& c, const optim::moment& now, double base) {
    const double factor = factor_of("train::fit, schedule", options_.schedule, now), momentum = momentum_ * factor_of("train::fit, momentum", options_.momentum, now);
    rate_ = options_.schedule ? base * factor : base;
    for (part& p : parts_) {
      if constexpr (HasRate<Opt>)
        if (options_.schedule) p.optimizer.options.learning_rate = base * factor * p.rate;
      if (options_.momentum) set_momentum(p.optimizer, momentum);
      if constexpr (AdvancesOnHost<Opt, B>) p.optimizer.template advance<B>(c, p.state);
    }
  }
  // Clips and steps. Returns the gradient's norm where that was limited.
  double update(Model& net) {
    auto& c = net.context();
    S* g = net.gradients().data();
    double norm = 0;
    if (options_.clip.norm > 0 || options_.clip.value > 0) norm = optim::clip_gradients<B>(c, g, trained_, options_.clip);
    if (!std::isfinite(norm)) return norm;
    S* parameters = net.parameters().data();
    for (part& p : parts_) {
      if constexpr (AdvancesOnHost<Opt, B>) p.optimizer.template apply<B>(c, parameters + p.range.first, g + p.range.first, p.state, p.range.count);
      else if constexpr (!searches) p.optimizer.template step<B>(c, parameters + p.range.first, g + p.range.first, p.state, p.range.count);
    }
    return norm;
  }
  // The step of an optimiser that evaluates the loss itself; returns that at its start.
  template <class Evaluate>
  double search(Model& net, Evaluate&& evaluate) {
    auto& c = net.context();
    S* g = net.gradients().data();
    const double loss = parts_[0].optimizer.template step<B>(c, net.parameters().data(), g, parts_[0].state, Model::stored_count, [&] {
      net.parameters_changed();
      const double found = evaluate();
      for (const stored_range& r : frozen_) B::fill(c, g + r.first, r.count, S(0));
      return found;
    });
    net.parameters_changed();
    return loss;
  }
  double learning_rate() const { return rate_; }

  // After a step; `last`: of its epoch.
  void add_to_average(Model& net, int epoch, index_t steps, bool last) {
    const optim::averaging& a = options_.average;
    if (a.kind == optim::averaging::none || epoch < a.from_epoch || (a.every == 0 ? !last : steps % a.every != 0)) return;
    const Model& now = net;
    parameters_.add(net.context(), now.parameters().data(), a);
    statistics_.add(net.context(), now.statistics().data(), a);
  }
  bool averaged() const { return parameters_.count() > 0; }
  // The model and the mean change places; twice: all is as before.
  void swap_average(Model& net) {
    swap(net.context(), net.parameters().data(), parameters_);
    swap(net.context(), net.statistics().data(), statistics_);
  }

  // Everything that later steps depend on, to or from a checkpoint.
  template <class Archive>
  void exchange(Archive& a, Model& net) {
    auto& c = net.context();
    std::map<std::string, ndarray<S>> whole;   // each state of one number a parameter, over all ranges
    for (part& p : parts_)
      p.state.visit([&](const char* word, auto& v) {
        const std::string name = std::string("optimizer.") + word;
        if constexpr (requires { v.data(); }) {
          if (Archive::writes ? v.size() == 0 : !a.has(name) && v.size() == 0) return;
          ndarray<S>& all = whole.try_emplace(name, Model::stored_count).first->second;
          if constexpr (Archive::writes) B::to_host(c, static_cast<const S*>(v.data()), all.data() + p.range.first, p.range.count);
          else {
            if (&p == &parts_.front()) a.template fields<true>(name, net, all);
            if (v.size() < p.range.count) v = typename B::template buffer<S>(p.range.count);
            B::from_host(c, static_cast<const S*>(all.data()) + p.range.first, v.data(), p.range.count);
          }
        } else if (!Archive::writes || &p == &parts_.front()) a.number(name, v);   // all ranges have taken the same steps
      });
    if constexpr (Archive::writes)
      for (auto& [name, all] : whole) a.template fields<true>(name, net, all);
    a.number("learning_rate", rate_);
    exchange<true>(a, net, "average", parameters_);
    exchange<false>(a, net, "average", statistics_);
  }

private:
  static double factor_of(const char* who, const optim::schedule& s, const optim::moment& now) {
    const double factor = s ? s(now) : 1;
    expect<numerical_error>(std::isfinite(factor) && factor >= 0, who, "return finite factors of zero or more", "a factor of ", factor, " at step ", now.step);
    return factor;
  }
  static double momentum_of(const Opt& o) {
    if constexpr (requires { o.options.momentum; }) return o.options.momentum;
    else if constexpr (requires { o.options.beta1; }) return o.options.beta1;
    else return 0;
  }
  static void set_momentum(Opt& o, double value) {
    if constexpr (requires { o.options.momentum = value; }) o.options.momentum = value;
    else if constexpr (requires { o.options.beta1 = value; }) o.options.beta1 = value;
  }
  template <bool Trained, class Archive>
  void exchange(Archive& a, Model& net, const std::string& name, optim::parameter_average<B>& mean) {
    if (options_.average.kind == optim::averaging::none) return;
    auto& c = net.context();
    mean.visit([&](const char* word, auto& v) {
      if constexpr (requires { v.data(); }) {
        ndarray<S> all(v.size());
        if constexpr (Archive::writes) B::to_host(c, static_cast<const S*>(v.data()), all.data(), v.size());
        a.template fields<Trained>(name, net, all);
        if constexpr (!Archive::writes) B::from_host(c, static_cast<const S*>(all.data()), v.data(), v.size());
      } else a.number(name + (Trained ? "_of_parameters." : "_of_statistics.") + word, v);
    });
  }
  void swap(typename B::context& c, S* p, optim::parameter_average<B>& mean) {
    typename B::template buffer<S> kept(mean.size());
    B::copy(c, static_cast<const S*>(p), kept.data(), mean.size());
    B::copy(c, mean.data(), p, mean.size());
    mean.replace(c, static_cast<const S*>(kept.data()));
  }
  // Bounds hold for parameters in canonical order; padding has none.
  void set_bounds(Model& net, const Opt& o) {
    if (o.options.lower.empty() && o.options.upper.empty()) return;
    std::vector<double> bounds[2];
    for (int side = 0; side < 2; ++side) {
      const auto& from = side ? o.options.upper : o.options.lower;
      bounds[side].assign(std::size_t(Model::stored_count), side ? INFINITY : -INFINITY);
      expect<shape_mismatch>(from.size() <= 1 || index_t(from.size()) == Model::parameter_count, "train::fit, bounds", "give one bound for all parameters or one for each", from.size(),
                             " bounds for ", Model::parameter_count, " parameters");
      std::size_t i = 0;
      net.fields([&](const std::string&, const field& f, auto at) {
        for (index_t e = 0; e < f.shape.size(); ++e, ++i)
          if (!from.empty()) bounds[side][std::size_t(at(e))] = from[from.size() == 1 ? 0 : i];
      });
    }
    parts_[0].state.set_bounds(net.context(), bounds[0], bounds[1]);
  }

  const fit_options& options_;
  std::vector<part> parts_;
  std::vector<stored_range> trained_, frozen_;
  optim::parameter_average<B> parameters_{}, statistics_{};
  double rate_ = 0, momentum_ = 0;
};

}
