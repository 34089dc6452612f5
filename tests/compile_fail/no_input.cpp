// expect: a network begins with its input; write sequential<input<28, 28>, ...>
// shows: network_without_input<sequential<dense<8>, relu, dense<2> > >
// cure: `sequential<input<16>, dense<8>, relu, dense<2>>`
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<dense<8>, relu, dense<2>>;
int main() { model<net, B> m(cosmoml::key{1}); }
