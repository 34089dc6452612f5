// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/kernels/blocks.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Result o of an axis is weight[0] of element `first` plus weight[1] of the next.
struct interpolated {
  int first;
  double weight[2];
};

// y from x, or with Adjoint dx (in the place of x) from dy, by one table an axis.
template <bool Adjoint, class X, class Y, class S>
void interpolate(const interpolated* const (&table)[3], std::conditional_t<Adjoint, S, const S>* x, std::conditional_t<Adjoint, const S, S>* y, index_t batch) {
  constexpr int L = lanes<S>;
  using fx = block_form<X, L>;
  using fy = block_form<Y, L>;
  share(fx::samples(batch) * fx::blocks, 1, fx::samples(batch) * fx::blocks * fy::extent[0] * fy::extent[1] * fy::extent[2] > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t g = first; g < last; ++g) {
      auto* const from = x + fx::origin(g / fx::blocks, g % fx::blocks);
      auto* const to = y + fy::origin(g / fx::blocks, g % fx::blocks);
      if constexpr (Adjoint)
        for (int z = 0; z < fx::extent[0]; ++z)
          for (int v = 0; v < fx::extent[1]; ++v)
            for (int h = 0; h < fx::extent[2]; ++h) store(from + z * fx::plane_step + v * fx::line_step + index_t(h) * L, vec<S>{});
      for (int z = 0; z < fy::extent[0]; ++z)
        for (int v = 0; v < fy::extent[1]; ++v)
          for (int h = 0; h < fy::extent[2]; ++h) {
            const interpolated t[3] = {table[0][z], table[1][v], table[2][h]};
            auto* const at = to + z * fy::plane_step + v * fy::line_step + index_t(h) * L;
            vec<S> sum{};
            for (int i = 0; i < 2; ++i)
              for (int j = 0; j < 2; ++j)
                for (int k = 0; k < 2; ++k) {
                  const S weight = S(t[0].weight[i] * t[1].weight[j] * t[2].weight[k]);
                  if (weight == S(0)) continue;
                  auto* const p = from + (t[0].first + i) * fx::plane_step + (t[1].first + j) * fx::line_step + index_t(t[2].first + k) * L;
                  if constexpr (Adjoint) store(p, load(p) + weight * load(at));
                  else sum += weight * load(p);
                }
            if constexpr (!Adjoint) store(at, sum);
          }
    }
  });
}

}
