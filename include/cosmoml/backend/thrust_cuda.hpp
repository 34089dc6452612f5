// SPDX-License-Identifier: BSL-1.0
// For nvcc; empty for other compilers.
#pragma once
#if defined(__CUDACC__)
#include <cosmoml/backend/blas_operand.hpp>
#include <cosmoml/backend/cuda_convolution.hpp>

namespace cosmoml::inline COSMOML_ABI::backend {

namespace cuda_functors {
template <class F, class V, class Y>
struct bias_then {
  F f;
  V bias;
  Y y;
  COSMOML_HD void operator()(index_t i) const {
    const index_t columns = y.columns(), r = i / columns, j = i % columns;
    y(r, j) = f(y(r, j) + bias(0, j));
  }
};
}

template <class S, class System>
struct thrust;   // of host systems: thrust.hpp

// On a GPU: element-wise work by Thrust, reductions by CUB, products by cuBLAS, convolutions by cuDNN where it was found, all on one stream of the context.
// Layouts are canonical: threads of a warp read neighbours in any layout that is one run, and cuBLAS takes any leading dimension.
template <class S>
struct thrust<S, exec::cuda> : cuda_convolution<S> {
  using base = cuda_convolution<S>;
  using context = exec::cuda::context;
  using abilities_of = thrust;
  static constexpr const char* name = sizeof(S) == 4 ? exec::cuda::name_float : exec::cuda::name_double;

  // Matrices whose lines are not runs of memory, or overlap, go through the plain loop.
  template <bool Add = false, class A, class M, class C>
  static void matmul(context& c, A a, M b, C out) {
    if (out.rows() == 0 || out.columns() == 0) return;
    const bool done = as_blas(a, b, out, [&](auto left, blas_operand l, auto right, blas_operand r, auto to, int lead) {
      const S one = 1, before = Add ? 1 : 0;
      const int rows = int(to.rows()), columns = int(to.columns()), depth = int(left.columns());
      const cublasOperation_t lo = l.transposed ? CUBLAS_OP_T : CUBLAS_OP_N, ro = r.transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
      if constexpr (std::same_as<S, float>)
        exec::cuda::check(cublasSgemm(c.blas(), lo, ro, rows, columns, depth, &one, left.data, l.lead, right.data, r.lead, &before, to.data, lead), "cublasSgemm");
      else exec::cuda::check(cublasDgemm(c.blas(), lo, ro, rows, columns, depth, &one, left.data, l.lead, right.data, r.lead, &before, to.data, lead), "cublasDgemm");
    });
    if (!done) base::template matmul<Add>(c, a, b, out);
  }
  // C = f(A B + bias): the product, then one pass for the rest.
  template <class A, class M, class V, class C, class F>
  static void affine(context& c, A a, M b, V bias, C out, F f) {
    matmul(c, a, b, out);
    exec::cuda::for_each(c, out.rows() * out.columns(), cuda_functors::bias_then<F, V, C>{f, bias, out});
  }
  // Of one axis: the product with a vector of ones.
  template <class DY, class DV>
  static void sum_channel(context& c, DY dy, DV dv) {
    if constexpr (DY::shape.rank == 1 && DY::layout::line(0, 1, DY::sample_size) > 0) {
      const auto m = transpose(dy.as_matrix());
      const auto o = blas_operand::of(m);
      constexpr index_t step = DV::sample_size > 1 ? DV::layout::line(0, 1, DV::sample_size) : 1;
      if (o.known && !o.transposed && step > 0) {
        if (dy.batch == 0) return;
        const S one = 1, *ones = c.template ones<S>(dy.batch);
        const int rows = int(DY::sample_size), columns = int(dy.batch);
        if constexpr (std::same_as<S, float>)
          exec::cuda::check(cublasSgemv(c.blas(), CUBLAS_OP_N, rows, columns, &one, m.data, o.lead, ones, 1, &one, &dv(0, 0), int(step)), "cublasSgemv");
        else exec::cuda::check(cublasDgemv(c.blas(), CUBLAS_OP_N, rows, columns, &one, m.data, o.lead, ones, 1, &one, &dv(0, 0), int(step)), "cublasDgemv");
        return;
      }
    }
    base::sum_channel(c, dy, dv);
  }
};

}
#endif
