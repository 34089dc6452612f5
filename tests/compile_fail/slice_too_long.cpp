// expect: slice<begin, count> takes elements along the first axis, of which there must be at least begin + count
// shows: at<1, slice<60, 5> >, after<0, dense<64> >, shape<64>
// cure: `slice<60, 4>`: the second number is a count, not an end
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<6>, dense<64>, slice<60, 5>, dense<2>>;
int main() { model<net, B> m(cosmoml::key{1}); }
