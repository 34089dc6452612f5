// expect: gaussian_sample takes a flat sample of means and then as many log variances
// shows: shape<5>
// cure: `dense<6>` before it for three latents: three means, three log variances
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<7>, dense<5>, gaussian_sample, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
