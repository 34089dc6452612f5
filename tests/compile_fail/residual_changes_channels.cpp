// expect: the body and the shortcut of residual must give the same shape
// shows: at<1, residual
// cure: `residual<conv<16, 3, conv_options{.padding = 1}>, conv<16, 1>>`: a shortcut to as many channels
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<8, 6, 6>, relu, residual<conv<16, 3, conv_options{.padding = 1}>>, global_average_pool, dense<2>>;
int main() { model<net, B> m(cosmoml::key{1}); }
