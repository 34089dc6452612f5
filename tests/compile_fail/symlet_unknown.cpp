// expect: symlet<N> is known for N from 2 to 20
// shows: symlet<1>
// cure: `haar` is the shortest of all; `symlet<2>` the shortest of these
#include <cosmoml/wavelet.hpp>
using namespace cosmoml;
const wavelet::symlet<1> filters;   // wrong
int main() {}
