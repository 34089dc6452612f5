// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/backend/host.hpp>
#include <cosmoml/backend/threads.hpp>

#include <Eigen/Core>

namespace cosmoml::inline COSMOML_ABI::backend {

// Products and element-wise work by Eigen, on the library's memory; pooling, wavelets and what else there is as native does it. Layouts are
// native's: Eigen takes any stride, a stride known at compile time costs it nothing, and padded rows let whole buffers be swept as one array.
// Products use OpenMP's threads where the program has them. With g++ 12 on AVX-512 machines compile with -mtune=generic beside
// -march=native: its own tuning costs Eigen a quarter of a product.
template <class S>
struct eigen : host<S, exec::threads> {
  using base = host<S, exec::threads>;
  using context = exec::serial::context;
  using abilities_of = eigen;
  static constexpr const char* name = sizeof(S) == 4 ? "eigen<float>" : "eigen<double>";

  template <bool Add = false, class A, class M, class C>
  static void matmul(context&, A a, M b, C out) {
    if constexpr (Add) mapped(out).noalias() += mapped(a) * mapped(b);
    else mapped(out).noalias() = mapped(a) * mapped(b);
  }
  // The product, then bias and function in one pass instead of two.
  template <class A, class M, class V, class C, class F>
    requires(C::column_stride == 1)
  static void affine(context& c, A a, M b, V bias, C out, F f) {
    matmul(c, a, b, out);
    const Eigen::Map<const Eigen::Array<S, 1, C::columns_static>> row(bias.data);
    const index_t rows = out.rows();
    for (index_t r = 0; r < rows; ++r) {
      Eigen::Map<Eigen::Array<S, 1, C::columns_static>> y(out.data + r * C::row_stride);
      y = (y + row).unaryExpr(f);
    }
  }

  template <class X, class Y>
  static constexpr bool alike = base::template alike<X, Y>;
  template <class F, class X, class Y>
  static void map(context& c, F f, X x, Y y) {
    if constexpr (alike<X, Y> && F::keeps_zero) array(y) = array(x).unaryExpr(f);
    else base::map(c, f, x, y);
  }
  template <class F, class Y, class DY, class DX>
  static void map_adjoint(context& c, F f, Y y, DY dy, DX dx) {
    if constexpr (alike<Y, DY> && alike<Y, DX>) array(dx) = array(y).unaryExpr([f](S v) { return slope_of(f, v); }) * array(dy);
    else base::map_adjoint(c, f, y, dy, dx);
  }
  template <class X, class Y>
  static void add(context& c, X x, Y y) {
    if constexpr (alike<X, Y>) array(y) += array(x);
    else base::add(c, x, y);
  }
  static void axpby(context&, S a, const S* x, S b, S* y, index_t n) {
    Eigen::Map<flat> to(y, n);
    to = a * Eigen::Map<const flat>(x, n) + b * to;
  }
  static double dot(context&, const S* x, const S* y, index_t n) {
    return (Eigen::Map<const flat>(x, n).template cast<double>() * Eigen::Map<const flat>(y, n).template cast<double>()).sum();
  }

private:
  using flat = Eigen::Array<S, Eigen::Dynamic, 1>;
  template <class V>
  static auto array(V v) {
    return Eigen::Map<flat>(const_cast<S*>(v.data), v.storage());
  }
  // Eigen wants rows stored row-major and columns column-major; of two strides the smaller one is the inner.
  template <class M>
  static auto mapped(M m) {
    constexpr bool by_rows = M::rows_static == 1 || (M::columns_static != 1 && M::column_stride <= M::row_stride);
    constexpr int outer = int(by_rows ? M::row_stride : M::column_stride), inner = int(by_rows ? M::column_stride : M::row_stride);
    using type = Eigen::Matrix<S, int(M::rows_static), int(M::columns_static), by_rows ? Eigen::RowMajor : Eigen::ColMajor>;
    return Eigen::Map<type, Eigen::Unaligned, Eigen::Stride<outer, inner>>(const_cast<S*>(m.data), m.rows(), m.columns());
  }
};

}
