// expect: no branch has this name; give one a name with named<...>
// shows: place
// cure: `place<"variance">`: one of the names
#include <cosmoml/nn.hpp>
using namespace cosmoml;
using namespace cosmoml::nn;
using outputs = heads<named<"mean", dense<3>>, named<"variance", dense<3>>>;
constexpr auto where = outputs::place<"sd">(extents{6});   // wrong
int main() {}
