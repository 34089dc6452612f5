// expect: reshape keeps the number of elements
// shows: at<1, reshape<8, 9> >, after<0, dense<64> >, shape<64>
// cure: `reshape<8, 8>`: 64 elements
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<5>, dense<64>, reshape<8, 9>, flatten, dense<2>>;
int main() { model<net, B> m(cosmoml::key{1}); }
