// expect: channels, kernel, stride, dilation and groups of a convolution are at least one, padding is zero or more or same
// shows: shape<1, 9, 7>
// cure: a stride of 1 or more: `conv_options{.stride = 1}`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<1, 9, 7>, conv<4, 3, conv_options{.stride = 0}>, flatten, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
