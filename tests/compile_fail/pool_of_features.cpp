// expect: max_pool and average_pool take (channels, spatial axes...) with one to three spatial axes and pool over those; max_pool_over<window<...>> pools over any axes
// shows: shape<12>
// cure: `max_pool_over<window<2>>` for features, or `reshape` to an image before it
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<12>, max_pool<2>, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
