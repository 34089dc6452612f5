// expect: the branches of parallel give shapes that cannot be joined
// shows: after<0, relu>, shape<6>
// cure: `join::concatenate` for branches of different widths, or the same width in both
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<6>, relu, parallel<join::stack, dense<4>, dense<5>>, flatten, dense<2>>;
int main() { model<net, B> m(cosmoml::key{1}); }
