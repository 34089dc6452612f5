// expect: upsample takes (channels, one to three spatial axes) and factors of at least one
// shows: shape<12>
// cure: `reshape<3, 2, 2>` before `upsample` makes an image of the features
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<12>, upsample<2>, flatten, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
