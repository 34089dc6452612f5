// expect: pad takes (channels, one to three spatial axes) and borders of zero or more elements
// shows: shape<12>
// cure: `reshape<3, 2, 2>` before `pad` makes an image of the features
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<12>, pad<1>, flatten, dense<3>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
