// SPDX-License-Identifier: BSL-1.0
// The three passes of a convolution as native<float> makes them, as a direct sum in float, and how far either is from a direct sum in double
// of the same numbers. Inputs, weights and gradients are uniform in (-1, 1), as floats.
#pragma once
#include "support/worse.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <cmath>

namespace tests {

using namespace cosmoml;

// Maps of `Axes` axes of extent E, kernel K everywhere, padding K / 2, stride 1.
template <int In, int Out, int Axes, int E, int K>
struct convolution_case {
  static constexpr int half = K / 2;
  template <int C>
  using map = std::conditional_t<Axes == 2, shape<C, E, E>, shape<C, E, E, E>>;
  template <int N>
  using each = std::conditional_t<Axes == 2, shape<N, N>, shape<N, N, N>>;
  using in = map<In>;
  using out = map<Out>;
  using weight = std::conditional_t<Axes == 2, shape<Out, In, K, K>, shape<Out, In, K, K, K>>;
  using geometry = convolution_of<in, out, each<K>, each<1>, each<1>, each<half>, each<half>, 1, edge::zeros>;
};

// Of one convolution: y, dx, dw in canonical order.
struct convolution_passes {
  ndarray<double> result[3];
};
template <class B, class Case, class G>
convolution_passes passes_of_convolution(const ndarray<float>& x, const ndarray<float>& w, const ndarray<float>& dy) {
  using S = typename B::scalar;
  constexpr int request = edge_request{.halo = Case::half, .convolved = true}.code();
  using in = tensor<B, typename Case::in, typename B::template layout<typename Case::in, request>>;
  using out = tensor<B, typename Case::out, typename B::template layout<typename Case::out, request>>;
  using filter = tensor<B, typename Case::weight, typename B::template parameter_layout<role::filter, typename Case::weight>>;
  typename B::context c;
  in from(c, x), dx(c, x);
  out to(c, dy), cotangent(c, dy);
  filter weight(c, w), dw(c, w);
  B::fill(c, dw.view().data, dw.view().storage(), S(0));
  ops::convolution<B, G>(c, from.view(), weight.view(), to.view());
  ops::convolution_input_adjoint<B, G>(c, weight.view(), cotangent.view(), dx.view());
  ops::convolution_weight_adjoint<B, G>(c, from.view(), cotangent.view(), dw.view());
  const auto doubles = [](const ndarray<S>& v) {
    ndarray<double> d(v.size());
    for (index_t i = 0; i < v.size(); ++i) d[i] = double(v[i]);
    return d;
  };
  return {{doubles(to.to_host(c)), doubles(dx.to_host(c)), doubles(dw.to_host(c))}};
}

// max|error| / rms of y, dx and dw, as the plan makes them and as direct sums, mean of `keys` draws: the largest of many errors scatters.
struct convolution_errors {
  double planned[3] = {}, direct[3] = {};
};
template <class Case>
convolution_errors errors_of_convolution(index_t batch, int keys) {
  using G = typename Case::geometry;
  using single = backend::native<float>;
  convolution_errors e;
  for (int k = 0; k < keys; ++k) {
    const auto noise = [&](index_t rows, index_t columns, std::uint64_t stream) {
      ndarray<float> v(rows, columns);
      for (index_t i = 0; i < v.size(); ++i) v[i] = float(2 * key{17}.fold(std::uint64_t(k)).fold(stream).uniform(std::uint64_t(i)) - 1);
      return v;
    };
    const auto x = noise(batch, Case::in::value.size(), 1), w = noise(1, Case::weight::value.size(), 2), dy = noise(batch, Case::out::value.size(), 3);
    const auto truth = passes_of_convolution<backend::native<double>, Case, direct_sum<G>>(x, w, dy);
    const auto error = [&](const ndarray<double>& found, int p) {
      double worst = 0, square = 0;
      for (index_t i = 0; i < found.size(); ++i) {
        const double t = truth.result[p][i], d = std::abs(found[i] - t);
        worst = tests::worse(worst, d);
        square += t * t;
      }
      return worst / std::sqrt(square / double(found.size()));
    };
    const auto planned = passes_of_convolution<single, Case, G>(x, w, dy), direct = passes_of_convolution<single, Case, direct_sum<G>>(x, w, dy);
    for (int p = 0; p < 3; ++p) {
      e.planned[p] += error(planned.result[p], p) / keys;
      e.direct[p] += error(direct.result[p], p) / keys;
    }
  }
  return e;
}

}
