// expect: the body and the shortcut of residual must give the same shape
// shows: after<0, relu>, shape<4, 6, 6>
// cure: `residual<body, conv<4, 1, conv_options{.stride = 2}>>`: a shortcut with the same stride
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<4, 6, 6>, relu, residual<sequential<conv<4, 3, conv_options{.stride = 2, .padding = 1}>, relu>>, flatten, dense<2>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
