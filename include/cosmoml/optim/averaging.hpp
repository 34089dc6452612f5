// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/error.hpp>

namespace cosmoml::inline COSMOML_ABI::optim {

// A mean of the parameters over the steps of a training.
struct averaging {
  enum kind_of_mean { none, exponential, equal };
  kind_of_mean kind = none;   // exponential (EMA; Polyak and Juditsky 1992) or of equal weights (SWA; Izmailov et al. 2018)
  double decay = 0.999;       // exponential: what the mean keeps each time
  int from_epoch = 0;         // the first epoch that counts
  index_t every = 1;          // steps from one set of parameters to the next; 0: the last of each epoch
};

namespace detail {
template <class S>
struct approach {
  S* mean;
  const S* p;
  S share;
  COSMOML_HD void operator()(index_t i) const {
    const S apart = p[i] - mean[i];
    mean[i] = share < S(0.5) ? mean[i] + share * apart : p[i] - (S(1) - share) * apart;   // a share of one is p itself, as torch.lerp has it
  }
};
}

// The running mean of one flat buffer: torch's AveragedModel.
template <class B>
class parameter_average {
  using S = typename B::scalar;

public:
  explicit parameter_average(index_t n = 0) : mean_(n) {}
  void add(typename B::context& c, const S* p, const averaging& how) {
    const index_t n = mean_.size();
    if (count_++ == 0) B::copy(c, p, mean_.data(), n);
    else B::for_each(c, n, detail::approach<S>{mean_.data(), p, S(how.kind == averaging::exponential ? 1 - how.decay : 1 / double(count_))});
  }
  void replace(typename B::context& c, const S* p) { B::copy(c, p, mean_.data(), mean_.size()); }
  index_t count() const { return count_; }
  const S* data() const { return mean_.data(); }
  index_t size() const { return mean_.size(); }
  template <class V>
  void visit(V&& v) {
    v("mean", mean_);
    v("count", count_);
  }

private:
  typename B::template buffer<S> mean_;
  index_t count_ = 0;
};

}
