// expect: this layer cannot take the shape that the layer before it gives
// shows: at<1, pairs>, after<0, dense<7>
// cure: `dense<8>`: what `output` of the layer takes; a sentence of its own in place of this one is a `mistake` of its own ([concepts](concepts.md#a-layer))
#include <cosmoml/backend/reference.hpp>
#include <cosmoml/nn.hpp>
using namespace cosmoml;
using namespace cosmoml::nn;
struct pairs {   // a layer of a user's, which takes an even number of elements
  static constexpr bool reads_output = false;
  static constexpr extents output(extents in) { return in.rank == 1 && in[0] % 2 == 0 ? extents{in[0] / 2} : extents::broken(); }
  static constexpr auto fields(extents) { return no_fields; }
  template <int Index, class Before, class In>
  using mistake = layer_rejects_its_input<at<Index, pairs>, Before, In>;
  static std::string label() { return "pairs"; }
};
using net = sequential<input<4>, dense<7>, pairs, dense<2>>;
int main() { model<net, backend::reference<float>> m(key{1}); }
