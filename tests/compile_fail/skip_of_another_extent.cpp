// expect: the branches of parallel give shapes that cannot be joined
// shows: shape<8, 7, 7>
// cure: an input whose extents the pooling divides, such as 8 x 8: 7 x 7 becomes 3 x 3 and then 6 x 6
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 7, 7>, skip<join::concatenate, conv<8, 1>, sequential<max_pool<2>, upsample<2>>, conv<3, 3>>, relu>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
