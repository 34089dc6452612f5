// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/pooling.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Pooling of samples whose first axis runs fastest: planes of runs. A window takes K0 neighbours of each run and a box of planes, so
// planes are combined run by run, then neighbours within the run. Elements that fill no window are not read.

// The planes of the window of one output plane: their number, and the start of each run relative to the sample.
template <class Window, class XL, class YL>
struct plane_windows {
  static constexpr extents in = XL::shape, out = YL::shape, k = Window::value;
  static constexpr int planes_out = int(out.stride(0)), most = int(k.size() / k[0]);
  // Offsets in canonical order of the window (all axes but the first).
  static constexpr int list(int plane, index_t (&at)[most]) {
    int o[extents::max_rank] = {}, count = 0;
    for (int a = out.rank; a-- > 1; plane /= out[a]) o[a] = plane % out[a];
    for (int w = 0; w < most; ++w) {
      int rest = w;
      index_t plane_in = 0, step = 1;
      for (int a = in.rank; a-- > 1; rest /= k[a], step *= in[a]) plane_in += (o[a] * k[a] + rest % k[a]) * step;
      at[count++] = plane_in * XL::row;
    }
    return count;
  }
  // Elements of a sample that no window takes become zero: planes beside all windows, ends of runs.
  template <class S>
  static void zero_rest(S* sample) {
    constexpr index_t used = index_t(out[0]) * k[0];
    for (index_t plane = 0; plane < in.stride(0); ++plane) {
      index_t rest = plane;
      bool taken = true;
      for (int a = in.rank; a-- > 1; rest /= in[a]) taken = taken && rest % in[a] < out[a] * k[a];
      for (index_t c = taken ? used : 0; c < in[0]; ++c) sample[plane * XL::row + c] = S(0);
    }
  }
};

// One run: y[j] = max or mean over i < K0 and planes p of x[p][j K0 + i].
template <pooling P, int K0, int Planes, index_t Run, class S>
void pool_run(const S* x, const index_t* plane, S* work, S* y) {
  constexpr index_t read = Run / K0 * K0;
  for (index_t c = 0; c < read; ++c) work[c] = x[plane[0] + c];
  for (int p = 1; p < Planes; ++p) {
    const S* from = x + plane[p];
    for (index_t c = 0; c < read; ++c) {
      if (P == pooling::maximum) work[c] = from[c] > work[c] ? from[c] : work[c];
      else work[c] += from[c];
    }
  }
  for (index_t j = 0; j < Run / K0; ++j) {
    S s = work[j * K0];
#pragma GCC unroll 8
    for (int i = 1; i < K0; ++i) {
      if (P == pooling::maximum) s = work[j * K0 + i] > s ? work[j * K0 + i] : s;
      else s += work[j * K0 + i];
    }
    y[j] = P == pooling::maximum ? s : s * (S(1) / S(K0 * Planes));
  }
}

// Its adjoint: the first maximum in canonical order (along the run first, then plane by plane) takes the gradient.
template <pooling P, int K0, int Planes, index_t Run, class S>
void pool_run_adjoint(const S* x, const index_t* plane, const S* y, const S* dy, S* work, S* dx) {
  constexpr index_t read = Run / K0 * K0;
  S* share = work;   // what each place of the run still has to give away
  if (P == pooling::average) {
    for (index_t j = 0; j < Run / K0; ++j)
#pragma GCC unroll 8
      for (int i = 0; i < K0; ++i) share[j * K0 + i] = dy[j] * (S(1) / S(K0 * Planes));
    for (int p = 0; p < Planes; ++p)
      for (index_t c = 0; c < read; ++c) dx[plane[p] + c] = share[c];
    return;
  }
  S *top = work + read, *has = work + 2 * read;
  for (index_t j = 0; j < Run / K0; ++j)
#pragma GCC unroll 8
    for (int i = 0; i < K0; ++i) top[j * K0 + i] = y[j];
  for (index_t c = 0; c < read; ++c) has[c] = x[plane[0] + c] == top[c] ? S(1) : S(0);
  for (int p = 1; p < Planes; ++p) {
    const S* from = x + plane[p];
    for (index_t c = 0; c < read; ++c) has[c] = from[c] == top[c] ? S(1) : has[c];
  }
  for (index_t j = 0; j < Run / K0; ++j) {   // only the first place of each window that has the maximum
    S left = dy[j];
#pragma GCC unroll 8
    for (int i = 0; i < K0; ++i) {
      share[j * K0 + i] = has[j * K0 + i] != S(0) ? left : S(0);
      left = has[j * K0 + i] != S(0) ? S(0) : left;
    }
  }
  for (int p = 0; p < Planes; ++p) {
    const S* from = x + plane[p];
    S* to = dx + plane[p];
    for (index_t c = 0; c < read; ++c) {
      const bool wins = from[c] == top[c];
      to[c] = wins ? share[c] : S(0);
      share[c] = wins ? S(0) : share[c];
    }
  }
}

}
