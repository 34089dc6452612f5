// expect: fit takes a loss such as nn::cross_entropy{}; see nn/loss.hpp
// shows: optim::adam
// cure: the loss goes before the optimiser: `train::fit(m, data, nn::cross_entropy{}, optim::adam{})`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/optim.hpp>
#include <cosmoml/train.hpp>
using namespace cosmoml;
using namespace cosmoml::nn;
int main() {
  const ndarray<float> x(8, 2);
  const std::vector<int> y(8);
  model<sequential<input<2>, dense<3>>, backend::reference<float>> m(key{1});
  train::fit(m, train::pair_up(x, y), optim::adam{}, optim::adam{});   // wrong
}
