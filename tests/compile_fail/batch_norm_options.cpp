// expect: batch_norm takes momentum from 0 to 1, epsilon above 0 and at least one domain
// shows: shape<8, 5, 5>
// cure: a momentum of 0 to 1: the share of the new batch, as in PyTorch (Keras' 0.99 is `.momentum = 0.01` here)
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 5, 5>, conv<8, 1>, batch_norm<batch_norm_options{.momentum = 1.5}>, relu>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
