// expect: the rate of dropout is at least 0 and below 1
// shows: shape<7>
// cure: a rate below 1, the share that is dropped: `dropout_options{.rate = 0.5}`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<7>, dropout<dropout_options{.rate = 1}>, dense<5>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
