// expect: the slope of leaky_relu below zero is itself zero or more
// shows: shape<5>
// cure: a slope of zero or more: `leaky_relu_options{.slope = 0.01}`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<7>, dense<5>, leaky_relu<leaky_relu_options{.slope = -0.5}>, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
