// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/key.hpp>
#include <cosmoml/kernels/blocks.hpp>
#include <cosmoml/kernels/transpose.hpp>

namespace cosmoml::inline COSMOML_ABI::kernels {

// Numbers of a key's stream that are drawn in one go.
inline constexpr index_t drawn_together = 512;

// Blocks of Philox that a compiler turns into vectors.
inline constexpr int words_together = 64;

// factors[i] of numbers j + i of the stream that a dropping (core/dropping.hpp) tells of, i < count. What comes three before and up to
// words_together behind is overwritten, too.
template <class D, class S>
[[gnu::noinline]] void draw_factors(const D& d, index_t j, index_t count, S* factors) {
  const index_t skip = j % 4;
  const D same = d;   // not changed by what is written
  const S scale = S(d.scale());
  for (index_t at = 0; at < skip + count; at += words_together) {
    std::uint32_t words[words_together];
    for (int i = 0; i < words_together / 4; ++i) {
      const philox::block b = same.randomness.words(std::uint64_t(j / 4 + at / 4 + i));
      for (int w = 0; w < 4; ++w) words[4 * i + w] = b.word[w];
    }
    for (int i = 0; i < words_together; ++i) factors[at - skip + i] = same.keeps(words[i]) ? scale : S(0);   // no branch: nobody could predict it
  }
}

// Dropout on vectors of channels or samples. The stream runs along a map, so factors of as many maps as there are lanes are drawn and turned.
template <class X, class Y, class D, class S>
void drop_blocks(const D& d, const S* x, S* y, index_t batch) {
  constexpr int L = lanes<S>;
  using fx = block_form<X, L>;
  using fy = block_form<Y, L>;
  constexpr index_t width = fx::extent[2], lines = index_t(fx::extent[0]) * fx::extent[1], points = lines * width, row = drawn_together + words_together + 4;
  share(fx::samples(batch) * fx::blocks, 1, fx::samples(batch) * fx::blocks * points > worth_sharing, [&](index_t first, index_t last, int) {
    S factors[L * row] = {}, turned[L * L];
    for (index_t i = first; i < last; ++i) {
      const index_t n = i / fx::blocks, b = i % fx::blocks, left = fx::by_sample ? batch - n * L : fx::channels - b * L, maps = left < L ? left : L;
      const auto map = [&](index_t lane) { return fx::by_sample ? (n * L + lane) * fx::channels + b : n * fx::channels + b * L + lane; };
      for (index_t p = 0; p < points; p += drawn_together) {
        const index_t end = points - p < drawn_together ? points : p + drawn_together;
        for (index_t m = 0; m < maps; ++m) draw_factors(d, d.first + map(m) * points + p, end - p, factors + m * row + 4);
        for (index_t at = p; at < end;) {
          const index_t line = at / width, w = at % width, rest = end - at < width - w ? end - at : width - w, many = rest < L ? rest : L;
          const auto place = [&]<class Form>(Form) { return Form::origin(n, b) + line / Form::extent[1] * Form::plane_step + line % Form::extent[1] * Form::line_step + w * L; };
          transpose_rows(static_cast<const S*>(factors) + 4 + (at - p), row, int(maps), turned, L);
          const S* const from = x + place(fx{});
          S* const to = y + place(fy{});
          for (index_t j = 0; j < many * L; j += L) store(to + j, load(turned + j) * load(from + j));
          at += many;
        }
      }
    }
  });
}

// Dropout on samples whose elements lie one after the other, `x_row` and so on apart.
template <class D, class S>
void drop_rows(const D& d, const S* x, index_t x_row, S* y, index_t y_row, index_t batch, index_t size) {
  share(batch, 1, batch * size > worth_sharing, [&](index_t first, index_t last, int) {
    S factors[drawn_together + words_together + 4];
    for (index_t n = first; n < last; ++n)
      for (index_t e = 0; e < size; e += drawn_together) {
        const index_t many = size - e < drawn_together ? size - e : drawn_together;
        draw_factors(d, d.first + n * size + e, many, factors + 4);
        for (index_t i = 0; i < many; ++i) y[n * y_row + e + i] = factors[4 + i] * x[n * x_row + e + i];
      }
  });
}

}
