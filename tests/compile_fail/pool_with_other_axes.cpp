// expect: a pooling window has one extent for each axis of its input; write 1 for axes that stay
// shows: after<0, relu>, shape<3, 8, 8>
// cure: `max_pool_over<window<1, 2, 2>>`; or `max_pool<2>`, which leaves the channels alone
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 8, 8>, relu, max_pool_over<window<2, 2>>, flatten, dense<2>>;
int main() { model<net, B> m(cosmoml::key{1}); }
