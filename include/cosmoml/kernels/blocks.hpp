// SPDX-License-Identifier: BSL-1.0
#pragma once
#include <cosmoml/core/blocked.hpp>
#include <cosmoml/kernels/lanes.hpp>
#include <cosmoml/kernels/threads.hpp>

#include <type_traits>

namespace cosmoml::inline COSMOML_ABI::kernels {

template <class First, class...>
struct first_of {
  using type = First;
};
template <class First, class... Rest>
struct last_of : last_of<Rest...> {};
template <class Last>
struct last_of<Last> {
  using type = Last;
};

// How a layout made of vectors of Lanes is walked: channel blocks, or the batch in vectors; and whole blocks of a larger edge (what a
// branch of a concatenation writes to). A line of vectors is number b of `blocks` of `samples(batch)`: sample n's channels from b Lanes on,
// or, by_sample, channel b of the samples from n Lanes on. `known` is false for all other layouts.
template <class Layout, int Lanes>
struct block_form {
  static constexpr bool known = false, by_sample = false;
};
template <class Shape, int Lanes, int Halo>
struct block_form<blocked<Shape, Lanes, Halo>, Lanes> {
  using L = blocked<Shape, Lanes, Halo>;
  static constexpr bool known = true, by_sample = false;
  static constexpr int channels = L::channels, extent[3] = {L::extent(0), L::extent(1), L::extent(2)};
  static constexpr index_t blocks = L::blocks, line_step = L::line_step, plane_step = L::plane_step;
  static constexpr index_t samples(index_t batch) { return batch; }
  // The first vector of block b of sample n, behind the rim.
  static constexpr index_t origin(index_t n, index_t b) { return L::begin(n) + b * L::group_step + L::origin; }
};
template <class Shape, int Lanes, int Halo, class Piece, index_t Begin>
  requires(Begin % (blocked<Shape, Lanes, Halo>::points * Lanes) == 0 && Piece::value.rank == Shape::value.rank && Piece::value.stride(0) == Shape::value.stride(0) &&
           (Piece::value[0] % Lanes == 0 || Begin + Piece::value.size() == Shape::value.size()))
struct block_form<part<blocked<Shape, Lanes, Halo>, Piece, Begin, 1>, Lanes> {
  using whole = block_form<blocked<Shape, Lanes, Halo>, Lanes>;
  static constexpr bool known = true, by_sample = false;
  static constexpr int channels = Piece::value[0], extent[3] = {whole::extent[0], whole::extent[1], whole::extent[2]};
  static constexpr index_t blocks = round_up(channels, Lanes) / Lanes, line_step = whole::line_step, plane_step = whole::plane_step;
  static constexpr index_t samples(index_t batch) { return batch; }
  static constexpr index_t origin(index_t n, index_t b) { return whole::origin(n, b + Begin / (blocked<Shape, Lanes, Halo>::points * Lanes)); }
};
template <class Shape, int Lanes, int Halo>
struct block_form<batch_in_vector<Shape, Lanes, Halo>, Lanes> {
  using L = batch_in_vector<Shape, Lanes, Halo>;
  static constexpr bool known = true, by_sample = true;
  static constexpr int channels = L::channels, extent[3] = {L::extent(0), L::extent(1), L::extent(2)};
  static constexpr index_t blocks = channels, line_step = L::line_step, plane_step = L::plane_step;
  static constexpr index_t samples(index_t batch) { return (batch + Lanes - 1) / Lanes; }
  static constexpr index_t origin(index_t n, index_t b) { return n * L::sample_group + b * L::group_step + L::origin; }
};
template <class Shape, int Lanes, int Halo, class Piece, index_t Begin>
  requires(Begin % batch_in_vector<Shape, Lanes, Halo>::points == 0 && Piece::value.rank == Shape::value.rank && Piece::value.stride(0) == Shape::value.stride(0))
struct block_form<part<batch_in_vector<Shape, Lanes, Halo>, Piece, Begin, 1>, Lanes> {
  using whole = block_form<batch_in_vector<Shape, Lanes, Halo>, Lanes>;
  static constexpr bool known = true, by_sample = true;
  static constexpr int channels = Piece::value[0], extent[3] = {whole::extent[0], whole::extent[1], whole::extent[2]};
  static constexpr index_t blocks = channels, line_step = whole::line_step, plane_step = whole::plane_step;
  static constexpr index_t samples(index_t batch) { return whole::samples(batch); }
  static constexpr index_t origin(index_t n, index_t b) { return whole::origin(n, b + Begin / batch_in_vector<Shape, Lanes, Halo>::points); }
};

// Vectors of a sweep from which on a second thread pays.
inline constexpr index_t worth_sharing = 1 << 12;

// What sweeps need to know of a block, where they need nothing.
struct no_constants {
  no_constants operator()(index_t) const { return {}; }
};
// f(constants(block), width, lines...) for every line of vectors of several edges of one shape, rims left out; each edge's line is a pointer
// to `width` vectors.
template <int Lanes, class... Layout, class Constants, class F, class... S>
void for_lines(index_t batch, Constants constants, F f, S*... data) {
  using form = block_form<typename first_of<Layout...>::type, Lanes>;
  static_assert(((block_form<Layout, Lanes>::known && block_form<Layout, Lanes>::by_sample == form::by_sample) && ...), "cosmoml: for_lines walks layouts of one kind");
  constexpr index_t blocks = form::blocks;
  const index_t lines = form::samples(batch) * blocks;
  share(lines, 1, lines * form::extent[0] * form::extent[1] * form::extent[2] > worth_sharing, [&](index_t first, index_t last, int) {
    for (index_t i = first; i < last; ++i) {
      const index_t n = i / blocks, b = i % blocks;
      const auto own = constants(b);
      for (int z = 0; z < form::extent[0]; ++z)
        for (int y = 0; y < form::extent[1]; ++y)
          f(own, index_t(form::extent[2]), (data + block_form<Layout, Lanes>::origin(n, b) + z * block_form<Layout, Lanes>::plane_step + y * block_form<Layout, Lanes>::line_step)...);
    }
  });
}

// What block b multiplies by of one number a channel, zeros behind the last one.
template <bool BySample, class S>
[[gnu::always_inline]] inline vec<S> load_channels(const S* v, index_t b, index_t channels) {
  if constexpr (BySample) return broadcast(v[b]);
  else {
    const index_t left = channels - b * lanes<S>;
    return left >= lanes<S> ? load(v + b * lanes<S>) : load_first(v + b * lanes<S>, int(left));
  }
}
// Sums over a batch into one number a channel.
template <bool BySample, class S>
[[gnu::always_inline]] inline void store_channels(S* v, index_t b, index_t channels, vec<S> value) {
  if constexpr (BySample) v[b] = sum_of_lanes<S>(value);
  else {
    const index_t left = channels - b * lanes<S>;
    if (left >= lanes<S>) store(v + b * lanes<S>, value);
    else store_first(v + b * lanes<S>, value, int(left));
  }
}
template <bool BySample, class S>
[[gnu::always_inline]] inline void add_channels(S* v, index_t b, index_t channels, vec<S> value) {
  if constexpr (BySample) v[b] += sum_of_lanes<S>(value);
  else store_channels<false>(v, b, channels, load_channels<false>(static_cast<const S*>(v), b, channels) + value);
}

// The lanes behind the last sample of a batch become zeros.
template <class Layout, class S>
void zero_tail(S* data, index_t batch) {
  using form = block_form<Layout, lanes<S>>;
  if constexpr (form::by_sample)
    if (const index_t kept = batch % lanes<S>; kept > 0)
      for (index_t b = 0; b < form::blocks; ++b)
        for (int z = 0; z < form::extent[0]; ++z)
          for (int y = 0; y < form::extent[1]; ++y) {
            S* const line = data + form::origin(batch / lanes<S>, b) + z * form::plane_step + y * form::line_step;
            for (int x = 0; x < form::extent[2]; ++x)
              for (index_t i = kept; i < lanes<S>; ++i) line[index_t(x) * lanes<S> + i] = S(0);
          }
}

// Mean, and sum of squares about it, of `count` numbers in every lane; of two such together (Chan, Golub, LeVeque 1979).
template <class T, class S>
struct lane_moments {
  T mean{}, squares{};
  S count = 0;
  [[gnu::always_inline]] void merge(const lane_moments& other) {
    if (count == S(0)) return void(*this = other);   // nothing is multiplied by no numbers: the square may not be finite
    const S all = count + other.count;
    const T apart = other.mean - mean;
    mean += apart * (other.count / all);
    squares += other.squares + apart * apart * (count * (other.count / all));
    count = all;
  }
};
// done(b, moments) for each block of vectors over a batch, by one pass over its memory: lines that stay in the first cache are summed up, then
// their squares; these are merged line by line, then sample by sample. `parts` has room for samples * blocks * 2 vectors.
template <class Layout, class S, class Done>
void block_moments(index_t batch, S* parts, const S* data, Done done) {
  using form = block_form<Layout, lanes<S>>;
  using moments = lane_moments<vec<S>, S>;
  constexpr int L = lanes<S>;
  constexpr index_t blocks = form::blocks, width = form::extent[2], points = index_t(form::extent[0]) * form::extent[1] * width;
  constexpr int fit = int(larger(1, 256 / width)), together = fit < form::extent[1] ? fit : form::extent[1];   // lines
  const index_t samples = form::samples(batch);
  share(samples * blocks, 1, samples * blocks * points > worth_sharing, [&](index_t begin, index_t end, int) {
    for (index_t i = begin; i < end; ++i) {
      moments all;
      for (int z = 0; z < form::extent[0]; ++z)
        for (int y = 0; y < form::extent[1]; y += together) {
          const int last = form::extent[1] - y < together ? form::extent[1] : y + together;
          const S* const first = data + form::origin(i / blocks, i % blocks) + z * form::plane_step;
          vec<S> sum[2] = {}, square[2] = {};
          for (int l = y; l < last; ++l) {
            const S* const line = first + l * form::line_step;
            index_t x = 0;
            for (; x + 2 <= width; x += 2) sum[0] += load(line + x * L), sum[1] += load(line + (x + 1) * L);
            if (x < width) sum[0] += load(line + x * L);
          }
          const S count = S(width * (last - y));
          const vec<S> mean = (sum[0] + sum[1]) / broadcast(count);
          const auto add = [&](vec<S>& to, const S* p) __attribute__((always_inline)) {
            const vec<S> d = load(p) - mean;
            to += d * d;
          };
          for (int l = y; l < last; ++l) {
            const S* const line = first + l * form::line_step;
            index_t x = 0;
            for (; x + 2 <= width; x += 2) add(square[0], line + x * L), add(square[1], line + (x + 1) * L);
            if (x < width) add(square[0], line + x * L);
          }
          all.merge({mean, square[0] + square[1], count});
        }
      store(parts + 2 * i * L, all.mean);
      store(parts + (2 * i + 1) * L, all.squares);
    }
  });
  for (index_t b = 0; b < blocks; ++b) {
    if constexpr (form::by_sample) {   // lanes are samples of one channel
      lane_moments<S, S> all;
      for (index_t n = 0; n < batch; ++n) {
        const S* const p = parts + 2 * (n / L * blocks + b) * L + n % L;
        all.merge({p[0], p[L], S(points)});
      }
      done(b, all);
    } else {
      moments all;
      for (index_t n = 0; n < samples; ++n) {
        const S* const p = parts + 2 * (n * blocks + b) * L;
        all.merge({load(p), load(p + L), S(points)});
      }
      done(b, all);
    }
  }
}

// done(b, sums) for each block, where term(constants(b), where the vectors of the edges lie, sums) adds to Count sums at once: line by line, sample
// by sample, so that long sums lose little. One edge or two of one kind; `parts` has room for batch * blocks * Count vectors.
template <int Count, class... Layout, class S, class Edge, class Constants, class Term, class Done>
void sum_blocks(index_t batch, S* parts, Constants constants, Term term, Done done, const S* first_edge, Edge* second_edge) {
  using form = block_form<typename first_of<Layout...>::type, lanes<S>>;
  using other = block_form<typename last_of<Layout...>::type, lanes<S>>;
  constexpr int L = lanes<S>;
  constexpr index_t blocks = form::blocks;
  const index_t samples = form::samples(batch), whole = form::by_sample ? batch / L : batch;
  share(samples * blocks, 1, samples * blocks * form::extent[0] * form::extent[1] * form::extent[2] > worth_sharing, [&](index_t begin, index_t end, int) {
    for (index_t i = begin; i < end; ++i) {
      const index_t n = i / blocks, b = i % blocks;
      const auto own = constants(b);
      vec<S> sample[Count] = {};
      for (int z = 0; z < form::extent[0]; ++z)
        for (int y = 0; y < form::extent[1]; ++y) {
          const S* const p = first_edge + form::origin(n, b) + z * form::plane_step + y * form::line_step;
          Edge* const q = second_edge + other::origin(n, b) + z * other::plane_step + y * other::line_step;
          vec<S> line[2][Count] = {};
          int x = 0;
          for (; x + 2 <= form::extent[2]; x += 2) {
            term(own, p + x * L, q + x * L, line[0]);
            term(own, p + (x + 1) * L, q + (x + 1) * L, line[1]);
          }
          if (x < form::extent[2]) term(own, p + x * L, q + x * L, line[0]);
          for (int k = 0; k < Count; ++k) sample[k] += line[0][k] + line[1][k];
        }
      if (n >= whole)   // lanes of no sample
        for (int k = 0; k < Count; ++k)
          for (index_t l = batch % L; l < L; ++l) sample[k][l] = S(0);
      for (int k = 0; k < Count; ++k) store(parts + (i * Count + k) * L, sample[k]);
    }
  });
  for (index_t b = 0; b < blocks; ++b) {
    vec<S> all[Count] = {};
    for (index_t n = 0; n < samples; ++n)
      for (int k = 0; k < Count; ++k) all[k] += load(static_cast<const S*>(parts + ((n * blocks + b) * Count + k) * L));
    done(b, all);
  }
}

}
