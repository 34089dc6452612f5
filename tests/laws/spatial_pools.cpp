// Pooling over the spatial axes: windows that overlap, reach beyond the border or are not filled. Values against windows taken one by
// one, gradients through the checker.
#include "support/layers.hpp"

#include <algorithm>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::check_gradients;
using tests::tested;

namespace {
using S = tested::scalar;
// Along one axis of n elements: begin and end of each window, where the padded map ends, as PyTorch counts them, or as TensorFlow pads
// for `same`: the odd element behind.
struct windows {
  std::vector<int> begin, end;
  int limit;
  windows(int n, int k, int s, int p, bool ceil) : limit(n + p) {
    if (p == same) {
      const int count = (n + s - 1) / s, total = std::max((count - 1) * s + k - n, 0);
      for (int i = 0; i < count; ++i) begin.push_back(i * s - total / 2), end.push_back(begin.back() + k);
      return;
    }
    for (int b = -p; ceil ? b < n : b + k <= n + p; b += s) {
      if (ceil && b - s + k >= n + p && b > -p) break;   // the window before it already reached the end
      begin.push_back(b), end.push_back(b + k);
    }
  }
};

template <int H, int W, per_axis K, spatial_pool_options O>
void check_values() {
  ndarray<S> x(2, 3, H, W);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{3}.uniform(std::uint64_t(i)) - 1);
  model<sequential<input<3, H, W>, max_pool<K, O>>, tested> largest(key{1});
  model<sequential<input<3, H, W>, average_pool<K, O>>, tested> mean(key{1});
  const int sh = O.stride.first ? O.stride.first : K.first, sw = O.stride.second ? O.stride.second : K.second;
  const windows rows(H, K.first, sh, O.padding.first, O.ceil), columns(W, K.second, sw, O.padding.second, O.ceil);
  const auto top = largest.predict(x), average = mean.predict(x);
  REQUIRE(top.size() == index_t(6 * rows.begin.size() * columns.begin.size()));
  largest.load(x);
  largest.forward();
  ndarray<S> trained(top.extents());
  largest.copy_output(trained.data());
  index_t at = 0;
  for (int m = 0; m < 6; ++m)
    for (std::size_t r = 0; r < rows.begin.size(); ++r)
      for (std::size_t c = 0; c < columns.begin.size(); ++c, ++at) {
        double best = -9, sum = 0;
        int inside = 0;
        for (int i = rows.begin[r]; i < rows.end[r]; ++i)
          for (int j = columns.begin[c]; j < columns.end[c]; ++j)
            if (i >= 0 && i < H && j >= 0 && j < W) {
              const double v = double(x[(m * H + i) * W + j]);
              best = std::max(best, v), sum += v, ++inside;
            }
        if (O.count_padding && O.padding.first != same) inside = (std::min(rows.end[r], rows.limit) - rows.begin[r]) * (std::min(columns.end[c], columns.limit) - columns.begin[c]);
        CHECK(double(top[at]) == best);
        CHECK(double(trained[at]) == best);
        CHECK(double(average[at]) == doctest::Approx(sum / inside).epsilon(1e-5));
      }
}
constexpr spatial_pool_options stem{.stride = 2, .padding = 1}, partial{.ceil = true}, overlap{.stride = 1, .count_padding = false},
    odd{.stride = {2, 1}, .padding = {0, 1}, .ceil = true, .count_padding = false}, all_of_it{.padding = same};
}

TEST_CASE("laws/spatial_pools: values") {
  check_values<9, 6, 3, stem>();
  check_values<7, 5, 2, partial>();
  check_values<7, 5, 2, spatial_pool_options{}>();
  check_values<5, 6, per_axis(3, 2), overlap>();
  check_values<8, 5, per_axis(3, 2), odd>();
}
TEST_CASE("laws/spatial_pools: values with same, averages of what is inside") {
  check_values<8, 7, 3, spatial_pool_options{.stride = 2, .padding = same}>();
  check_values<7, 8, 2, all_of_it>();
  check_values<8, 11, per_axis(5, 2), spatial_pool_options{.stride = {3, 1}, .padding = same}>();
}
TEST_CASE("laws/spatial_pools: same keeps ceil(n / stride) results") {
  static_assert(max_pool<3, spatial_pool_options{.stride = 2, .padding = same}>::output({4, 7, 8}) == extents{4, 4, 4});
  static_assert(max_pool<2, all_of_it>::output({4, 7, 8, 9}) == extents{4, 4, 4, 5});
  static_assert(max_pool<2, partial>::output({1, 75, 75, 75}) == extents{1, 38, 38, 38});
  static_assert(max_pool<3, stem>::output({64, 50, 50}) == extents{64, 25, 25});
  static_assert(max_pool<3>::output({64, 2, 50}).is_broken());
}
TEST_CASE("laws/spatial_pools: gradients") {
  check_gradients<sequential<input<3, 9, 6>, max_pool<3, stem>, average_pool<per_axis{2, 3}, spatial_pool_options{.stride = 1, .padding = {1, 0}}>>>();
  check_gradients<sequential<input<2, 7, 5, 3>, max_pool<2, partial>, average_pool<2, all_of_it>>>();
  check_gradients<sequential<input<1, 11>, average_pool<3, odd>, max_pool<3, spatial_pool_options{.stride = 2, .padding = same}>>>({.batch = 1});
}
TEST_CASE("laws/spatial_pools: global pooling") {
  check_gradients<sequential<input<5, 3, 7>, global_average_pool, dense<2>>>();
  check_gradients<sequential<input<5, 3, 2, 3>, global_max_pool>>({.batch = 1});
  ndarray<S> x(2, 3, 4, 5);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{3}.uniform(std::uint64_t(i)) - 1);
  model<sequential<input<3, 4, 5>, heads<global_average_pool, global_max_pool>>, tested> m(key{1});
  const auto y = m.predict(x);
  for (index_t n = 0; n < 2; ++n)
    for (index_t c = 0; c < 3; ++c) {
      const S* map = x.data() + (n * 3 + c) * 20;
      double sum = 0;
      for (int i = 0; i < 20; ++i) sum += double(map[i]);
      CHECK(double(y[n * 6 + c]) == doctest::Approx(sum / 20).epsilon(1e-6));
      CHECK(y[n * 6 + 3 + c] == *std::max_element(map, map + 20));
    }
}
