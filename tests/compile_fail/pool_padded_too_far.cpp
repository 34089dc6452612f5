// expect: window and stride of a pooling are at least one, and its padding is at most half the window
// shows: shape<1, 9, 7>
// cure: padding of 1 at most for a window of 2, or `pad` before the pooling
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<1, 9, 7>, max_pool<2, spatial_pool_options{.padding = 2}>, flatten, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
