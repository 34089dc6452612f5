// expect: biorthogonal<R, D> is known for 1,1
// shows: biorthogonal<2, 3>
// cure: `biorthogonal<2, 4>`: the two numbers are both even or both odd, in one of the pairs listed
#include <cosmoml/wavelet.hpp>
using namespace cosmoml;
const wavelet::biorthogonal<2, 3> filters;   // wrong
int main() {}
