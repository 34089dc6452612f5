// expect: daubechies<N> is known for N from 1 to 20
// shows: daubechies<21>
// cure: 20 at most
#include <cosmoml/wavelet.hpp>
using namespace cosmoml;
const wavelet::daubechies<21> filters;   // wrong
int main() {}
