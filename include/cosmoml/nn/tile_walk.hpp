// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/plan/tiles.hpp>

#include <vector>

namespace cosmoml::inline COSMOML_ABI::nn {

// Forward, loss and backward of a batch in tiles that stay in the cache, groups of tiles side by side. Gradients of a group are added up
// apart, then all in the order of the groups. Memory: what one tile keeps, once a thread; gradients, once a group. Layers that write statistics mix samples and never come here.
template <class Pass, class Chain>
class tile_walk {
  using B = typename Pass::backend;
  using S = typename Pass::scalar;
  using buffer = typename B::template buffer<S>;
  using output_layout = typename Chain::template layout<Chain::count>;

public:
  // How many groups are on their way at once.
  static index_t side_by_side(plan::tiling t) {
    if constexpr (plan::Tiles<Pass>) {
      const index_t threads = B::most_at_once();
      return threads < t.groups ? threads : t.groups;
    } else return 1;
  }
  template <class X, class Y>
  void hold(plan::tiling t, index_t parameters) {
    const index_t had = index_t(lanes_.size()), need = larger(side_by_side(t), had);
    if (t.samples > tile_ || need > had) {
      tile_ = larger(tile_, t.samples);
      state_size_ = Chain::template state_size<X, Y>(tile_);
      lanes_ = std::vector<lane>(std::size_t(need));
      for (lane& l : lanes_) {
        l.memory = buffer(state_size_ + Chain::template workspace_size<X, Y>(tile_, true));
        l.output_gradient = buffer(output_layout::size(tile_));
      }
    }
    for (index_t g = index_t(groups_.size()); g < t.groups; ++g) groups_.push_back({buffer(g > 0 ? parameters : 0), 0});
  }
  template <class Layers, class X, class Y, class LossType, class Target>
  double walk(plan::tiling t, typename B::context& context, const Layers& layers, const S* p, X x, Y y, const LossType& loss, const Target* targets, const S* weights,
              S scale, key randomness, S* gradients, index_t parameters, const plan::shared_place* in_common) {
    const index_t tiles = (y.batch + t.samples - 1) / t.samples;
    B::at_once(t.groups, index_t(lanes_.size()), [&](index_t g, int thread) {
      lane& own = lanes_[std::size_t(thread)];
      group& sum = groups_[std::size_t(g)];
      S* to = g == 0 ? gradients : sum.gradients.data();
      if (g > 0) B::fill(own.context, to, parameters, S(0));
      sum.loss = 0;
      bool prepared = false;
      for (index_t tile = tiles * g / t.groups; tile < tiles * (g + 1) / t.groups; ++tile) {
        const index_t first = tile * t.samples, n = t.samples < y.batch - first ? t.samples : y.batch - first;
        const X from = x.samples(first, n);
        const Y out = y.samples(first, n);
        const Y d{own.output_gradient.data(), n};
        S* state = own.memory.data();
        const plan::shared_memory<S, true> shared{in_common, p, to, nullptr};
        Pass forward{own.context, state + state_size_, randomness, prepared, nullptr, 0, first, tile_, nullptr, in_common ? &shared : nullptr, true};
        Pass backward{own.context, state + state_size_, randomness, true, nullptr, 0, first, tile_, nullptr, in_common ? &shared : nullptr, true};
        Chain::forward(forward, layers, p, from, out, state);
        sum.loss += loss.template evaluate<B>(own.context, out, d, targets + first * LossType::targets(Y::shape), weights ? weights + first : nullptr, scale);
        Chain::backward(backward, layers, p, from, out, d, nothing{}, to, state);
        prepared = true;
      }
    });
    double sum = 0;
    for (index_t g = 0; g < t.groups; ++g) sum += groups_[std::size_t(g)].loss;
    sums s{gradients, {}, int(t.groups) - 1};
    for (index_t g = 1; g < t.groups; ++g) s.from[g - 1] = groups_[std::size_t(g)].gradients.data();
    if (s.count > 0) B::for_each(context, parameters, s);
    return sum;
  }

private:
  struct lane {
    typename B::context context;
    buffer memory, output_gradient;
  };
  struct group {
    buffer gradients;
    double loss = 0;
  };
  struct sums {
    S* to;
    const S* from[15];
    int count;
    COSMOML_HD void operator()(index_t i) const {
      S s = to[i];
      for (int g = 0; g < count; ++g) s += from[g][i];
      to[i] = s;
    }
  };
  std::vector<lane> lanes_;
  std::vector<group> groups_;
  index_t tile_ = 0, state_size_ = 0;
};

}
