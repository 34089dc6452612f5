// expect: no layer has this name; give one a name with named<"...", layer>
// shows: layer
// cure: the name that the layer has, or `named<"...", layer>` around it
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<4>, named<"drop", dense<8>>, relu, dense<2>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.layer<"drp">();   // wrong
}
