// SPDX-License-Identifier: BSL-1.0
#include <cosmoml/backend/native.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>

using namespace cosmoml;
using namespace cosmoml::nn;
using net = sequential<input<2>, dense<32>, relu, dense<2>>;

int main() {
  ndarray<float> points(1000, 2);   // of the unit square: which of them lie in the quarter circle?
  std::vector<int> inside;
  for (index_t i = 0; i < points.rows(); ++i) {
    float* p = points.row(i);
    for (int a : {0, 1}) p[a] = float(key{1}.fold(a).uniform(i));
    inside.push_back(p[0] * p[0] + p[1] * p[1] < 1);
  }
  model<net, backend::native<float>> m(key{2});
  train::fit(m, train::pair_up(points, inside), cross_entropy{}, optim::adam{{.learning_rate = 1e-2}}, {.epochs = 50});
  const double accuracy = train::confusion(inside, train::most_likely(m.predict(points)), 2).accuracy();
  std::printf("%saccuracy %.3f\n", m.summary().c_str(), accuracy);
  return accuracy > 0.95 ? 0 : 1;
}
