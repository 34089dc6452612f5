// expect: dense takes one axis per sample; put flatten before it
// shows: at<1, dense<8> >, after<0, relu>, shape<4, 9>
// cure: `flatten` inside the branch, before its `dense`; the error names the branch
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<4, 9>, parallel<join::concatenate, relu, sequential<relu, dense<8>>>, flatten, dense<2>>;
int main() { model<net, B> m(cosmoml::key{1}); }
