// A batch whose copies leave the cache goes through a convolution in pieces, of which the last is a single sample: that is another algorithm's
// turn, with scratch memory of its own. Results are those of the samples one by one.
#include "support/worse.hpp"

#include <cosmoml/backend/native.hpp>
#include <cosmoml/ops/convolution.hpp>
#include <cosmoml/tensor/tensor.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace cosmoml;

namespace {
template <class S, class Map, class Filter, class G>
void check(index_t batch) {
  using B = backend::native<S>;
  using maps = tensor<B, Map, typename B::template layout<Map, edge_request{.convolved = true}.code()>>;   // no rim: copies are made
  using filter = tensor<B, Filter, typename B::template parameter_layout<role::filter, Filter>>;
  const auto noise = [](index_t rows, index_t columns, std::uint64_t stream) {
    ndarray<S> v(rows, columns);
    for (index_t i = 0; i < v.size(); ++i) v[i] = S(2 * key{5}.fold(stream).uniform(std::uint64_t(i)) - 1);
    return v;
  };
  const auto x = noise(batch, Map::value.size(), 1), dy = noise(batch, Map::value.size(), 2), w = noise(1, Filter::value.size(), 3);
  ndarray<S> y(batch, Map::value.size()), dx(batch, Map::value.size()), dw(Filter::value.size());
  const auto run = [&](index_t first, index_t samples, S* to_y, S* to_dx, filter& gradient) {
    typename B::context c;   // whose scratch memory is as large as these calls ask for, and no larger
    ndarray<S> part(samples, Map::value.size()), other(samples, Map::value.size());
    std::copy_n(x.data() + first * Map::value.size(), part.size(), part.data());
    std::copy_n(dy.data() + first * Map::value.size(), other.size(), other.data());
    maps from(c, part), cotangent(c, other), result(c, part), back(c, part);
    filter weight(c, w);
    ops::convolution<B, G>(c, from.view(), weight.view(), result.view());
    ops::convolution_input_adjoint<B, G>(c, weight.view(), cotangent.view(), back.view());
    ops::convolution_weight_adjoint<B, G>(c, from.view(), cotangent.view(), gradient.view());
    const auto got = result.to_host(c), got_back = back.to_host(c);
    std::copy_n(got.data(), got.size(), to_y + first * Map::value.size());
    std::copy_n(got_back.data(), got_back.size(), to_dx + first * Map::value.size());
  };
  typename B::context c;
  const ndarray<S> nothing(1, Filter::value.size());
  filter together(c, nothing), apart(c, nothing);
  run(0, batch, y.data(), dx.data(), together);
  ndarray<S> single_y(batch, Map::value.size()), single_dx(batch, Map::value.size());
  for (index_t n = 0; n < batch; ++n) run(n, 1, single_y.data(), single_dx.data(), apart);
  const auto near = [](const ndarray<S>& a, const ndarray<S>& b) {
    double worst = 0, square = 0;
    for (index_t i = 0; i < a.size(); ++i) {
      const double off = std::abs(double(a[i]) - double(b[i]));
      worst = tests::worse(worst, off);
      square += double(b[i]) * double(b[i]);
    }
    CHECK(worst < (sizeof(S) == 4 ? 2e-4 : 1e-11) * std::sqrt(square / double(a.size())));
  };
  near(y, single_y);
  near(dx, single_dx);
  near(together.to_host(c), apart.to_host(c));
}
template <int C, int E, edge Edge>
using geometry = convolution_of<shape<C, E, E, E>, shape<C, E, E, E>, shape<3, 3, 3>, shape<1, 1, 1>, shape<1, 1, 1>, shape<1, 1, 1>, shape<1, 1, 1>, 1, Edge>;
}

TEST_CASE("backend/pieces: the last piece of a batch is small") {
  for (index_t batch : {16, 11, 21}) {
    check<double, shape<16, 16, 16, 16>, shape<16, 16, 3, 3, 3>, geometry<16, 16, edge::zeros>>(batch);
    check<double, shape<16, 16, 16, 16>, shape<16, 16, 3, 3, 3>, geometry<16, 16, edge::periodic>>(batch);
  }
  for (index_t batch : {23, 34}) check<float, shape<16, 16, 16, 16>, shape<16, 16, 3, 3, 3>, geometry<16, 16, edge::periodic>>(batch);
}
