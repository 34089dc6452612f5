// expect: layer_norm takes at most as many axes as the sample has, and epsilon above 0
// shows: shape<12>
// cure: `.axes = 1` (or the default, all axes) for flat features
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<12>, layer_norm<layer_norm_options{.axes = 2}>, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
