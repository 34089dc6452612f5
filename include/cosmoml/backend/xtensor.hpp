// SPDX-License-Identifier: BSL-1.0
// xtensor-blas leaks macros (ASSERT, DEBUG_VAR, FAKE_USE, CBLAS_INT, ...) and clashes with <cblas.h>: include this header last, and not
// beside that one. It is the only header that includes xtensor-blas.
#pragma once
#include <cosmoml/backend/blas_operand.hpp>
#include <cosmoml/backend/host.hpp>
#include <cosmoml/backend/threads.hpp>

#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#endif
#include <xtensor-blas/xblas.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

// Element-wise work and reductions by xtensor on the library's memory, products by BLAS through xtensor-blas; pooling, wavelets and what else
// there is as native does it. Layouts are native's: BLAS takes leading dimensions, and padded rows let whole buffers be swept as one array.
// Which BLAS, and its threads, the linker and that library's environment decide (OPENBLAS_NUM_THREADS).
template <class S>
struct xtensor : host<S, exec::threads> {
  using base = host<S, exec::threads>;
  using context = exec::serial::context;
  using abilities_of = xtensor;
  static constexpr const char* name = sizeof(S) == 4 ? "xtensor<float>" : "xtensor<double>";

  template <bool Add = false, class A, class M, class C>
  static void matmul(context& c, A a, M b, C out) {
    if (out.rows() == 0 || out.columns() == 0) return;
    const bool done = as_blas(a, b, out, [&](auto left, blas_operand l, auto right, blas_operand r, auto to, int lead) {
      auto turn = [](blas_operand o) { return o.transposed ? cxxblas::Trans : cxxblas::NoTrans; };
      cxxblas::gemm<xt::blas_index_t>(cxxblas::ColMajor, turn(l), turn(r), int(to.rows()), int(to.columns()), int(left.columns()), S(1), left.data, l.lead,
                                      right.data, r.lead, S(Add), to.data, lead);
    });
    if (!done) base::template matmul<Add>(c, a, b, out);
  }

  template <class X, class Y>
  static constexpr bool alike = base::template alike<X, Y>;
  template <class F, class X, class Y>
  static void map(context& c, F f, X x, Y y) {
    if constexpr (alike<X, Y> && F::keeps_zero) {
      auto to = array(y.data, y.storage());
      xt::noalias(to) = xt::make_lambda_xfunction(F(f), array(x.data, x.storage()));
    } else base::map(c, f, x, y);
  }
  template <class F, class Y, class DY, class DX>
  static void map_adjoint(context& c, F f, Y y, DY dy, DX dx) {
    if constexpr (alike<Y, DY> && alike<Y, DX>) {
      auto to = array(dx.data, dx.storage());
      xt::noalias(to) = xt::make_lambda_xfunction([f](S value, S from) { return slope_of(f, value) * from; }, array(y.data, y.storage()), array(dy.data, dy.storage()));
    } else base::map_adjoint(c, f, y, dy, dx);
  }
  template <class X, class Y>
  static void add(context& c, X x, Y y) {
    if constexpr (alike<X, Y>) {
      auto to = array(y.data, y.storage());
      to += array(x.data, x.storage());
    } else base::add(c, x, y);
  }
  static void axpby(context&, S a, const S* x, S b, S* y, index_t n) {
    auto to = array(y, n);
    xt::noalias(to) = a * array(x, n) + b * to;
  }
  static double dot(context&, const S* x, const S* y, index_t n) {
    return xt::sum<double>(xt::cast<double>(array(x, n)) * xt::cast<double>(array(y, n)), xt::evaluation_strategy::immediate)();
  }
  template <class DY, class DV>
  static void sum_channel(context& c, DY dy, DV dv) {
    if constexpr (DY::shape.rank == 1 && DY::layout::whole && DY::layout::line(0, 1, DY::sample_size) == 1 && DV::contiguous) {
      if (dy.batch == 0) return;   // xtensor reduces no empty axis
      constexpr index_t row = DY::layout::size(1);
      const auto all = xt::adapt(dy.data, std::size_t(dy.storage()), xt::no_ownership(), std::array<std::size_t, 2>{std::size_t(dy.batch), std::size_t(row)});
      const xt::xtensor<S, 1> sums = xt::sum(all, {0}, xt::evaluation_strategy::immediate);
      for (index_t e = 0; e < DY::sample_size; ++e) dv(0, e) += sums(std::size_t(e));
    } else base::sum_channel(c, dy, dv);
  }

private:
  template <class T>
  static auto array(T* p, index_t n) {
    return xt::adapt(p, std::size_t(n), xt::no_ownership(), std::array<std::size_t, 1>{std::size_t(n)});
  }
};

}
