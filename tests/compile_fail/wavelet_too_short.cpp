// expect: a wavelet transform needs as many axes as its options say (2 by default), long enough for one level; Haar wants 2 elements, dbN wants 4 N - 2
// shows: shape<12>
// cure: `reshape<3, 4>` before it, or `.axes = 1` in its options for one signal
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
#include <cosmoml/wavelet.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<12>, cosmoml::wavelet::transform<cosmoml::wavelet::haar>, flatten, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
}
