// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/concept.hpp>
#include <cosmoml/core/view.hpp>

namespace cosmoml::inline COSMOML_ABI::ops {

namespace detail {
template <class X, class W, class V, class Y>
struct chosen_outputs {
  X x;
  W w;
  V bias;
  const int* which;
  Y y;
  COSMOML_HD void operator()(index_t n) const {
    constexpr index_t inputs = X::sample_size;
    const index_t o = which[n];
    typename Y::scalar s = bias(0, o);
    for (index_t k = 0; k < inputs; ++k) s += x(n, k) * w(0, o * inputs + k);
    y(n, 0) = s;
  }
};
template <class W, class DY, class DX>
struct chosen_input_adjoint {
  W w;
  const int* which;
  DY dy;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t inputs = DX::sample_size;
    const index_t n = i / inputs, k = i % inputs;
    dx(n, k) = dy(n, 0) * w(0, which[n] * inputs + k);
  }
};
// Element i < inputs of row o: the weights; element `inputs`: the bias. Samples in their order, so the bits do not depend on threads.
template <class X, class DY, class DW, class DV>
struct chosen_parameter_adjoint {
  X x;
  const int* which;
  DY dy;
  DW dw;
  DV dv;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t inputs = X::sample_size;
    const index_t o = i / (inputs + 1), k = i % (inputs + 1);
    typename DW::scalar s = 0;
    for (index_t n = 0; n < x.batch; ++n)
      if (which[n] == o) s += k < inputs ? x(n, k) * dy(n, 0) : dy(n, 0);
    if (k < inputs) dw(0, o * inputs + k) += s;
    else dv(0, o) += s;
  }
};
}

// y[n] = (W x[n] + bias)[which[n]]: of a dense layer's outputs, one a sample. x (n, inputs), weight (outputs, inputs), y (n, 1); which on the
// backend. Cost: n x inputs instead of n x inputs x outputs. A backend may give its own, as for the adjoint.
template <class B, class X, class W, class V, class Y>
void chosen_outputs(typename B::context& c, X x, W weight, V bias, const int* which, Y y) {
  if constexpr (requires { requires OwnAbilities<B>; B::chosen_outputs(c, x, weight, bias, which, y); }) B::chosen_outputs(c, x, weight, bias, which, y);
  else B::for_each(c, y.batch, detail::chosen_outputs<X, W, V, Y>{x, weight, bias, which, y});
}
// Its adjoint: adds to the gradients of weight and bias, assigns dx unless it is `nothing`.
template <class B, class X, class W, class DY, class DX, class DW, class DV>
void chosen_outputs_adjoint(typename B::context& c, X x, W weight, const int* which, DY dy, DX dx, DW d_weight, DV d_bias) {
  if constexpr (requires { requires OwnAbilities<B>; B::chosen_outputs_adjoint(c, x, weight, which, dy, dx, d_weight, d_bias); })
    B::chosen_outputs_adjoint(c, x, weight, which, dy, dx, d_weight, d_bias);
  else {
    constexpr index_t outputs = W::shape.dim[0], inputs = X::sample_size;
    B::for_each(c, outputs * (inputs + 1), detail::chosen_parameter_adjoint<X, DY, DW, DV>{x, which, dy, d_weight, d_bias});
    if constexpr (Wanted<DX>) B::for_each(c, dx.elements(), detail::chosen_input_adjoint<W, DY, DX>{weight, which, dy, dx});
  }
}

// y[n] = x[n][which[n]] and, for its adjoint, dx = 0 but for dx[n][which[n]] = dy[n].
namespace detail {
template <class X, class Y>
struct pick_element {
  X x;
  const int* which;
  Y y;
  COSMOML_HD void operator()(index_t n) const { y(n, 0) = x(n, which[n]); }
};
template <class DY, class DX>
struct pick_element_adjoint {
  DY dy;
  const int* which;
  DX dx;
  COSMOML_HD void operator()(index_t i) const {
    constexpr index_t size = DX::sample_size;
    const index_t n = i / size, e = i % size;
    dx(n, e) = e == which[n] ? dy(n, 0) : typename DX::scalar(0);
  }
};
}
template <class B, class X, class Y>
void pick_element(typename B::context& c, X x, const int* which, Y y) {
  B::for_each(c, y.batch, detail::pick_element<X, Y>{x, which, y});
}
template <class B, class DY, class DX>
void pick_element_adjoint(typename B::context& c, DY dy, const int* which, DX dx) {
  B::for_each(c, dx.elements(), detail::pick_element_adjoint<DY, DX>{dy, which, dx});
}

}
