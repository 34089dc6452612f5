// expect: the groups of a convolution must divide the channels that come in and those that go out
// shows: after<0, relu>, shape<3, 5, 5>
// cure: three channels make no two groups: `.groups = 1`, or an even number of channels before it
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 5, 5>, relu, conv<8, 3, conv_options{.groups = 2}>, relu>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
