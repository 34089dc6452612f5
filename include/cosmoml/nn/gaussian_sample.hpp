// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/nn/layer.hpp>

#include <cmath>

namespace cosmoml::inline COSMOML_ABI::nn {

template <class At, class After, class Given>
struct gaussian_sample_needs_means_and_variances {
  static_assert(never<At>, "cosmoml: gaussian_sample takes a flat sample of means and then as many log variances");
};

namespace detail {
template <class X, class Y>
struct draw_gaussian {
  X x;
  Y y;
  key k;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename Y::scalar;
    constexpr index_t latents = Y::sample_size;
    const index_t n = i / latents, e = i % latents;
    y(n, e) = x(n, e) + S(std::exp(x(n, latents + e) / S(2))) * S(k.normal<float>(std::uint64_t(i)));   // the same draws in any precision
  }
};
template <class X, class Y>
struct read_means {
  X x;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t latents = Y::sample_size;
    y(i / latents, i % latents) = x(i / latents, i % latents);
  }
};
template <class X, class Y, class DY, class DX>
struct draw_gaussian_adjoint {
  X x;
  Y y;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    using S = typename DX::scalar;
    constexpr index_t latents = Y::sample_size;
    const index_t n = i / latents, e = i % latents;
    dx(n, e) = dy(n, e);
    dx(n, latents + e) = dy(n, e) * (y(n, e) - x(n, e)) / S(2);
  }
};
}

// (m, v) -> m + exp(v / 2) e with e from the standard normal distribution, in training; m in inference. Takes (2 latents), gives
// (latents): the reparameterised sample of a variational encoder (Kingma and Welling 2014). e is read off the pass's key.
struct gaussian_sample {
  static constexpr bool draws = true, mixes_samples = true;   // draws are numbered through the batch, so that it may not go in pieces
  static constexpr extents output(extents in) { return in.rank == 1 && in[0] >= 2 && in[0] % 2 == 0 ? extents{in[0] / 2} : extents::broken(); }
  static constexpr auto fields(extents) { return no_fields; }
  template <int Index, class Before, class In>
  using mistake = gaussian_sample_needs_means_and_variances<at<Index, gaussian_sample>, Before, In>;
  static std::string label() { return "gaussian_sample"; }

  template <class In, class G>
  static typename G::value onnx(G& g, const typename G::value& x) {
    return g.slice(x, 0, 0, In::value[0] / 2);
  }
  template <class Pass, class P, class X, class Y, class S>
  void forward(Pass& pass, P, X x, Y y, S*) const {
    using B = typename Pass::backend;
    if constexpr (Pass::training) B::for_each(pass.context, y.elements(), detail::draw_gaussian<X, Y>{x, y, pass.randomness});
    else B::for_each(pass.context, y.elements(), detail::read_means<X, Y>{x, y});
  }
  template <class Pass, class P, class X, class Y, class DY, class DX, class G, class S>
  void backward(Pass& pass, P, X x, Y y, DY dy, DX dx, G, S*) const {
    if constexpr (Wanted<DX>) Pass::backend::for_each(pass.context, dy.elements(), detail::draw_gaussian_adjoint<X, Y, DY, DX>{x, y, dy, dx});
  }
};

}
