// expect: the network has no input of this name; from takes the inputs that the network begins with and one of their names
// shows: radios
// cure: `from<data, "radius">`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using data = inputs<named<"image", input<1, 4, 3>>, named<"radius", input<2>>>;
using net = sequential<data, merge<join::concatenate, sequential<from<data, "image">, flatten>, from<data, "radios">>, dense<6>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
}
