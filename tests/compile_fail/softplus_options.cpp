// expect: the beta of softplus is above zero
// shows: shape<5>
// cure: a beta above zero, larger for a sharper bend: `softplus_options{.beta = 2}`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<7>, dense<5>, softplus<softplus_options{.beta = -0.5}>, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
