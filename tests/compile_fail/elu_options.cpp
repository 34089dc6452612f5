// expect: the alpha of elu, to whose negative it tends, is zero or more
// shows: shape<5>
// cure: an alpha of zero or more: `elu_options{.alpha = 1}`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<7>, dense<5>, elu<elu_options{.alpha = -0.5}>, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
