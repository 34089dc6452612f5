// expect: conv takes (channels, spatial axes...) with one to three spatial axes; it cannot follow flatten or dense
// shows: after<0, flatten>, shape<75>
// cure: `flatten` behind the last convolution, not before it
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 5, 5>, flatten, conv<8, 3>, relu>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
