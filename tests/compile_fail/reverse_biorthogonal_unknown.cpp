// expect: reverse_biorthogonal<R, D> is known for the numbers for which biorthogonal<R, D> is
// shows: reverse_biorthogonal<3, 2>
// cure: `reverse_biorthogonal<3, 3>`: the two numbers are both even or both odd, in one of the pairs of `biorthogonal`
#include <cosmoml/wavelet.hpp>
using namespace cosmoml;
const wavelet::reverse_biorthogonal<3, 2> filters;   // wrong
int main() {}
