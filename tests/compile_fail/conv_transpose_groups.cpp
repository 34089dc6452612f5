// expect: conv_transpose takes (channels, one to three spatial axes); its groups divide both numbers of channels, output_padding is below the stride, and padding leaves something over
// shows: shape<3, 5, 4>
// cure: three channels make no two groups: `.groups = 1`, or an even number of channels before it
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml::nn;
using B = cosmoml::backend::reference<float>;
using net = sequential<input<3, 5, 4>, conv_transpose<4, 2, conv_transpose_options{.stride = 2, .groups = 2}>>;
int main() {
  model<net, B> m(cosmoml::key{1});
  m.forward();
  m.backward();
}
