// The convolution and its two adjoints against one list of products: what reads what, written down tap by tap.
#include "support/backends.hpp"
#include "support/convolution_shapes.hpp"
#include "support/worse.hpp"

#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <cmath>
#include <vector>

using namespace cosmoml;
using tests::tested;
using S = tested::scalar;

namespace {
template <class G, class Visit>
void for_products(Visit&& visit) {
  constexpr convolution_geometry g = G::value;
  for (int oc = 0; oc < g.out_channels; ++oc)
    for (int c = 0; c < g.in_channels / g.groups; ++c)
      for (index_t o = 0; o < g.out_size(); ++o)
        for (index_t k = 0; k < g.kernel_size(); ++k) {
          index_t place = 0, oa = o, ka = k, scale = 1;
          bool inside = true;
          for (int a = 2; a >= 0; --a) {
            int i = int(oa % g.out[a]) * g.stride[a] + int(ka % g.kernel[a]) * g.dilation[a] - g.before[a];
            oa /= g.out[a], ka /= g.kernel[a];
            if (g.edge == edge::periodic) {
              while (i < 0) i += g.in[a];
              while (i >= g.in[a]) i -= g.in[a];
            }
            inside = inside && i >= 0 && i < g.in[a];
            place += i * scale, scale *= g.in[a];
          }
          const int ic = oc / (g.out_channels / g.groups) * (g.in_channels / g.groups) + c;
          if (inside) visit(oc * g.out_size() + o, ic * g.in_size() + place, (oc * (g.in_channels / g.groups) + c) * index_t(g.kernel_size()) + k);
        }
}

ndarray<double> noise(index_t rows, index_t size, int stream) {
  ndarray<double> x(rows, size);
  for (index_t i = 0; i < x.size(); ++i) x[i] = double(S(2 * key{5}.fold(std::uint64_t(stream)).uniform(std::uint64_t(i)) - 1));
  return x;
}
template <class T>
void near(const T& got, const std::vector<double>& expected, double terms, double rounding) {
  REQUIRE(got.size() == index_t(expected.size()));
  double worst = 0;
  for (index_t i = 0; i < got.size(); ++i) worst = tests::worse(worst, std::abs(double(got[i]) - expected[std::size_t(i)]));
  CHECK(worst < rounding * tests::tolerance<S>(terms) * std::sqrt(terms));
}
template <class V>
void padding_is_zero(tested::context& c, V v) {
  std::vector<S> host(std::size_t(v.storage()));
  tested::to_host(c, static_cast<const S*>(v.data), host.data(), v.storage());
  for (index_t n = 0; n < v.batch; ++n)
    for (index_t e = 0; e < V::sample_size; ++e) host[std::size_t(V::layout::offset(n, e))] = 0;
  for (S p : host) CHECK(p == S(0));
}

template <int Request, class G, class In, class Out, class Weight>
void check_layout(index_t batch, double rounding = 1) {
  constexpr convolution_geometry g = G::value;
  using x_tensor = tensor<tested, In, typename tested::template layout<In, Request>>;
  using y_tensor = tensor<tested, Out, typename tested::template layout<Out, Request>>;
  using w_tensor = tensor<tested, Weight, typename tested::template parameter_layout<role::filter, Weight>>;
  const auto x = noise(batch, In::value.size(), 1), dy = noise(batch, Out::value.size(), 2), w = noise(1, Weight::value.size(), 3);
  std::vector<double> y(std::size_t(dy.size())), dx(std::size_t(x.size())), dw(std::size_t(w.size()), 2);
  for (index_t n = 0; n < batch; ++n)
    for_products<G>([&](index_t o, index_t i, index_t k) {
      const index_t on = n * Out::value.size() + o, in = n * In::value.size() + i;
      y[std::size_t(on)] += w[k] * x[in];
      dx[std::size_t(in)] += w[k] * dy[on];
      dw[std::size_t(k)] += x[in] * dy[on];
    });
  tested::context c;
  x_tensor xt(c, x), dxt(batch);
  y_tensor yt(batch), dyt(c, dy);
  w_tensor wt(c, w), dwt(1);
  tested::assign(c, yt.view(), S(NAN));
  tested::assign(c, dxt.view(), S(NAN));
  tested::assign(c, dwt.view(), S(2));
  ops::convolution<tested, G>(c, xt.view(), wt.view(), yt.view());
  ops::convolution_input_adjoint<tested, G>(c, wt.view(), dyt.view(), dxt.view());
  ops::convolution_weight_adjoint<tested, G>(c, xt.view(), dyt.view(), dwt.view());
  const double taps = double(g.kernel_size()) * g.in_channels;
  near(yt.to_host(c), y, taps, rounding);
  near(dxt.to_host(c), dx, taps * g.out_channels, rounding);
  near(dwt.to_host(c), dw, double(batch * g.out_size()) + 4, rounding);
  padding_is_zero(c, yt.view());
  padding_is_zero(c, dxt.view());
  padding_is_zero(c, dwt.view());
}

template <class In, int Out, class Kernel, class Stride, class Dilation, class Before, class After, int Groups = 1, edge Edge = edge::zeros>
void check(index_t batch = 2) {
  using made = tests::shapes_of<In, Out, Kernel, Stride, Dilation, Before, After, Groups, Edge>;
  using out = shape_at<made, 0>;
  using weight = shape_at<made, 1>;
  using geometry = convolution_of<In, out, Kernel, Stride, Dilation, Before, After, Groups, Edge>;
  const double rounding = In::value[0] >= 16 && Out >= 16 ? 10 : 1;   // with many channels a backend may take fewer products than a direct sum has, at the price of rounding
  check_layout<0, geometry, In, out, weight>(batch, rounding);
  check_layout<edge_request{.halo = 3, .first_axis_inner = true}.code(), geometry, In, out, weight>(batch, rounding);
  check_layout<edge_request{.halo = 6, .convolved = true}.code(), geometry, In, out, weight>(batch, rounding);
  check_layout<edge_request{.halo = 6, .convolved = true}.code(), direct_sum<geometry>, In, out, weight>(batch);
  if constexpr (In::value[0] < 16 && Out < 16) {   // where the backend may run vectors over the samples
    check_layout<edge_request{.halo = 6, .convolved = true, .batched = true}.code(), geometry, In, out, weight>(batch, rounding);
    check_layout<edge_request{.halo = 0, .convolved = true, .batched = true}.code(), geometry, In, out, weight>(batch + 8, rounding);
  }
}
template <int... I>
using s = shape<I...>;
constexpr auto periodic = edge::periodic;
}

TEST_CASE("laws/convolutions: one axis") {
  check<s<3, 11>, 5, s<3>, s<1>, s<1>, s<1>, s<1>>();
  check<s<1, 9>, 1, s<4>, s<3>, s<1>, s<0>, s<0>>(1);
  check<s<4, 17>, 6, s<3>, s<2>, s<2>, s<2>, s<1>, 2>();
  check<s<2, 7>, 3, s<3>, s<1>, s<2>, s<2>, s<2>, 1, periodic>();
}
TEST_CASE("laws/convolutions: two axes") {
  check<s<3, 7, 9>, 16, s<3, 3>, s<1, 1>, s<1, 1>, s<1, 1>, s<1, 1>>();
  check<s<3, 15, 13>, 5, s<7, 7>, s<2, 2>, s<1, 1>, s<3, 3>, s<3, 3>>();
  check<s<1, 5, 6>, 1, s<2, 5>, s<1, 3>, s<1, 1>, s<0, 2>, s<1, 2>>(1);
  check<s<6, 8, 7>, 9, s<3, 1>, s<2, 1>, s<1, 1>, s<1, 0>, s<1, 0>, 3>();
  check<s<2, 5, 5>, 4, s<1, 1>, s<2, 2>, s<1, 1>, s<0, 0>, s<0, 0>>(3);
  check<s<2, 8, 6>, 4, s<3, 5>, s<1, 1>, s<1, 1>, s<1, 2>, s<1, 2>, 1, periodic>();
  check<s<2, 9, 6>, 2, s<3, 3>, s<2, 4>, s<1, 1>, s<1, 1>, s<1, 1>, 1, periodic>();
  check<s<4, 3, 3>, 4, s<5, 5>, s<1, 1>, s<1, 1>, s<2, 2>, s<2, 2>, 4, periodic>();   // the kernel is wider than the box
}
TEST_CASE("laws/convolutions: three axes") {
  check<s<2, 5, 4, 6>, 3, s<3, 3, 3>, s<1, 1, 1>, s<1, 1, 1>, s<1, 1, 1>, s<1, 1, 1>>();
  check<s<1, 6, 5, 7>, 8, s<2, 3, 1>, s<1, 2, 3>, s<2, 1, 1>, s<0, 1, 0>, s<1, 1, 0>>(1);
  check<s<2, 4, 5, 3>, 2, s<3, 3, 3>, s<1, 2, 1>, s<1, 1, 1>, s<1, 1, 1>, s<1, 1, 1>, 2, periodic>();
}
TEST_CASE("laws/convolutions: many channels, where products may be fewer than a direct sum's") {
  check<s<33, 7, 9>, 32, s<3, 3>, s<1, 1>, s<1, 1>, s<1, 1>, s<1, 1>>(1);
  check<s<32, 6, 5>, 40, s<5, 5>, s<1, 1>, s<1, 1>, s<2, 2>, s<2, 2>, 1, periodic>(1);
}
TEST_CASE("laws/convolutions: an empty batch") { check<s<3, 7, 9>, 4, s<3, 3>, s<1, 1>, s<1, 1>, s<1, 1>, s<1, 1>>(0); }
TEST_CASE("laws/convolutions: maps so large that a batch is copied in pieces") {
  using in = s<1, 150, 170>;
  using ones = s<1, 1>;
  using made = tests::shapes_of<in, 3, s<3, 3>, ones, ones, ones, ones, 1, periodic>;
  using geometry = convolution_of<in, shape_at<made, 0>, s<3, 3>, ones, ones, ones, ones, 1, periodic>;
  check_layout<0, geometry, in, shape_at<made, 0>, shape_at<made, 1>>(7);
}
