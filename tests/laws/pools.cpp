// Pooling over any axes, every remainder policy: values against windows taken one by one, gradients through the checker.
#include "support/layers.hpp"

#include <algorithm>

using namespace cosmoml;
using namespace cosmoml::nn;
using tests::check_gradients;
using tests::tested;

namespace {
// Along one axis: which elements the windows hold.
std::vector<std::vector<int>> windows(int n, int k, leftover r) {
  std::vector<std::vector<int>> w;
  for (int o = 0; o < n / k; ++o) {
    w.emplace_back();
    for (int i = 0; i < k; ++i) w.back().push_back(o * k + i);
  }
  if (r == leftover::partial && n % k) {
    w.emplace_back();
    for (int i = n / k * k; i < n; ++i) w.back().push_back(i);
  }
  if (r == leftover::keep)
    for (int i = n / k * k; i < n; ++i) w.push_back({i});
  return w;
}

template <int A, int B, int C, int KA, int KB, int KC, leftover R>
void check_values() {
  using S = tested::scalar;
  model<sequential<input<A, B, C>, max_pool_over<window<KA, KB, KC>, pool_options{.leftover = R}>>, tested> largest(key{1});
  model<sequential<input<A, B, C>, average_pool_over<window<KA, KB, KC>, pool_options{.leftover = R}>>, tested> mean(key{1});
  ndarray<S> x(4, A, B, C);
  for (index_t i = 0; i < x.size(); ++i) x[i] = S(2 * key{3}.uniform(std::uint64_t(i)) - 1);
  const auto top = largest.predict(x), average = mean.predict(x);
  const auto wa = windows(A, KA, R), wb = windows(B, KB, R), wc = windows(C, KC, R);
  REQUIRE(top.size() == index_t(4 * wa.size() * wb.size() * wc.size()));
  index_t at = 0;
  for (int n = 0; n < 4; ++n)
    for (const auto& ia : wa)
      for (const auto& ib : wb)
        for (const auto& ic : wc) {
          double best = -9, sum = 0;
          for (int a : ia)
            for (int b : ib)
              for (int c : ic) {
                const double v = double(x[((n * A + a) * B + b) * C + c]);
                best = std::max(best, v), sum += v;
              }
          CHECK(double(top[at]) == best);
          CHECK(double(average[at]) == doctest::Approx(sum / double(ia.size() * ib.size() * ic.size())).epsilon(1e-5));
          ++at;
        }
}
template <leftover R>
void check_all() {
  check_values<4, 2, 6, 2, 2, 3, R>();
  check_values<7, 3, 5, 2, 2, 2, R>();
  check_values<19, 3, 4, 2, 1, 2, R>();
  check_values<5, 9, 2, 1, 4, 1, R>();
}
template <leftover R>
void check_pool_gradients() {
  constexpr pool_options o{.leftover = R};
  check_gradients<sequential<input<7, 3, 5>, max_pool_over<window<2, 2, 2>, o>>>();
  check_gradients<sequential<input<7, 3, 5>, average_pool_over<window<2, 2, 2>, o>>>();
  check_gradients<sequential<input<19, 3, 4>, max_pool_over<window<3, 1, 2>, o>, flatten, dense<2>>>();
  check_gradients<sequential<input<11>, dense<13>, max_pool_over<window<4>, o>>>({.batch = 1});
  check_gradients<sequential<input<3, 4, 5, 6>, average_pool_over<window<1, 2, 2, 4>, o>>>();
}
}

TEST_CASE("laws/pools: values, remainder dropped") { check_all<leftover::drop>(); }
TEST_CASE("laws/pools: values, remainder in smaller windows") { check_all<leftover::partial>(); }
TEST_CASE("laws/pools: values, remainder kept") { check_all<leftover::keep>(); }
TEST_CASE("laws/pools: gradients, remainder dropped") { check_pool_gradients<leftover::drop>(); }
TEST_CASE("laws/pools: gradients, remainder in smaller windows") { check_pool_gradients<leftover::partial>(); }
TEST_CASE("laws/pools: gradients, remainder kept") { check_pool_gradients<leftover::keep>(); }

TEST_CASE("laws/pools: of equal maxima the first takes the gradient, in canonical order") {
  using S = tested::scalar;
  model<sequential<input<4, 2>, max_pool_over<window<2, 2>>>, tested> m(key{1});
  const std::vector<S> x{1, 2, 2, 0, 3, 3, 3, 3};
  m.load(x);
  m.forward();
  const S one[] = {1, 1};
  tensor<tested, shape<2, 1>, typename decltype(m)::output_layout> g(m.context(), std::span<const S>(one));
  tested::copy(m.context(), static_cast<const S*>(g.view().data), m.output_gradient().data, g.view().storage());
  const auto dx = m.backward_to_input();
  using layout = typename decltype(m)::input_layout;
  std::vector<S> host(std::size_t(layout::size(1)));
  tested::to_host(m.context(), static_cast<const S*>(dx.data), host.data(), layout::size(1));
  const double expected[] = {0, 1, 0, 0, 1, 0, 0, 0};
  for (index_t e = 0; e < 8; ++e) CHECK(double(host[std::size_t(layout::offset(0, e))]) == expected[e]);
}
