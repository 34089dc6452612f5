// expect: global pooling takes (channels, spatial axes...); this input has channels only
// shows: shape<5>
// cure: global pooling goes before `flatten` and `dense`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<7>, dense<5>, global_average_pool>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
