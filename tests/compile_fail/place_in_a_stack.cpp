// expect: stacked branches lie in one another and have no place of their own
// shows: place
// cure: `join::concatenate` or `heads`, whose branches lie one after the other
#include <cosmoml/nn.hpp>
using namespace cosmoml;
using namespace cosmoml::nn;
using outputs = parallel<join::stack, named<"mean", dense<3>>, named<"variance", dense<3>>>;
constexpr auto where = outputs::place<"mean">(extents{6});   // wrong
int main() {}
