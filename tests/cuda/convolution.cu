// What exec::cuda has cuDNN do: geometries in its words, borders that it does not know, a network on a device. The sums are laws/convolutions.cpp's.
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/backend/thrust_cuda.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

#include "support/convolution_shapes.hpp"
#include "support/worse.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace cosmoml;
using gpu = backend::thrust<float, exec::cuda>;

namespace {
template <int... I>
using s = shape<I...>;
template <class In, int Out, class Kernel, class Stride, class Dilation, class Before, class After, int Groups = 1, edge Edge = edge::zeros>
struct a_convolution {
  using made = tests::shapes_of<In, Out, Kernel, Stride, Dilation, Before, After, Groups, Edge>;
  using in = In;
  using out = shape_at<made, 0>;
  using weight = shape_at<made, 1>;
  using geometry = convolution_of<In, out, Kernel, Stride, Dilation, Before, After, Groups, Edge>;
};
constexpr auto periodic = edge::periodic;

// check(...) of geometries that cuDNN knows, and of those whose maps are copied with their border.
template <class Check>
void for_known(Check&& check) {
  check(a_convolution<s<3, 11>, 5, s<3>, s<1>, s<1>, s<1>, s<1>>());
  check(a_convolution<s<1, 9>, 1, s<4>, s<3>, s<1>, s<0>, s<0>>());
  check(a_convolution<s<4, 17>, 6, s<3>, s<2>, s<2>, s<2>, s<2>, 2>());
  check(a_convolution<s<3, 15, 13>, 5, s<7, 7>, s<2, 2>, s<1, 1>, s<3, 3>, s<3, 3>>());
  check(a_convolution<s<3, 16, 13>, 5, s<3, 4>, s<2, 2>, s<1, 1>, s<1, 0>, s<0, 0>>());   // what is behind the map is not read
  check(a_convolution<s<6, 8, 7>, 9, s<3, 1>, s<2, 1>, s<1, 1>, s<1, 0>, s<1, 0>, 3>());
  check(a_convolution<s<2, 9, 11>, 4, s<3, 2>, s<1, 3>, s<3, 2>, s<2, 1>, s<2, 1>>());
  check(a_convolution<s<2, 5, 5>, 4, s<1, 1>, s<2, 2>, s<1, 1>, s<0, 0>, s<0, 0>>());
  check(a_convolution<s<2, 5, 4, 6>, 3, s<3, 3, 3>, s<1, 1, 1>, s<1, 1, 1>, s<1, 1, 1>, s<1, 1, 1>>());
  check(a_convolution<s<4, 9, 5, 7>, 8, s<2, 3, 1>, s<1, 2, 3>, s<2, 1, 1>, s<1, 0, 2>, s<1, 0, 2>, 4>());
}
template <class Check>
void for_copied(Check&& check) {
  check(a_convolution<s<4, 17>, 6, s<3>, s<2>, s<2>, s<2>, s<1>, 2>());
  check(a_convolution<s<2, 7>, 3, s<3>, s<1>, s<2>, s<2>, s<2>, 1, periodic>());
  check(a_convolution<s<1, 5, 6>, 1, s<2, 5>, s<1, 3>, s<1, 1>, s<0, 2>, s<1, 2>>());
  check(a_convolution<s<2, 9, 6>, 2, s<3, 3>, s<2, 4>, s<1, 1>, s<1, 1>, s<1, 1>, 1, periodic>());
  check(a_convolution<s<4, 3, 3>, 4, s<5, 5>, s<1, 1>, s<1, 1>, s<2, 2>, s<2, 2>, 4, periodic>());
  check(a_convolution<s<2, 4, 5, 3>, 2, s<3, 3, 3>, s<1, 2, 1>, s<1, 1, 1>, s<1, 1, 1>, s<1, 1, 1>, 2, periodic>());
  check(a_convolution<s<1, 6, 5, 7>, 8, s<2, 3, 1>, s<1, 2, 3>, s<2, 1, 1>, s<0, 1, 0>, s<1, 1, 0>>());
}
}

#if defined(COSMOML_HAS_CUDNN)

TEST_CASE("cuda/convolution: without a device, cuDNN counts as many results as the geometry") {
  constexpr index_t batch = 3;
  auto counted = [&](const convolution_geometry& g, cudnnDataType_t type) {
    const index_t x_step = g.in_channels * g.in_size() + 2, y_step = g.out_channels * g.out_size();
    const exec::cudnn::described d({.batch = batch, .x_step = x_step, .y_step = y_step, .type = type, .g = g});
    const int axes = g.axes < 2 ? 2 : g.axes;
    int counted[5] = {}, dim[5] = {}, between[5] = {}, rank = 0;
    cudnnDataType_t stored;
    REQUIRE(cudnnGetConvolutionNdForwardOutputDim(d.c, d.x, d.w, axes + 2, counted) == CUDNN_STATUS_SUCCESS);
    REQUIRE(cudnnGetTensorNdDescriptor(d.y, 5, &stored, &rank, dim, between) == CUDNN_STATUS_SUCCESS);
    CHECK(stored == type);
    CHECK(rank == axes + 2);
    CHECK(counted[0] == batch);
    CHECK(counted[1] == g.out_channels);
    index_t results = 1, step = 1;
    for (int a = axes + 1; a >= 0; --a) {
      CHECK(counted[a] == dim[a]);
      CHECK(between[a] == step);
      step *= dim[a];
    }
    for (int a = 0; a < axes; ++a) results *= counted[2 + a];
    for (int a = 0; a < g.axes; ++a) CHECK(counted[2 + a + (axes - g.axes)] == g.out[a]);
    CHECK(results == g.out_size());
    REQUIRE(cudnnGetTensorNdDescriptor(d.x, 5, &stored, &rank, dim, between) == CUDNN_STATUS_SUCCESS);
    CHECK(between[0] == x_step);
    CHECK(between[1] == g.in_size());
    cudnnMathType_t math;
    REQUIRE(cudnnGetConvolutionMathType(d.c, &math) == CUDNN_STATUS_SUCCESS);
    CHECK((math == CUDNN_FMA_MATH) == (type == CUDNN_DATA_FLOAT));
  };
  for_known([&](auto a) {
    constexpr convolution_geometry g = decltype(a)::geometry::value;
    static_assert(exec::cudnn::knows(g), "cosmoml: this geometry needs no copy");
    counted(g, CUDNN_DATA_FLOAT);
    counted(g, CUDNN_DATA_DOUBLE);
  });
  for_copied([&](auto a) {
    constexpr convolution_geometry g = decltype(a)::geometry::value;
    static_assert(!exec::cudnn::knows(g) && exec::cudnn::knows(exec::cudnn::windowed(g)), "cosmoml: this geometry needs a copy");
    counted(exec::cudnn::windowed(g), CUDNN_DATA_FLOAT);
  });
}

namespace {
template <class G>
struct window_of {
  static constexpr convolution_geometry value = exec::cudnn::windowed(G::value);
  static constexpr extents shapes[1] = {[] {
    extents e;
    e.rank = value.axes + 1;
    e.dim[0] = value.in_channels;
    for (int a = 0; a < value.axes; ++a) e.dim[a + 1] = value.in[a];
    return e;
  }()};
  using shape = shape_at<window_of, 0>;
};
template <class Shape>
struct maps {
  std::vector<double> numbers;
  index_t batch;
  maps(index_t n, int stream) : numbers(std::size_t(n * Shape::value.size())), batch(n) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = stream == 0 ? NAN : 2 * key{std::uint64_t(stream)}.uniform(i) - 1;
  }
  view<double, canonical<Shape>> operator()() { return {numbers.data(), batch}; }
};
template <class F>
void for_each(index_t n, F f) {
  for (index_t i = 0; i < n; ++i) f(i);
}
void agree(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = tests::worse(worst, std::abs(a[i] - b[i]));
  CHECK(worst < 1e-12);
}
}

TEST_CASE("cuda/convolution: without a device, maps copied with their border have the same results and adjoints") {
  auto agrees = [](auto a) {
    using A = decltype(a);
    using G = typename A::geometry;
    using W = window_of<G>;
    constexpr index_t batch = 2;
    maps<typename A::in> x(batch, 1), dx(batch, 0), same_dx(batch, 0);
    maps<typename A::out> y(batch, 0), same_y(batch, 0), dy(batch, 2);
    maps<typename A::weight> w(1, 3);
    maps<typename W::shape> copy(batch, 0);
    for_each(y().elements(), ops::detail::convolution<G, decltype(x()), decltype(w()), decltype(y())>{x(), w(), y()});
    for_each(dx().elements(), ops::detail::convolution_input_adjoint<G, decltype(w()), decltype(dy()), decltype(dx())>{w(), dy(), dx()});
    for_each(copy().elements(), backend::cuda_functors::window<G, decltype(x()), double>{x(), copy.numbers.data()});
    for_each(y().elements(), ops::detail::convolution<W, decltype(copy()), decltype(w()), decltype(y())>{copy(), w(), same_y()});
    for_each(copy().elements(), ops::detail::convolution_input_adjoint<W, decltype(w()), decltype(dy()), decltype(copy())>{w(), dy(), copy()});
    for_each(dx().elements(), backend::cuda_functors::window_adjoint<G, decltype(dx()), double>{copy.numbers.data(), same_dx()});
    agree(same_y.numbers, y.numbers);
    agree(same_dx.numbers, dx.numbers);
  };
  for_copied(agrees);
  for_known(agrees);
}

#endif

TEST_CASE("cuda/convolution: without a device each pass is a backend_error that says what to do") {
  if (exec::cuda::devices() > 0) return;
  auto says = [](auto&& call) {
    try {
      call();
    } catch (const backend_error& e) {
      return std::string(e.what()).find("check that a device is present") != std::string::npos;
    }
    return false;
  };
  gpu::context c;
  auto fails = [&](auto a) {
    using A = decltype(a);
    using G = typename A::geometry;
    float some[1] = {};
    const view<float, canonical<typename A::in>> x{some};
    const view<float, canonical<typename A::out>> y{some};
    const view<float, canonical<typename A::weight>> w{some};
    CHECK(says([&] { ops::convolution<gpu, G>(c, x, w, y); }));
    CHECK(says([&] { ops::convolution_input_adjoint<gpu, G>(c, w, y, x); }));
    CHECK(says([&] { ops::convolution_weight_adjoint<gpu, G>(c, x, y, w); }));
    const view<float, canonical<s<A::out::value[0]>>> bias{some};
    CHECK(says([&] { gpu::sum_channel(c, y, bias); }));
  };
  fails(a_convolution<s<2, 9, 11>, 4, s<3, 2>, s<1, 3>, s<3, 2>, s<2, 1>, s<2, 1>>());
  fails(a_convolution<s<2, 7>, 3, s<3>, s<1>, s<2>, s<2>, s<2>, 1, periodic>());
}

TEST_CASE("cuda/convolution: a network trains as on the host, step by step and replayed") {
  using namespace cosmoml::nn;
  using net = sequential<input<2, 9, 8>, conv<20, 3, conv_options{.padding = 1}>, nn::relu, conv<16, 3, conv_options{.stride = 2, .padding = same, .edge = edge::periodic}>, nn::relu,
                         conv<8, 2, conv_options{.padding = same, .groups = 4}>, flatten, dense<4>>;
  ndarray<float> x(64, 144);
  std::vector<int> labels(64);
  for (index_t i = 0; i < x.size(); ++i) x[i] = key{1}.uniform<float>(std::uint64_t(i));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = int(key{2}.below(4, i));
  const auto data = train::pair_up(x, labels);
  const optim::adam optimizer{{.learning_rate = 1e-3}};
  const train::fit_options plain{.epochs = 3, .batch_size = 32, .randomness = key{3}};
  train::fit_options recorded = plain;
  recorded.record = true;
  model<net, backend::reference<float>> host(key{4});
  model<net, gpu> stepped(key{4}), replayed(key{4});
  const auto a = train::fit(host, data, cross_entropy{}, optimizer, plain);
  const auto b = train::fit(stepped, data, cross_entropy{}, optimizer, plain);
  const auto c = train::fit(replayed, data, cross_entropy{}, optimizer, recorded);
  for (std::size_t e = 0; e < 3; ++e) {
    CHECK(b.history[e].loss == doctest::Approx(a.history[e].loss).epsilon(1e-4));
    CHECK(c.history[e].loss == doctest::Approx(b.history[e].loss).epsilon(1e-5));
  }
}
