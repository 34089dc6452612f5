// expect: the pooling window is larger than the input and would drop all of it
// shows: after<0, relu>, shape<4, 2>
// cure: `window<2, 2>`, or `window<1, 2>` where an axis should stay
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<4, 2>, relu, max_pool_over<window<2, 3>>, flatten, dense<2>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
