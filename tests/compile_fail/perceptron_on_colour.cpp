// expect: the multi-resolution perceptron takes one image
// shows: shape<3, 32, 32>
// cure: one image per perceptron: `slice<0, 1>` before it takes the first channel; `parallel` joins the perceptrons of several
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/wavelet/multi_resolution_perceptron.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 32, 32>, cosmoml::wavelet::multi_resolution_perceptron<224>, flatten, dense<10>>;
int main() { model<net, B> m(cosmoml::key{1}); }
