// Every wavelet, extension and size against PyWavelets; inverses; stationary transforms, packets, thresholds.
#include "support/golden.hpp"
#include "support/worse.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/tensor/tensor.hpp>
#include <cosmoml/wavelet.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace cosmoml;
using namespace cosmoml::wavelet;

namespace {

const auto golden = tests::read_golden("wavelet_modes.txt");
constexpr double tolerance = 1e-10;

std::vector<double> signal(int n) {
  std::vector<double> x;
  for (int i = 0; i < n; ++i) x.push_back(std::cos(1.3 * i) + (i * i % 7) / 10.0);
  return x;
}
// Is what a transform gives PyWavelets' result `number`, of which the golden file has two sums?
template <class C>
bool told(const C& c, const ndarray<double>& expected, index_t number = 0) {
  double s[2] = {0, 0};
  long long j = 0;
  for (const double v : c) s[0] += v * std::cos(0.7 * double(j) + 1), s[1] += v * double((3 * j * j + j) % 13 - 6) / 6, ++j;
  REQUIRE(expected.size() >= 2 * number + 2);
  for (int i : {0, 1})
    if (!(std::abs(s[i] - expected[2 * number + i]) < tolerance * (1 + std::abs(expected[2 * number + i])))) return false;
  return true;
}
template <Wavelet W>
std::vector<double> once(const std::vector<double>& x, extension mode) {
  const std::size_t m = std::size_t(coefficients_along(int(x.size()), W::taps, mode));
  std::vector<double> c(2 * m);
  analyse_once<W, double>(x, mode, std::span(c).first(m), std::span(c).last(m));
  return c;
}
template <class C>
double distance(const C& a, const ndarray<double>& b) {
  if (index_t(a.size()) != b.size()) return 1e9;
  double worst = 0;
  index_t i = 0;
  for (double v : a) worst = tests::worse(worst, std::abs(v - b[i++]));
  return worst;
}
template <Wavelet W>
void check_filters() {
  INFO(std::string(W::name));
  CHECK(distance(once<W>(signal(23), extension::symmetric), golden.at(W::name)) < tolerance);
}
const std::pair<const char*, extension> modes[] = {{"symmetric", extension::symmetric},         {"periodization", extension::periodization},
                                                   {"antisymmetric", extension::antisymmetric}, {"reflect", extension::reflect},
                                                   {"antireflect", extension::antireflect},     {"periodic", extension::periodic},
                                                   {"zero", extension::zero},                   {"constant", extension::constant},
                                                   {"smooth", extension::smooth}};
template <Wavelet W>
void check_sizes() {
  for (const auto& [name, mode] : modes) {
    const auto& expected = golden.at(std::string(name) + "_" + W::name);
    for (int n = 2; n <= 67; ++n) {
      const std::string what = std::string(W::name) + ", " + name + ", " + std::to_string(n) + " samples";
      INFO(what);
      const auto x = signal(n);
      const auto c = once<W>(x, mode);
      CHECK(told(c, expected, n - 2));
      std::vector<double> back(x.size());
      synthesise_once<W, double>(std::span(c).first(c.size() / 2), std::span(c).last(c.size() / 2), mode, back);
      double worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i) worst = tests::worse(worst, std::abs(back[i] - x[i]));
      CHECK(worst < tolerance);
    }
    const auto& packed = golden.at(std::string(name) + "_" + W::name + "_packets");
    const int sizes[] = {17, 32, 67};
    for (int i = 0; i < 3; ++i) {
      const auto x = signal(sizes[i]);
      const auto nodes = packets<W, double>(x, 3, mode);
      CHECK(told(nodes, packed, i));
      const auto back = from_packets<W, double>(nodes, sizes[i], mode);
      CHECK(distance(x, back) < tolerance);
    }
  }
  for (int levels = 1; levels <= 3; ++levels) {
    const auto& expected = golden.at("stationary_" + std::string(W::name) + "_" + std::to_string(levels));
    for (index_t i = 0; i < expected.rows(); ++i) {
      const auto x = signal(int((i + 1) << levels));
      const auto bands = stationary<W, double>(x, levels);
      CHECK(told(bands, expected, i));
      CHECK(distance(x, from_stationary<W>(bands)) < tolerance);
    }
  }
}

}

TEST_CASE("wavelet/signals: symlets, coiflets, biorthogonal wavelets and their reverses have PyWavelets' filters") {
  [&]<int... N>(std::integer_sequence<int, N...>) { (check_filters<symlet<N + 2>>(), ...); }(std::make_integer_sequence<int, 19>{});
  [&]<int... N>(std::integer_sequence<int, N...>) { (check_filters<coiflet<N + 1>>(), ...); }(std::make_integer_sequence<int, 5>{});
  auto both = []<int R, int D>(std::integer_sequence<int, R, D>) {
    check_filters<biorthogonal<R, D>>();
    check_filters<reverse_biorthogonal<R, D>>();
  };
  auto all = [&]<int R, int... D>(std::integer_sequence<int, R>, std::integer_sequence<int, D...>) { (both(std::integer_sequence<int, R, D>{}), ...); };
  all(std::integer_sequence<int, 1>{}, std::integer_sequence<int, 1, 3, 5>{});
  all(std::integer_sequence<int, 2>{}, std::integer_sequence<int, 2, 4, 6, 8>{});
  all(std::integer_sequence<int, 3>{}, std::integer_sequence<int, 1, 3, 5, 7, 9>{});
  both(std::integer_sequence<int, 4, 4>{});
  both(std::integer_sequence<int, 5, 5>{});
  both(std::integer_sequence<int, 6, 8>{});
}
TEST_CASE("wavelet/signals: every extension at every size from 2 to 67, packets and stationary transforms, forth and back") {
  check_sizes<haar>();
  check_sizes<daubechies<4>>();
  check_sizes<symlet<5>>();
  check_sizes<coiflet<2>>();
  check_sizes<biorthogonal<2, 4>>();
  check_sizes<reverse_biorthogonal<3, 3>>();
}
TEST_CASE("wavelet/signals: a few results number by number") {
  for (const auto& [name, mode] : modes) CHECK(distance(once<daubechies<4>>(signal(11), mode), golden.at(std::string(name) + "_db4_11")) < tolerance);
  CHECK(distance(stationary<daubechies<2>, double>(signal(16), 2), golden.at("stationary_db2_16")) < tolerance);
  // region: packets
  const auto nodes = packets<daubechies<2>, double>(signal(32), 3);   // (8, m), each row a node of the third level
  std::vector<double> sorted;
  for (index_t i = 0; i < nodes.rows(); ++i)
    for (index_t j = 0; j < nodes.row_size(); ++j) sorted.push_back(nodes[packet_at_frequency(i) * nodes.row_size() + j]);
  // end region
  CHECK(distance(sorted, golden.at("packets_by_frequency")) < tolerance);
}
TEST_CASE("wavelet/signals: two axes and two levels with every extension") {
  using B = backend::native<double>;
  B::context c;
  const auto all = signal(13 * 21);
  ndarray<double> samples(1, 13 * 21);
  for (index_t i = 0; i < samples.size(); ++i) samples[i] = all[std::size_t(i)];
  const tensor<B, shape<13, 21>> x(c, samples);
  tensor<B, shape<13, 21>> back(1);
  for (const auto& [name, mode] : modes) {
    const int extents[] = {13, 21};
    const wavelet_sizes z(extents, 2, 2, 6, mode);
    tensor<B, shape<900>> y(1);
    REQUIRE(z.size() <= 900);
    ops::wavelet_analysis<B>(c, z, mode, decomposition<daubechies<3>, double>(), 1, x.view(), y.view());
    const auto host = y.to_host(c);
    const std::vector<double> coefficients(host.begin(), host.begin() + z.size());
    CHECK(told(coefficients, golden.at(std::string(name) + "_2d")));
    ops::wavelet_synthesis<false, B>(c, z, mode, reconstruction<daubechies<3>, double>(), 1, y.view(), back.view());
    CHECK(distance(all, back.to_host(c)) < tolerance);
  }
}
TEST_CASE("wavelet/signals: thresholds") {
  const auto& x = golden.at("threshold_input");
  const std::pair<const char*, threshold_rule> rules[] = {
      {"soft", threshold_rule::soft}, {"hard", threshold_rule::hard}, {"garrote", threshold_rule::garrote}, {"greater", threshold_rule::greater}, {"less", threshold_rule::less}};
  for (const auto& [name, rule] : rules) {
    std::vector<double> c(x.begin(), x.end());
    threshold<double>(c, 1.1, rule);
    INFO(std::string(name));
    CHECK(distance(c, golden.at(std::string("threshold_") + name)) < 1e-15);
  }
  std::vector<double> c(x.begin(), x.end());
  threshold_firm<double>(c, 0.5, 1.4);
  CHECK(distance(c, golden.at("threshold_firm")) < 1e-15);
}
TEST_CASE("wavelet/signals: noise is found and removed") {
  const int n = 1024;
  std::vector<double> clean(n), x(n);
  const key k{4};
  for (int i = 0; i < n; ++i) clean[std::size_t(i)] = std::sin(0.02 * i) + (i > 500), x[std::size_t(i)] = clean[std::size_t(i)] + 0.3 * k.normal<double>(std::uint64_t(i));
  // region: denoise
  auto bands = stationary<symlet<4>, double>(x, 5);   // (6, n): the approximation, then details from coarse to fine
  const double noise = noise_of<double>({bands.data() + 5 * n, std::size_t(n)});
  for (index_t l = 1; l <= 5; ++l) {
    const std::span<double> band(bands.data() + l * n, std::size_t(n));
    threshold<double>(band, bayes_threshold<double>(band, noise));
  }
  const auto smooth = from_stationary<symlet<4>>(bands);
  // end region
  CHECK(std::abs(noise - 0.3) < 0.03);
  CHECK(std::abs(universal_threshold(0.3, 1024) - 0.3 * std::sqrt(2 * std::log(1024.0))) < 1e-15);
  double before = 0, after = 0;
  for (int i = 0; i < n; ++i) before += std::pow(x[std::size_t(i)] - clean[std::size_t(i)], 2), after += std::pow(smooth[i] - clean[std::size_t(i)], 2);
  CHECK(after < 0.15 * before);
  const std::vector<double> quiet{0.1, -0.2, 0.05};
  CHECK(bayes_threshold<double>(quiet, 1.0) == 0.2);
  CHECK(std::abs(bayes_threshold<double>(std::vector<double>{3, -4}, 1.5) - 2.25 / std::sqrt(12.5 - 2.25)) < 1e-15);
}
TEST_CASE("wavelet/signals: where bands lie") {
  // region: bands
  constexpr auto z = transform<daubechies<4>>::coefficients({3, 256, 256});   // three planes, each of them transformed
  static_assert(z.levels == 5 && z.band_size(5) == 14 * 14);
  static_assert(z.offset(5, 0) == 0);                          // the approximation comes first
  static_assert(z.offset(1, 2) == z.offset(1, 1) + 131 * 131);   // V follows H among the finest details
  // end region
  CHECK(z.size() == z.offset(1, 3) + 131 * 131);
}
TEST_CASE("wavelet/signals: wrong sizes and values are refused") {
  std::vector<double> x(12), half(5);
  CHECK_THROWS_AS((analyse_once<haar, double>(x, extension::zero, half, half)), shape_mismatch);
  CHECK_THROWS_AS((stationary<haar, double>(x, 3)), invalid_argument);
  CHECK_THROWS_AS((stationary<haar, double>(x, 0)), invalid_argument);
  CHECK_THROWS_AS((packets<haar, double>(std::span<const double>{}, 1)), invalid_argument);
  CHECK_THROWS_AS((from_packets<haar, double>(ndarray<double>(4, 7), 12)), shape_mismatch);
  CHECK_THROWS_AS(threshold<double>(x, -1.0), invalid_argument);
  CHECK_THROWS_AS(threshold_firm<double>(x, 2.0, 1.0), invalid_argument);
  CHECK_THROWS_AS((noise_of<double>(std::span<const double>{})), invalid_argument);
}
