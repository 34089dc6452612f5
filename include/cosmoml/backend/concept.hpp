// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/edge_request.hpp>
#include <cosmoml/core/field.hpp>
#include <cosmoml/core/key.hpp>
#include <cosmoml/core/pooling.hpp>
#include <cosmoml/core/view.hpp>

namespace cosmoml::inline COSMOML_ABI {

namespace detail {
struct count_up {   // the smallest functor: what map by index must take
  COSMOML_HD double operator()(index_t i) const { return double(i); }
};
struct touch {
  COSMOML_HD void operator()(index_t) const {}
};
}

// A function of one number whose slope is known from the number that went in; all others tell it by what came out.
template <class F>
concept SlopeAtInput = requires(const F& f, double x) { f.slope_at_input(x); };
template <class F, class T>
COSMOML_HD constexpr T slope_of(const F& f, T at) {
  if constexpr (SlopeAtInput<F>) return f.slope_at_input(at);
  else return f.slope_at_output(at);
}

// Stands for no function.
struct identity_function {
  static constexpr bool keeps_zero = true;
  template <class T>
  COSMOML_HD T operator()(T x) const {
    return x;
  }
};

// Where and with what a model computes. Everything above backend/ is written against this and against nothing else. A backend may
// give more: an operation of ops/ or a rule of plan/ looks for it with `requires` and has a fallback made of these.
//
//   scalar, buffer<T>, context            numbers, owning memory (zeroed), what a call needs at run time (workspace, stream)
//   layout<Shape, request>                of an edge between layers;  parameter_layout<role, Shape>  of a parameter
//   alignment                             of a parameter's first element, in scalars
//   fill, copy, to_host, from_host        flat memory
//   for_each(c, n, f)                     f(0) ... f(n - 1), in any order; f is a named functor with COSMOML_HD
//   sum_of(c, n, f)                       the sum of f(i), on the host
//   map, map_adjoint, convert, add,       element by element between views of any two layouts
//   assign, zero_padding
//   axpby, dot                            flat
//   matmul<Add>                           C = A B or C += A B, of matrix views with any strides
//   add_channel, sum_channel              y[n, c, ...] += v[c] and its adjoint
//   gather(c, from, rows, to)             to sample i from sample rows[i]
//   random_uniform, random_normal         number i of a key's stream into element i
//
// Laws (tests/laws/backends.cpp): every primitive equals reference's to rounding, for any pair of layouts; elements of storage
// that no (sample, element) reaches are zero before and after every call.
template <class B>
concept Backend = requires(typename B::context& c, typename B::scalar* p, const typename B::scalar* q, index_t n,
                           typename B::scalar s, key k, const int* rows, view<typename B::scalar, canonical<shape<3>>> v,
                           matrix<typename B::scalar, 2, dynamic, 1, 2> a, matrix<typename B::scalar, dynamic, 3, 3, 1> b,
                           matrix<typename B::scalar, 2, 3, 3, 1> m) {
  typename B::scalar;
  typename B::template buffer<typename B::scalar>;
  typename B::template layout<shape<3>, 0>;
  typename B::template parameter_layout<role::matrix, shape<3, 2>>;
  { B::alignment } -> std::convertible_to<index_t>;
  { B::name } -> std::convertible_to<const char*>;
  B::fill(c, p, n, s);
  B::copy(c, q, p, n);
  B::to_host(c, q, p, n);
  B::from_host(c, q, p, n);
  B::for_each(c, n, detail::touch{});
  { B::sum_of(c, n, detail::count_up{}) } -> std::same_as<double>;
  B::convert(c, v, v);
  B::assign(c, v, s);
  B::zero_padding(c, v);
  B::add(c, v, v);
  B::axpby(c, s, q, s, p, n);
  { B::dot(c, q, q, n) } -> std::same_as<double>;
  B::template matmul<false>(c, a, b, m);
  B::template matmul<true>(c, a, b, m);
  B::add_channel(c, v, v);
  B::sum_channel(c, v, v);
  B::gather(c, v, rows, v);
  B::random_uniform(c, p, n, k, s, s);
  B::random_normal(c, p, n, k, s, s);
};

// Fused abilities belong to the backend that wrote them: `struct mine : native<float>` that overrides matmul must not be bypassed by
// native's fused dense. They count only where `abilities_of` names the backend itself.
template <class B>
concept OwnAbilities = requires { requires std::same_as<typename B::abilities_of, B>; };

// What the backend's buffers hold lies in host memory, and its calls have ended when they return: the host may read and write there itself.
template <class B>
concept InHostMemory = OwnAbilities<B> && requires { requires B::in_host_memory; };

// The backend records what is called on a context and runs it again at once (exec::cuda: a CUDA graph). `recording(c, calls)` records
// without running, `valid(c)` says whether memory of the context has moved since, `replay(c)` runs it and returns the last sum_of in it.
// While recording, sum_of returns NaN and copies from and to the host are backend_errors.
template <class B>
concept Records = requires(typename B::context& c, typename B::recording& r, void (*calls)()) {
  { typename B::recording(c, calls) } -> std::same_as<typename B::recording>;
  { r.valid(c) } -> std::same_as<bool>;
  { r.replay(c) } -> std::same_as<double>;
};

// C = f(A B + bias) in one pass.
template <class B, class A, class M, class V, class C, class F>
concept FusesAffine = OwnAbilities<B> && requires(typename B::context& c, A a, M b, V bias, C out, F f) { B::affine(c, a, b, bias, out, f); };

// y = f(convolution of x + bias) in one pass.
template <class B, class G, class X, class W, class V, class F, class Y>
concept FusesConvolution = OwnAbilities<B> && requires(typename B::context& c, X x, W w, V bias, F f, Y y) { B::template convolution_affine<G>(c, x, w, bias, f, y); };
// d *= slope of f at y, and dv += the sums of d over each channel, in one pass.
template <class B, class F, class Y, class D, class DV>
concept FusesAdjointSum = OwnAbilities<B> && requires(typename B::context& c, F f, Y y, D d, DV dv) { B::map_adjoint_and_sum(c, f, y, d, dv); };
// The gradient through a largest of windows and a function f whose values x are.
template <class B, pooling P, class Window, leftover R, class F, class X, class DY, class DX>
concept FusesPoolAdjoint = OwnAbilities<B> && requires(typename B::context& c, F f, X x, DY dy, DX dx) { B::template pool_adjoint_through<P, Window, R>(c, f, x, dy, dx); };

}
