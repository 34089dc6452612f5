// SPDX-License-Identifier: BSL-1.0
// One of several translation units that use a network.
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>

using namespace cosmoml;
using net = nn::sequential<nn::input<4>, nn::dense<100>, nn::relu, nn::dense<60>, nn::relu, nn::dense<2>>;
using trained = nn::model<net, backend::native<float>>;
using predictor = nn::model<net, backend::native<float>, mode::inference>;
#ifdef COSMOML_BENCHMARK_EXTERN
extern template class cosmoml::nn::model<net, backend::native<float>>;
extern template class cosmoml::nn::model<net, backend::native<float>, mode::inference>;
#endif

float use(trained& m, predictor& p, const ndarray<float>& x) {
  m.load(x);
  m.forward();
  m.backward();
  p.set_canonical_parameters(m.canonical_parameters());
  return p.predict(x)[0];
}
