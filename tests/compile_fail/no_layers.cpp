// expect: a network has at least one layer behind its input
// shows: sequential<input<8> >
// cure: a layer behind it; `identity` is one that does nothing
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<8>>;
int main() { model<net, B> m(cosmoml::key{1}); }
