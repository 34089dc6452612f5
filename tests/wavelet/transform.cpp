// Transforms against PyWavelets' golden values; adjoint and inverse against their definitions.
#include "support/backends.hpp"
#include "support/golden.hpp"
#include "support/layers.hpp"
#include "support/worse.hpp"

#include <cosmoml/wavelet/transform.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using namespace cosmoml::wavelet;
using tests::tested;
using S = tested::scalar;

namespace {
const auto golden = tests::read_golden("wavelets.txt");

template <class Input, class W, int Axes, int Levels, extension Mode>
void check(const std::string& kind, const std::string& signal) {
  const std::string mode = Mode == extension::symmetric ? "symmetric" : "periodization", name = kind + "_" + mode + "_" + signal;
  INFO(name);
  constexpr transform_options options{.axes = Axes, .levels = Levels, .mode = Mode};
  model<sequential<Input, transform<W, options>>, tested> m(key{1});
  const auto& expected = golden.at(name);
  const auto got = m.predict(golden.at(signal));
  REQUIRE(got.size() == expected.size());
  const double tolerance = sizeof(S) == 4 ? 2e-6 : 1e-12;
  double worst = 0;
  for (index_t i = 0; i < got.size(); ++i) worst = tests::worse(worst, std::abs(double(got[i]) - expected[i]));
  CHECK(worst < tolerance);

  if (golden.count(name + "_rec")) {   // and back
    tested::context c;
    tensor<tested, shape<Input::shape_type::value.size()>> back(1);
    const auto reconstructed = golden.at(name + "_rec");
    tensor<tested, output_shape<transform<W, options>, typename sequential<Input, transform<W, options>>::input_shape>> coefficients(c, expected);
    ops::wavelet_synthesis<false, tested>(c, transform<W, options>::coefficients(Input::shape_type::value), Mode, reconstruction<W, S>(), 1, coefficients.view(), back.view());
    const auto x = back.to_host(c);
    worst = 0;
    for (index_t i = 0; i < x.size(); ++i) worst = tests::worse(worst, std::abs(double(x[i]) - reconstructed[i]));
    CHECK(worst < tolerance);
  }
}
template <class W, int Levels, int Levels2, extension Mode>
void check_wavelet(const std::string& name) {
  check<input<16>, W, 1, Levels, Mode>("1d_" + name, "x16");
  check<input<15>, W, 1, Levels, Mode>("1d_" + name, "x15");
  check<input<8>, W, 1, Levels, Mode>("1d_" + name, "x8");
  check<input<8, 8>, W, 2, Levels2, Mode>("2d_" + name, "im8");
  check<input<7, 7>, W, 2, Levels2, Mode>("2d_" + name, "im7");
  check<input<12, 10>, W, 2, Levels2, Mode>("2d_" + name, "im12x10");
}
}

TEST_CASE("wavelet/transform: haar equals PyWavelets") {
  check_wavelet<haar, 3, 3, extension::symmetric>("haar");
  check_wavelet<haar, 3, 3, extension::periodization>("haar");
}
TEST_CASE("wavelet/transform: db2 equals PyWavelets, beyond the levels it would choose too") {
  check_wavelet<daubechies<2>, 2, 2, extension::symmetric>("db2");
  check_wavelet<daubechies<2>, 2, 2, extension::periodization>("db2");
}
TEST_CASE("wavelet/transform: db4 equals PyWavelets") {
  check_wavelet<daubechies<4>, 2, 2, extension::symmetric>("db4");
  check_wavelet<daubechies<4>, 2, 2, extension::periodization>("db4");
}
TEST_CASE("wavelet/transform: three axes equal PyWavelets") {
  check<input<6, 9, 5>, haar, 3, 1, extension::symmetric>("3d_haar", "vol");
  check<input<6, 9, 5>, daubechies<2>, 3, 1, extension::symmetric>("3d_db2", "vol");
}

TEST_CASE("wavelet/daubechies: all filters of db1 ... db20 equal PyWavelets' table") {
  auto check_filters = [&]<int N>(std::integral_constant<int, N>) {
    using W = daubechies<N>;
    static_assert(Wavelet<W>, "it keeps the contract");
    const auto& table = golden.at("filters_db" + std::to_string(N));
    for (int t = 0; t < W::taps; ++t) {
      CHECK(W::low[std::size_t(t)] == table[t]);
      CHECK(W::high_at(t) == table[W::taps + t]);
      CHECK(W::reconstruction_low_at(W::taps - 1 - t) == table[2 * W::taps + t]);
      CHECK(W::reconstruction_high_at(W::taps - 1 - t) == table[3 * W::taps + t]);
    }
  };
  [&]<int... N>(std::integer_sequence<int, N...>) { (check_filters(std::integral_constant<int, N + 1>{}), ...); }(std::make_integer_sequence<int, 20>{});
}

TEST_CASE("wavelet: the most levels are PyWavelets'") {
  const auto& table = golden.at("max_level");
  for (index_t i = 0; i < table.rows(); ++i) CHECK(max_level(int(table.row(i)[0]), 2 * int(table.row(i)[1])) == int(table.row(i)[2]));
}

TEST_CASE("wavelet/transform: the adjoint is exact, boundaries, odd sizes and leading axes included") {
  using tests::check_gradients;
  constexpr transform_options periodic{.mode = extension::periodization};
  check_gradients<sequential<input<9, 7>, transform<>>>();
  check_gradients<sequential<input<2, 9, 15>, transform<daubechies<2>, periodic>>>();
  check_gradients<sequential<input<2, 13, 9>, transform<daubechies<2>>>>();
  check_gradients<sequential<input<21>, transform<daubechies<3>, transform_options{.axes = 1}>>>();
  check_gradients<sequential<input<23>, transform<daubechies<4>, transform_options{.axes = 1, .mode = extension::periodization}>>>();
  check_gradients<sequential<input<5, 6, 9>, transform<haar, transform_options{.axes = 3}>>>();
  check_gradients<sequential<input<4>, dense<63>, relu, reshape<7, 9>, transform<>, dense<2>>>();
}

TEST_CASE("wavelet/transform: the adjoint is exact for every extension, signals shorter than the filter included") {
  auto check_mode = [&]<extension Mode>(std::integral_constant<extension, Mode>) {
    constexpr transform_options line{.axes = 1, .levels = 2, .mode = Mode}, image{.axes = 2, .levels = 2, .mode = Mode};
    tests::check_gradients<sequential<input<13>, transform<daubechies<2>, line>>>({.scale = 0.2});
    tests::check_gradients<sequential<input<3>, transform<daubechies<3>, line>>>({.scale = 0.1});
    tests::check_gradients<sequential<input<7, 10>, transform<haar, image>>>({.scale = 0.2});
    tests::check_gradients<sequential<input<9, 6>, transform<daubechies<2>, image>>>({.scale = 0.1});
  };
  [&]<extension... M>(std::integer_sequence<extension, M...>) {
    (check_mode(std::integral_constant<extension, M>{}), ...);
  }(std::integer_sequence<extension, extension::antisymmetric, extension::reflect, extension::antireflect, extension::periodic, extension::zero, extension::constant, extension::smooth>{});
}

TEST_CASE("wavelet/transform: bands lie where coefficients() says; level 1 is the finest") {
  constexpr auto z = transform<>::coefficients({28, 28});
  static_assert(z.levels == 4 && z.size() == 799, "four levels of a 28-pixel image");
  static_assert(z.offset(4, 0) == 0 && z.offset(4, 1) == 4 && z.offset(1, 3) == 799 - 196, "coarse to fine");
  static_assert(z.band_size(1) == 196 && z.band_size(3) == 16, "sizes ceil(n / 2)");
  CHECK(z.levels == 4);
}
