// expect: give pack one array for each input of the network
// shows: pack
// cure: `pack<data>(images, radii)`: the arrays in the order of `inputs<...>`
#include <cosmoml/nn.hpp>
using namespace cosmoml;
using namespace cosmoml::nn;
using data = inputs<named<"image", input<1, 4, 3>>, named<"radius", input<2>>>;
int main() {
  const ndarray<float> images(5, 1, 4, 3);
  return int(pack<data>(images).size());   // wrong
}
