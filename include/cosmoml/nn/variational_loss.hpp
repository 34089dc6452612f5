// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/mean_squared_error.hpp>
#include <cosmoml/nn/witness.hpp>
#include <cosmoml/ops/normal_divergence.hpp>
#include <cosmoml/tensor/ndview.hpp>

#include <array>

namespace cosmoml::inline COSMOML_ABI::nn {

template <int Latents, class Given>
struct variational_loss_rejects_predictions {
  static_assert(never<Given>, "cosmoml: variational_loss takes flat predictions: the decoder's, then a mean and a log variance for each latent");
};

// What a variational encoder is trained with (Kingma and Welling 2014; beta of Higgins et al. 2017): the mean over the batch of
//   Reconstruction(prediction, target) + beta sum over latents of KL(N(m, exp(v)) || N(0, 1))
// A prediction of the network (n, d + 2 Latents) holds what Reconstruction takes, then the means and the log variances of the latents, as
// heads<decoder, slice<0, 2 * Latents>> give them; targets are Reconstruction's, (n, d) for mean_squared_error.
// beta may change while the loss is in use, from an observer's on_epoch say: fit looks at it in every batch.
template <int Latents, class Reconstruction = mean_squared_error>
struct variational_loss {
  double beta = 1;
  bool mean_over_latents = false;   // the mean in place of the sum: beta is then Latents times as large for the same loss
  Reconstruction reconstruction{};

  template <class B>
  using target = typename Reconstruction::template target<B>;
  static constexpr bool takes(extents y) { return Latents > 0 && y.rank == 1 && y[0] > 2 * Latents; }
  template <class Given>
  using mistake = variational_loss_rejects_predictions<Latents, Given>;
  static constexpr extents predicted(extents y) { return takes(y) ? extents{y[0] - 2 * Latents} : extents::broken(); }
  static constexpr index_t targets(extents y) { return Reconstruction::targets(predicted(y)); }

  template <class B, class Y, class DY>
  double evaluate(typename B::context& c, Y y, DY dy, const target<B>* t, const typename B::scalar* weight, typename B::scalar scale) const {
    if constexpr (takes(Y::shape)) {
      using S = typename B::scalar;
      using first = shape<Y::shape.dim[0] - 2 * Latents>;
      using latents = shape<2 * Latents>;
      const double strength = beta * double(targets(Y::shape)) / (mean_over_latents ? Latents : 1);   // what the mean divides by is no part of the divergence
      const double error = reconstruction.template evaluate<B>(c, part<first, 0>(y), part<first, 0>(dy), t, weight, scale);
      return error + strength * ops::normal_divergence<B>(c, part<latents, first::value.size()>(y), part<latents, first::value.size()>(dy), weight, S(strength) * scale);
    } else return double(sizeof(mistake<typename Y::shape_type>));
  }
  // Of the same predictions: the mean over the batch of the divergence of each latent, by which collapsed ones are known; nats.
  template <HostArray Y>
  static std::array<double, Latents> divergences(const Y& predictions) {
    const auto y = as_ndview(predictions);
    std::array<double, Latents> sum{};
    expect<shape_mismatch>(y.rank == 2 && y.dim[1] >= 2 * Latents, "variational_loss.divergences", "give predictions (n, d + 2 latents)", y.rank, " axes, ", y.rank == 2 ? y.dim[1] : 0, " numbers a sample");
    const index_t at = y.dim[1] - 2 * Latents;
    for (index_t n = 0; n < y.rows(); ++n)
      for (int e = 0; e < Latents; ++e) {
        const double m = double(y(n, at + e)), v = double(y(n, at + Latents + e));
        sum[std::size_t(e)] += (std::exp(v) + m * m - 1 - v) / 2 / double(y.rows());
      }
    return sum;
  }

private:
  template <class Shape, index_t Begin, class V>
  static auto part(V v) {
    if constexpr (Wanted<V>) return v.template sub<Shape, Begin>();
    else return v;
  }
};

}
