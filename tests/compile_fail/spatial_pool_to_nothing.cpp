// expect: the pooling window is larger than the map and nothing would be left
// shows: shape<8, 2, 2>
// cure: `max_pool<2>`: after the convolution the map is 2 x 2
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 4, 4>, conv<8, 3>, max_pool<3>, flatten, dense<2>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
