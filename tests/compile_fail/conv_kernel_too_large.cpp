// expect: the kernel of the convolution is larger than the padded map
// shows: shape<8, 2, 2>
// cure: `.padding = same` in the first convolution, or no pooling between: 5 x 5 becomes 3 x 3, then 2 x 2, where no 3 x 3 kernel fits
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 5, 5>, conv<8, 3>, max_pool<2, spatial_pool_options{.ceil = true}>, conv<8, 3>, relu>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
